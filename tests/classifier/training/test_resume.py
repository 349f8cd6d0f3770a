"""An interrupted training ends exactly as an uninterrupted one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from classifier.run import manifest
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.training.loop import train
from tests.classifier.training.runs import after, alone, result, same


@pytest.fixture
def cut(digits, tmp_path, quick):
    """A RUN that was asked to stop in the middle of its second epoch, three steps each."""
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "cut", quick, should_stop=after(8))
    return tmp_path / "cut"


def test_a_stop_inside_an_epoch_keeps_that_step(cut):
    assert not manifest(cut)[-1]["whole"]
    assert manifest(cut)[-1]["step"] == 5


def test_a_cut_training_ends_with_the_weights_of_an_uncut_one(digits, cut, whole, quick):
    train(digits, cut, quick)
    assert same(cut, whole)
    assert result(cut)["test"] == result(whole)["test"]


def test_a_training_cut_at_the_last_step_of_an_epoch_goes_on_as_well(digits, tmp_path, whole, quick):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", quick, should_stop=after(9))
    assert manifest(tmp_path / "run")[-1]["step"] == 6 and not manifest(tmp_path / "run")[-1]["whole"]
    train(digits, tmp_path / "run", quick)
    assert same(tmp_path / "run", whole)


def test_a_cut_training_has_the_same_history_but_for_the_clock(digits, cut, whole, quick):
    train(digits, cut, quick)
    clocks = {"seconds": 0, "images_per_second": 0}
    assert [row | clocks for row in result(cut)["history"]] == [row | clocks for row in result(whole)["history"]]


def test_the_epochs_so_far_are_told_again_as_they_were(digits, cut, quick):
    told = [json.loads(line) for line in (cut / "history.jsonl").read_text().splitlines()]
    events = []
    train(digits, cut, quick, on_event=events.append)
    assert [event for event in events if event["event"] == "epoch"][: len(told)] == told


def test_a_killed_training_ends_with_the_weights_of_an_uncut_one(digits, tmp_path, whole, quick):
    assert alone(digits, tmp_path / "run", quick, "step@5:kill").returncode == -9
    train(digits, tmp_path / "run", quick)
    assert same(tmp_path / "run", whole) and result(tmp_path / "run")["test"] == result(whole)["test"]


@pytest.mark.parametrize("point", ["checkpoint_write@2", "checkpoint_publish@2"])
def test_a_kill_while_a_checkpoint_is_kept_falls_back_to_the_one_before(digits, tmp_path, whole, quick, point):
    assert alone(digits, tmp_path / "run", quick, f"{point}:kill").returncode == -9
    assert manifest(tmp_path / "run")[-1]["epoch"] == 1
    train(digits, tmp_path / "run", quick)
    assert same(tmp_path / "run", whole)
    assert [row["epoch"] for row in result(tmp_path / "run")["history"]] == [1, 2, 3]


def test_a_damaged_newest_checkpoint_is_said_and_the_one_before_it_used(digits, cut, whole, quick):
    newest = cut / "checkpoints" / manifest(cut)[-1]["file"]
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    events = []
    train(digits, cut, quick, on_event=events.append)
    assert any(event["event"] == "log" and "damaged" in event["message"] for event in events)
    assert same(cut, whole)


def test_other_settings_are_refused_and_named(digits, cut, quick):
    with pytest.raises(InputError, match=r"epochs \(3 then, 5 now\)"):
        train(digits, cut, replace(quick, epochs=5))


def test_another_dataset_is_refused(photographs, cut, quick):
    with pytest.raises(InputError, match="begun on another dataset"):
        train(photographs, cut, None)


def test_restart_starts_over(digits, cut, quick):
    train(digits, cut, replace(quick, epochs=1), restart=True)
    assert [row["epoch"] for row in result(cut)["history"]] == [1]


def test_a_process_whose_folder_was_taken_over_writes_nothing_more(digits, tmp_path, quick):
    run = tmp_path / "run"

    def take_over(event):
        if event["event"] == "epoch":
            (run / "owner.json").write_text('{"token": "of another process"}')

    with pytest.raises(ClassifierError, match="taken over"):
        train(digits, run, quick, on_event=take_over)
    assert manifest(run)[-1]["epoch"] == 1
