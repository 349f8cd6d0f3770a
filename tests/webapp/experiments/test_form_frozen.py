"""The form's picture of what is frozen: by the values that stand in it, with the engine's own rule."""

from __future__ import annotations

import pytest

from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from tests.webapp.experiments.kit import dataset_of
from webapp.experiments.forms import LaunchForm
from webapp.experiments.frozen import numbers, picture, short


def drawn(**values):
    return picture(TrainConfig(**{"model": "resnet18", "epochs": 20, **values}), 10)


def states(**values):
    return [(stage.state, stage.words) for stage in drawn(**values).stages]


def test_the_row_goes_from_the_image_to_a_head_for_the_datasets_classes():
    stages = drawn().stages
    assert [stage.name for stage in stages] == ["conv1", "layer1", "layer2", "layer3", "layer4", "head"]
    assert (stages[1].size, stages[-1].size) == ("148 k", "5.13 k")


def test_without_freezing_everything_learns():
    assert set(states()) == {("learns", "learns")}
    assert drawn().summary == "All 5 stages and the head learn: 11.2 M numbers."


def test_frozen_stages_are_those_next_to_the_image():
    assert [state for state, _ in states(freeze=0.5)] == ["frozen", "frozen", "learns", "learns", "learns", "learns"]
    assert drawn(freeze=0.5).summary.startswith("2 of 5 stages stay as the weights have them: 158 k of 11.2 M numbers (1 %)")


def test_a_frozen_backbone_leaves_the_head_alone():
    assert [state for state, _ in states(freeze="backbone")] == ["frozen"] * 5 + ["learns"]


def test_thawing_stages_tell_their_epoch_and_those_after_the_end_stay_frozen():
    assert states(freeze=4, unfreeze=6) == [
        ("frozen", "frozen"), ("thaws", "epoch 19 on"), ("thaws", "epoch 13 on"), ("thaws", "epoch 7 on"),
        ("learns", "learns"), ("learns", "learns"),
    ]  # fmt: skip
    assert "thaw from the last on, beginning in epoch 7." in drawn(freeze=4, unfreeze=6).summary
    assert "the first in epoch 9" in drawn(freeze=4, unfreeze=2).summary
    assert "None thaws within 20 epochs" in drawn(freeze=4, unfreeze=30).summary


def test_a_fine_tuning_lets_everything_learn_after_the_head_alone_did():
    assert states(freeze="backbone", finetune=5) == [("thaws", "epoch 16 on")] * 5 + [("learns", "learns")]
    assert drawn(freeze="backbone", finetune=5).summary.endswith("From epoch 16 on all of the network learns, from the best head so far.")
    assert drawn(freeze="backbone", finetune=20).summary.startswith("All 5 stages stay as the weights have them")  # refused at its field


def test_rates_fall_with_the_depth():
    assert [stage.rate for stage in drawn(freeze=1, layer_decay=0.5).stages] == [
        "", "rate × 0.062", "rate × 0.12", "rate × 0.25", "rate × 0.5", "rate × 1",
    ]  # fmt: skip


def test_more_stages_than_there_are_have_no_picture():
    assert drawn(freeze=6) is None


@pytest.mark.parametrize("model", MODELS)
def test_every_network_has_its_picture(model):
    found = drawn(model=model, freeze=0.5, layer_decay=0.7)
    assert found is not None and all(stage.name and stage.size for stage in found.stages)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("encoder.layers.encoder_layer_3", "layer 3"),
        ("features.denseblock1", "denseblock1"),
        ("features.4", "features 4"),
        ("conv1", "conv1"),
    ],
)
def test_names_are_cut_to_what_tells_stages_apart(name, words):
    assert short(name) == words


@pytest.mark.parametrize(("size", "words"), [(999, "999"), (147_968, "148 k"), (11_689_512, "11.7 M"), (644_812_894, "645 M")])
def test_counts_are_short(size, words):
    assert numbers(size) == words


def test_the_picture_follows_the_form_also_while_other_fields_are_wrong(signed_in, editor, actor_of):
    texts = LaunchForm.starting(actor_of(editor), {}, dataset_of(editor).id, "").texts
    wanted = {**texts, "model": "resnet18", "freeze": "0.75", "unfreeze": "2", "layer_decay": "0.8", "epochs": "10", "learning_rate": "-1"}
    told = signed_in(editor).post("/experiments/preview/", wanted).json()["frozen"]
    assert "epoch 3 on" in told and "rate × 0.8" in told and told.count('class="stage ') == 6


def test_the_page_opens_with_its_picture(signed_in, editor):
    dataset_of(editor)
    assert "stages and the head learn" in signed_in(editor).get("/experiments/new/").content.decode()
