"""The whole network learns for the last epochs, after its head alone did, and is kept where validation is better."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from classifier.run import Run, manifest
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import filled
from classifier.spec.errors import ConfigError, Interrupted
from classifier.spec.schedules import share, words
from classifier.training.finetuning import beginning, verdict
from classifier.training.loop import train
from tests.classifier.training.runs import after, alone, result, same

HEAD, WHOLE = 2, 2


@pytest.fixture(scope="module")
def source(photographs, tmp_path_factory):
    """A RUN whose weights the trainings here start from."""
    folder = tmp_path_factory.mktemp("source") / "run"
    train(photographs, folder, TrainConfig(epochs=1, batch_size=8, image_size=32, device="cpu", deterministic=True))
    return folder


@pytest.fixture(scope="module")
def tuned(source):
    """Two epochs of the head on features, then two of all of the network."""
    values = {"weights": str(source), "freeze": "backbone", "epochs": HEAD + WHOLE, "finetune": WHOLE, "batch_size": 8, "image_size": 32}
    return TrainConfig.from_mapping(values | {"device": "cpu", "deterministic": True, "ema": 0.9})


@pytest.fixture(scope="module")
def uncut(photographs, tuned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uncut") / "run"
    train(photographs, folder, tuned)
    return folder


def state(run, epoch):
    """The weights that were learnt after that epoch."""
    entry = next(entry for entry in manifest(run) if entry["epoch"] == epoch and entry["whole"])
    return torch.load(run / "checkpoints" / entry["file"], weights_only=True)["model"]


def test_the_head_learns_alone_then_everything_does(source, uncut):
    before, head, last = Run.open(source).load_model("best")[0].state_dict(), state(uncut, HEAD), state(uncut, HEAD + WHOLE)
    assert {name for name in head if not torch.equal(before[name], head[name])} == {"head.weight", "head.bias"}
    assert all(not torch.equal(head[name], last[name]) for name in head if name.endswith("weight"))
    assert all(torch.equal(head[name], last[name]) for name in head if "running" in name)  # the norms' statistics stay


def test_the_head_learns_from_features_and_the_whole_from_augmented_images(uncut):
    config = result(uncut)["config"]
    assert config["features"] == "once" and config["augment"]["crop"] == 0.35 and config["augment"]["flip"]


def test_fine_tuning_begins_at_the_best_head_and_says_so(photographs, tuned, tmp_path):
    told = []
    train(photographs, tmp_path / "run", tuned, on_event=told.append)
    said = next(event["message"] for event in told if event.get("stage") == "finetuning")
    found = result(tmp_path / "run")["finetuned"]
    assert f"from the head of epoch {found['from_epoch']} on the whole network learns for 2 epochs" in said
    assert any(event["event"] == "log" and event["message"].startswith("Fine-tuning was") for event in told)


def test_result_json_tells_what_came_of_it(uncut):
    found = result(uncut)
    rows = found["history"]
    best = max(rows, key=lambda row: (row["val_top1"], -row["val_loss"]))["epoch"]
    told = found["finetuned"]
    assert found["best_epoch"] == best and told["kept"] == (best > HEAD) and told["from_epoch"] <= HEAD
    assert told["learning_rate"] == found["config"]["finetune_rate"] and told["layer_decay"] == 0.75 and told["epochs"] == WHOLE


@pytest.mark.parametrize(("last", "words"), [(1, "learns for 1 epoch at"), (2, "learns for 2 epochs at")])
def test_one_epoch_is_said_in_the_singular(last, words):
    assert words in beginning(3, TrainConfig(finetune=last, finetune_rate=1e-4))


@pytest.mark.parametrize(("kept", "words"), [(True, "was better than the head of epoch 3"), (False, "the head of epoch 3 is kept")])
def test_the_verdict_names_the_head_it_was_compared_with(kept, words):
    assert words in verdict({"kept": kept, "from_epoch": 3})["message"]


def test_the_nearer_to_the_image_the_slower_a_stage_learns(uncut):
    groups = torch.load(uncut / "checkpoints" / manifest(uncut)[-1]["file"], weights_only=True)["optimizer"]["param_groups"]
    shares = sorted({group["share"] for group in groups})
    assert shares[-1] == 1.0 and shares[-2] == pytest.approx(0.75) and len(shares) > 3


@pytest.mark.parametrize("asked", [3, 5, 6, 9, 11, 12])  # among features, in the head's epochs, between the two, in the whole's
def test_a_cut_training_ends_bit_for_bit_as_an_uncut_one(photographs, tmp_path, tuned, uncut, asked):
    with pytest.raises(Interrupted):
        train(photographs, tmp_path / "run", tuned, should_stop=after(asked))
    train(photographs, tmp_path / "run", tuned)
    assert same(tmp_path / "run", uncut)
    measured = {"history": 0, "speed": 0}  # by the clock
    assert {**result(tmp_path / "run"), **measured} == {**result(uncut), **measured}


def test_a_kill_between_head_and_whole_changes_nothing(photographs, tmp_path, tuned, uncut):
    assert alone(photographs, tmp_path / "run", tuned, f"epoch_start@{HEAD + 1}:kill").returncode == -9
    train(photographs, tmp_path / "run", tuned)
    assert same(tmp_path / "run", uncut)


def test_progress_rises_through_both_to_its_end(photographs, tmp_path, tuned, monkeypatch):
    monkeypatch.setattr("classifier.training.progress.TICK_SECONDS", 0.0)
    told = []
    train(photographs, tmp_path / "run", tuned, on_event=told.append)
    seen = [event["fraction"] for event in told if event["event"] == "progress"]
    assert seen == sorted(seen) and seen[-1] == 1.0
    ends = {event["epoch"]: event["fraction"] for event in told if event["event"] == "progress" and event["stage"] == "training"}
    assert ends[HEAD] < 0.5 < ends[HEAD + WHOLE]  # most of the work is of the whole network


def test_early_stopping_goes_by_the_fine_tuning_alone(photographs, tmp_path, tuned):
    train(photographs, tmp_path / "run", replace(tuned, early_stopping=1, min_change=100.0))
    assert [row["epoch"] for row in result(tmp_path / "run")["history"]] == [1, 2, 3, 4]


def test_a_training_that_is_asked_to_finish_is_not_fine_tuned(photographs, tmp_path, tuned):
    train(photographs, tmp_path / "run", tuned, should_finish=lambda: True)
    found = result(tmp_path / "run")
    assert len(found["history"]) == 1 and found["finetuned"] is None


def test_without_features_the_head_learns_from_images_first(photographs, tmp_path, tuned):
    train(photographs, tmp_path / "run", replace(tuned, features="each"))
    assert result(tmp_path / "run")["finetuned"]["epochs"] == WHOLE


def test_the_rate_has_a_cosine_for_the_head_and_a_lower_one_for_the_whole():
    values = {"weights": "w.pth", "freeze": "backbone", "epochs": 10, "finetune": 4, "learning_rate": 0.01, "finetune_rate": 0.001}
    config = filled(TrainConfig.from_mapping(values))
    rates = [0.01 * share(config, step, 10) for step in range(100)]
    assert max(rates[:60]) == pytest.approx(0.01) and max(rates[60:]) == pytest.approx(0.001)
    assert rates[59] < 1e-4 and rates[60] < 3e-4 and rates[99] < 1e-5
    assert "all of the network for the last 4 epochs, up to 0.001" in words(config)


def test_the_rate_is_picked_as_for_a_whole_network():
    values = {"weights": "w.pth", "epochs": 10, "model": "resnet18"}
    whole = filled(TrainConfig.from_mapping(values))
    assert filled(TrainConfig.from_mapping(values | {"freeze": "backbone", "finetune": 4})).finetune_rate == whole.learning_rate


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("multi_step", {"milestones": [3.0, 4.5]}),
        ("step", {"decay_epochs": 2.0}),
        ("plateau", {"decay_epochs": 1.0}),
        ("exponential", {"decay_factor": 0.426216}),
    ],
)
def test_what_a_schedule_leaves_open_is_picked_for_the_heads_epochs(schedule, expected):
    config = TrainConfig(weights="w.pth", freeze="backbone", epochs=20, finetune=14, warmup_epochs=0.6, schedule=schedule)
    found = filled(config)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"finetune": 2}, "finetune", "set freeze to backbone"),
        ({"finetune": 2, "freeze": 2}, "finetune", "follows a training of the head alone"),
        ({"finetune": 5, "freeze": "backbone"}, "finetune", "must be fewer than all 5 epochs"),
        ({"finetune": 2, "freeze": "backbone", "swa_from": 2}, "swa_from", "cannot be with fine-tuning"),
        ({"finetune": 2, "freeze": "backbone", "warmup_epochs": 3}, "warmup_epochs", "training of 3 epochs"),
        ({"finetune": 2, "freeze": "backbone", "batch_size": 1}, "batch_size", "must be at least 2"),
        (
            {"finetune": 2, "freeze": "backbone", "schedule": "multi_step", "milestones": "2, 4"},
            "milestones",
            "must lie within the 3 epochs of the head, before the fine-tuning; 4 came",
        ),
        (
            {"finetune": 2, "freeze": "backbone", "schedule": "step", "decay_epochs": 4},
            "decay_epochs",
            "must be shorter than the 3 epochs of the head, before the fine-tuning; 4 came",
        ),
    ],
)
def test_what_cannot_be_with_fine_tuning_is_refused_at_its_field(values, field, sentence):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping({"weights": "w.pth", "epochs": 5} | values)
    assert sentence in caught.value.fields[field]
