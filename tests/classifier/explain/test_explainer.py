"""The loaded network: what it says beside its maps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from classifier.data.load import evaluated
from classifier.explain import Explainer
from classifier.explain.answers import answer, numbers
from classifier.spec.errors import InputError
from classifier.spec.explaining import METHODS
from tests.classifier.explain.networks import made
from tests.classifier.images import picture

CAT = picture(seed=7)


class Source:
    """A network that has learnt nothing."""

    classes, names = ["a", "b", "c"], {"b": "bee"}
    normalisation = [0.5] * 3, [0.25] * 3
    eval_size, tta = 32, None
    prepare = staticmethod(evaluated)

    def load_model(self, checkpoint="best", *, raw=False):
        return made("small_cnn", 32), 4


@pytest.fixture(scope="module")
def explainer():
    return Explainer(Source(), device="cpu")


def test_its_probabilities_are_those_of_a_prediction(explainer):
    told = answer(explainer, "a.png", CAT, {"about": "why", "method": "occlusion"})
    (predicted,) = explainer.predict([("a.png", CAT)])
    for mine, theirs in zip(told["top"], predicted["top"], strict=True):
        assert mine["label"] == theirs["label"] and mine["probability"] == pytest.approx(theirs["probability"], abs=1e-5)


def test_a_synset_id_comes_with_its_readable_name(explainer):
    assert answer(explainer, "a.png", CAT, {"about": "why", "label": "b"})["name"] == "bee"


def test_integrated_gradients_take_more_steps_where_few_do_not_add_up(explainer, monkeypatch):
    few = answer(explainer, "a.png", CAT, {"about": "why", "method": "integrated"})
    monkeypatch.setattr("classifier.explain.explainer.EXACT", 0.0)
    many = answer(explainer, "a.png", CAT, {"about": "why", "method": "integrated"})
    assert (few["nodes"], many["nodes"]) == (24, 72) and many["sum"] == pytest.approx(many["difference"], rel=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_a_network_that_gives_no_numbers_is_told_as_one(method):
    broken = Explainer(Source(), device="cpu")
    for weights in broken.model.parameters():
        nn.init.constant_(weights, torch.nan)
    with pytest.raises(InputError, match="are no numbers"):
        answer(broken, "a.png", CAT, {"about": "why", "method": method})


def test_of_a_fine_map_means_are_told_and_of_a_coarse_one_its_own_numbers():
    assert numbers(torch.ones(64, 64)) == [[1.0] * 32] * 32 and numbers(torch.eye(2)) == [[1, 0], [0, 1]]


def test_layers_of_the_newest_image_are_kept_and_of_another_one_are_not(explainer):
    one, other = explainer.seen("a.png", CAT), explainer.seen("b.png", picture(seed=1007))
    kept = explainer.layers(one)
    assert explainer.layers(one) is kept and explainer.layers(other) is not kept and explainer.layers(other)[0].name == kept[0].name


def test_what_runs_twice_is_excited_where_it_runs_the_second_time():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 3, 1), nn.Linear(3, 3)

        def forward(self, images):
            return self.head(self.conv(self.conv(images)).mean((2, 3)))

    class Doubled(Source):
        def load_model(self, checkpoint="best", *, raw=False):
            return Twice().eval(), 1

    twice = Explainer(Doubled(), device="cpu")
    image = twice.seen("a.png", CAT)
    first, second = (twice.looks_for(twice.layer(image, name), 0) for name in ("conv", "conv (2)"))
    assert not torch.equal(first[0], second[0]) or first[1] != second[1]


def test_weights_by_themselves_are_no_layer_to_be_excited():
    class Tokens(Source):
        def load_model(self, checkpoint="best", *, raw=False):
            return made("tiny_vit", 32), 1

    explainer = Explainer(Tokens(), device="cpu")
    token = explainer.layer(explainer.seen("a.png", CAT), "class_token")
    with pytest.raises(InputError, match="weights by themselves"):
        explainer.looks_for(token, 0)
    assert answer(explainer, "a.png", CAT, {"about": "layer", "layer": "class_token"})["weights"][0]["shape"] == [1, 1, 32]
