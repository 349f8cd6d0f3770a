"""Head-only training on features that are computed once."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace

import pytest
import torch

from classifier.data import load
from classifier.data.augment import Augment
from classifier.data.dataset import Dataset
from classifier.data.load import Images
from classifier.models.build import build, head_of
from classifier.models.freezing import freeze_backbone
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, Interrupted
from classifier.training import features
from classifier.training.features import Features, compute, inputs_of, tail_of
from classifier.training.loop import train
from classifier.training.order import generator
from classifier.training.setup import resolved
from tests.classifier.families import FAMILIES
from tests.classifier.training.runs import after, result, same

NORMAL = ([0.5] * 3, [0.25] * 3)


@pytest.fixture(scope="module")
def trained(photographs, tmp_path_factory):
    """A RUN whose weights a head-only training starts from."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    train(photographs, folder, TrainConfig(epochs=1, batch_size=8, image_size=32, device="cpu", deterministic=True))
    return folder


@pytest.fixture(scope="module")
def head_only(trained):
    """A small configuration with features computed once."""
    values = {"weights": str(trained), "freeze": "backbone", "features": "once", "epochs": 3, "batch_size": 8, "image_size": 32}
    return TrainConfig.from_mapping(values | {"device": "cpu", "deterministic": True, "ema": 0.9, "optimizer": "sgd"})


@pytest.fixture(scope="module")
def uncut(photographs, head_only, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uncut") / "run"
    train(photographs, folder, head_only)
    return folder


@pytest.mark.parametrize(("name", "side"), FAMILIES)
def test_the_tail_of_a_network_gives_its_logits_from_its_features(name, side):
    model = build(name, 5, image_size=side).eval()
    with torch.no_grad(), inputs_of(head_of(model)[1]) as caught:
        logits = model(torch.rand(2, 3, side, side))
        assert torch.equal(tail_of(model)(caught[0]), logits)


@pytest.mark.parametrize(("name", "dropouts"), [("mobilenet_v2", 1), ("googlenet", 1), ("resnet18", 0), ("small_cnn", 1)])
def test_the_dropout_before_the_head_stays_a_part_of_training(name, dropouts):
    assert sum(isinstance(layer, torch.nn.Dropout) for layer in tail_of(build(name, 5, image_size=64))) == dropouts


def test_features_are_what_evaluation_gives_to_the_head(photographs):
    data, model = Dataset.open(photographs), build("small_cnn", 2, image_size=32).eval()
    images = Images(data.pack, data.images, 32, load.evaluated, torch.device("cpu"))
    found = compute(model, images, NORMAL, photographs)
    whole = torch.cat(list(load.eval_batches(data.pack, data.images, 32, 64)))
    wanted = model.features(load.normalise(whole, NORMAL).contiguous(memory_format=torch.channels_last))
    assert torch.equal(next(found.batches([torch.arange(len(data.images))])), wanted)


def test_features_of_the_mirror_image_are_those_of_the_image_mirrored_by_hand(photographs):
    data, model = Dataset.open(photographs), build("small_cnn", 2, image_size=32).eval()
    images = Images(data.pack, data.images, 32, load.evaluated, torch.device("cpu"))
    found = compute(model, images, NORMAL, photographs, mirror=True)
    whole = torch.cat(list(load.eval_batches(data.pack, data.images, 32, 64))).flip(3)
    assert torch.equal(found.mirrored, model.features(load.normalise(whole, NORMAL).contiguous(memory_format=torch.channels_last)))


def test_half_of_the_images_are_seen_as_their_mirror_image_by_chance_alone():
    found = Features(torch.zeros(1000, 2), set(), torch.device("cpu"))
    found.mirrored = torch.ones(1000, 2)
    seen, again = (found.half_mirrored(torch.zeros(1000, 2), torch.arange(1000), generator(0, "augment", 1)) for _ in range(2))
    assert torch.equal(seen, again) and 0.45 < seen[:, 0].mean() < 0.55


def test_features_too_many_for_memory_are_mapped_and_leave_no_file(photographs, tmp_path, monkeypatch):
    data, model = Dataset.open(photographs), build("small_cnn", 2, image_size=32)
    images = Images(data.pack, data.images, 32, load.evaluated, torch.device("cpu"))
    held = compute(model, images, NORMAL, tmp_path)
    monkeypatch.setenv("SYNSET_RESIDENT_MB", "0.001")
    mapped = compute(model, images, NORMAL, tmp_path)
    assert torch.equal(held.values, mapped.values) and not list(tmp_path.iterdir())


def test_each_image_passes_the_backbone_once_however_many_epochs(photographs, tmp_path, head_only, monkeypatch):
    passes = []
    monkeypatch.setattr(features, "normalise", lambda batch, how: passes.append(len(batch)) or load.normalise(batch, how))
    train(photographs, tmp_path / "run", head_only)
    data = Dataset.open(photographs)
    checked = json.loads((tmp_path / "run" / "preflight.json").read_text())["images"]  # two batches, before all
    assert sum(passes) == checked + len(data.indices("train")) + len(data.indices("validation"))


def test_the_head_alone_has_learnt(trained, uncut):
    before, now = (Run.open(folder).load_model("last")[0].state_dict() for folder in (trained, uncut))
    assert {name for name in now if not torch.equal(before[name], now[name])} == {"head.weight", "head.bias"}


def test_the_history_agrees_with_an_evaluation_of_the_whole_network(photographs, uncut):
    from classifier.evaluate import evaluate

    found = evaluate(uncut, split="validation", checkpoint="last", device="cpu")
    row = result(uncut)["history"][-1]
    assert (found["top1"], found["loss"]) == (row["val_top1"], pytest.approx(row["val_loss"], abs=1e-5))


@pytest.mark.parametrize("steps", [4, 5, 7])
def test_a_cut_head_only_training_ends_bit_for_bit_as_an_uncut_one(photographs, tmp_path, head_only, uncut, steps):
    with pytest.raises(Interrupted):
        train(photographs, tmp_path / "run", head_only, should_stop=after(steps))
    train(photographs, tmp_path / "run", head_only)
    assert same(tmp_path / "run", uncut)
    assert result(tmp_path / "run")["test"] == result(uncut)["test"]


def test_a_stop_while_features_are_computed_is_heeded(photographs, tmp_path, head_only):
    with pytest.raises(Interrupted, match="features"):
        train(photographs, tmp_path / "run", head_only, should_stop=after(0))


def test_progress_rises_from_the_features_to_the_test(photographs, tmp_path, head_only, monkeypatch):
    monkeypatch.setattr("classifier.training.progress.TICK_SECONDS", 0.0)
    told = []
    train(photographs, tmp_path / "run", head_only, on_event=told.append)
    seen = [(event["stage"], event["fraction"]) for event in told if event["event"] == "progress"]
    assert {"features", "training", "testing"} <= {stage for stage, _ in seen}
    assert [fraction for _, fraction in seen] == sorted(fraction for _, fraction in seen) and seen[-1][1] == 1.0
    assert any(event["stage"] == "features" and event["eta_seconds"] is not None for event in told if event["event"] == "progress")
    assert max(fraction for stage, fraction in seen if stage == "features") > 0.5


def test_result_json_says_that_nothing_was_augmented(uncut):
    config = result(uncut)["config"]
    assert config["features"] == "once" and config["augment"] == asdict(Augment())


def picked(data, **values):
    """(features, whether mirror images are shown) of a head-only training with those values."""
    config = resolved(Dataset.open(data), TrainConfig.from_mapping({"weights": "w.pth", "freeze": "backbone"} | values))
    return config.features, config.augment["flip"]


def test_a_head_alone_learns_from_features_by_itself_and_from_mirror_images_where_they_suit(photographs, digits):
    assert picked(photographs) == ("once", True) and picked(digits) == ("once", False)
    assert picked(photographs, augment=False) == ("once", False) and picked(photographs, augment={"flip": False}) == ("once", False)


def test_features_asked_for_are_of_the_images_alone_unless_the_mirror_is_asked_for_too(photographs):
    assert picked(photographs, features="once") == ("once", False)
    assert picked(photographs, features="once", augment={"flip": True}) == ("once", True)


@pytest.mark.parametrize(
    "values", [{"features": "each"}, {"augment": {"rotate": 5}}, {"unfreeze": 2}, {"freeze": 2}, {"first_size": 32, "image_size": 64}]
)
def test_what_needs_pixels_in_each_step_gets_them(photographs, values):
    assert picked(photographs, **values)[0] in (None, "each")


def test_many_images_are_seen_anew_in_each_step(photographs, monkeypatch):
    monkeypatch.setattr("classifier.spec.defaults.FEATURES_ONCE", 10)
    assert picked(photographs) == (None, True) and picked(photographs, most_images=10) == ("once", True)


@pytest.fixture(scope="module")
def by_itself(head_only):
    """The same training with nothing said of its features."""
    return replace(head_only, features=None)


def test_that_features_are_computed_once_is_told_and_stands_in_result_json(photographs, tmp_path, by_itself):
    told = []
    train(photographs, tmp_path / "run", by_itself, on_event=told.append)
    said = [event["message"] for event in told if event.get("stage") == "features" and event["event"] == "stage"]
    assert len(said) == 1 and "Only the head learns" in said[0] and "mirror images" in said[0]
    config = result(tmp_path / "run")["config"]
    assert config["features"] == "once" and config["augment"] == asdict(Augment(flip=True))


def test_a_cut_training_on_mirrored_features_ends_bit_for_bit_as_an_uncut_one(photographs, tmp_path, by_itself):
    train(photographs, tmp_path / "uncut", by_itself)
    with pytest.raises(Interrupted):
        train(photographs, tmp_path / "run", by_itself, should_stop=after(5))
    train(photographs, tmp_path / "run", by_itself)
    assert same(tmp_path / "run", tmp_path / "uncut")


def test_a_run_that_began_on_images_goes_on_with_them_and_at_its_rate(photographs, tmp_path, by_itself, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr("classifier.spec.defaults.FEATURES_ONCE", 0)
        before.setattr("classifier.spec.defaults.HEAD_RATE", 1e-4)
        with pytest.raises(Interrupted):
            train(photographs, tmp_path / "run", by_itself, should_stop=after(5))
        began = Run.open(tmp_path / "run").config
    train(photographs, tmp_path / "run", by_itself)
    config = result(tmp_path / "run")["config"]
    assert (config["features"], config["learning_rate"]) == (None, began.learning_rate)


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"features": "once"}, "features", "needs a frozen backbone"),
        ({"features": "once", "freeze": "backbone", "weights": "w.pth", "augment": {"erase": 0.2}}, "augment", "erase cannot be"),
        ({"features": "twice"}, "features", "must be one of once, each"),
    ],
)
def test_what_cannot_be_with_features_once_is_refused_at_its_field(values, field, words):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping(values)
    assert words in caught.value.fields[field]


def test_a_frozen_backbone_keeps_the_tails_layers_its_own():
    model = build("squeezenet1_1", 3, image_size=64)
    freeze_backbone(model)
    assert [parameter.requires_grad for parameter in tail_of(model).parameters()] == [True, True]


def test_the_time_of_the_features_counts_to_the_first_epoch(photographs, tmp_path, head_only, monkeypatch):
    def slow(*args, **how):
        time.sleep(1)
        return compute(*args, **how)

    monkeypatch.setattr("classifier.training.extraction.compute", slow)
    train(photographs, tmp_path / "run", head_only)
    first = result(tmp_path / "run")["history"][0]["seconds"]
    assert first >= 2.0
