"""Validation inside epochs: when, what is told, that it changes nothing of the training, and that a cut repeats and skips none."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from classifier.cli.output import describe
from classifier.data.dataset import Dataset
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, Interrupted
from classifier.spec.work import steps_inside, validations
from classifier.training.looking import at_once
from classifier.training.loop import train
from tests.classifier.training.runs import after, alone, result, same

STEPS, DECODING = 6, 5  # of an epoch in batches of 16; looks of the stop signal before the first step


@pytest.fixture
def often(quick):
    """Validated after each third of an epoch."""
    return replace(quick, batch_size=16, validate_every=1 / 3)


@pytest.fixture(scope="module")
def uncut(digits, tmp_path_factory):
    """(RUN without an interruption, its events)."""
    folder, events = tmp_path_factory.mktemp("looking") / "run", []
    config = TrainConfig(epochs=3, batch_size=16, device="cpu", deterministic=True, validate_every=1 / 3)
    train(digits, folder, config, on_event=events.append)
    return folder, events


def looks(events):
    """(epoch, step) of each validation inside an epoch."""
    return [(event["epoch"], event["step"]) for event in events if event["event"] == "validation"]


def kept(folder):
    return [json.loads(line) for line in (folder / "validations.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("every", "steps", "inside"),
    [(1, 10, []), (2, 10, []), (0.25, 8, [2, 4, 6]), (0.25, 10, [2, 5, 8]), (0.4, 10, [4, 8]), (0.333, 6, [2, 4]), (0.01, 3, [1, 2])],
)
def test_the_steps_after_which_is_validated_inside_an_epoch(every, steps, inside):
    assert steps_inside(every, steps) == inside


@pytest.mark.parametrize(("every", "count"), [(1, 5), (2, 3), (5, 1), (0.5, 10), (0.25, 20), (0.4, 15), (0.333, 15)])
def test_how_often_is_validated_in_all(every, count):
    assert validations(TrainConfig(epochs=5, validate_every=every)) == count


def test_each_look_tells_figures_and_confusion(uncut, digits):
    folder, events = uncut
    per_epoch = result(folder)["history"][0]["step"]
    assert looks(events) == [(epoch, (epoch - 1) * per_epoch + part * per_epoch // 3) for epoch in (1, 2, 3) for part in (1, 2)]
    first = next(event for event in events if event["event"] == "validation")
    assert sum(first["confusion"]["counts"]) == len(Dataset.open(digits).indices("validation"))
    assert first["part"] == pytest.approx(1 / 3, abs=1e-3) and first["val_loss"] > 0 and first["train_loss"] > 0
    assert describe(first).startswith("epoch 1/3, after 33 % of it: validation loss")


def test_the_history_has_each_epoch_once_and_the_looks_stand_beside_it(uncut):
    found = result(uncut[0])
    assert [row["epoch"] for row in found["history"]] == [1, 2, 3] and all(row["val_loss"] is not None for row in found["history"])
    assert len(found["validations"]) == 6 and "confusion" not in found["validations"][0]


def test_progress_never_falls_and_ends_whole(uncut):
    fractions = [event["fraction"] for event in uncut[1] if event["event"] == "progress"]
    assert fractions == sorted(fractions) and fractions[-1] == 1


def test_a_training_that_is_looked_at_ends_bit_for_bit_as_one_that_is_not(digits, tmp_path, often, uncut):
    train(digits, tmp_path / "run", replace(often, validate_every=1))
    assert same(tmp_path / "run", uncut[0])
    assert "validations" not in result(tmp_path / "run")


@pytest.mark.parametrize("changes", [{"ema": 0.9}, {"swa_from": 1}, {"freeze": 0.5, "unfreeze": 1}], ids=["ema", "swa", "thawing"])
def test_it_changes_nothing_where_weights_are_averaged_or_thaw(digits, tmp_path, often, changes, uncut):
    config = replace(often, **changes, **({"weights": str(uncut[0])} if "freeze" in changes else {}))
    train(digits, tmp_path / "often", config)
    train(digits, tmp_path / "rarely", replace(config, validate_every=3))
    assert same(tmp_path / "often", tmp_path / "rarely")


@pytest.mark.parametrize("steps", range(1, 8))
def test_a_cut_anywhere_repeats_no_look_and_skips_none(digits, tmp_path, often, uncut, steps):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", often, should_stop=after(DECODING + steps))
    again = []
    train(digits, tmp_path / "run", often, on_event=again.append)
    assert same(tmp_path / "run", uncut[0])
    assert kept(tmp_path / "run") == kept(uncut[0])
    assert looks(again) == looks(uncut[1])  # those before the cut are told again, in their places


def test_a_kill_after_a_look_takes_back_what_no_checkpoint_reached(digits, tmp_path, often, uncut):
    assert alone(digits, tmp_path / "run", often, "step@9:kill").returncode == -9
    train(digits, tmp_path / "run", often)
    assert same(tmp_path / "run", uncut[0]) and kept(tmp_path / "run") == kept(uncut[0])


def test_an_epoch_of_one_step_is_validated_at_its_end_alone(digits, tmp_path, often):
    events = []
    train(digits, tmp_path / "run", replace(often, batch_size=512), on_event=events.append)
    assert looks(events) == []


@pytest.mark.parametrize("value", [0, 0.001, 1.5, -1, True, "often"])
def test_what_is_neither_epochs_nor_a_share_is_refused(value):
    with pytest.raises(ConfigError, match="validate_every: must be a whole number of epochs from 1 to 100,000, or a share of one"):
        TrainConfig.from_mapping({"validate_every": value})


def test_a_plateau_still_counts_epochs(digits, tmp_path, often):
    config = replace(often, epochs=4, schedule="plateau", decay_epochs=0.5, decay_factor=0.5, learning_rate=5.0)
    for name, every in (("often", 1 / 3), ("once", 1)):
        train(digits, tmp_path / name, replace(config, validate_every=every))
    rates = [[row["lr"] for row in result(tmp_path / name)["history"]] for name in ("often", "once")]
    assert rates[0] == rates[1]


@pytest.mark.parametrize(
    ("fields", "together"),
    [
        ({"batch_size": 32, "image_size": 128}, 64),
        ({"batch_size": 512, "image_size": 32}, 256),
        ({"batch_size": 128, "image_size": 224}, 128),
        ({"batch_size": 4, "image_size": 600}, 11),
        ({"batch_size": 64, "image_size": 600}, 64),
        ({"batch_size": 64, "image_size": 300, "eval_size": 600}, 16),
    ],
)
def test_a_validation_looks_at_no_more_pixels_at_once_than_a_step_or_than_are_usual(fields, together):
    assert at_once(TrainConfig(**fields)) == together
