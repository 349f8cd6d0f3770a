"""Memory, disk and loaders that give out while training; and an end that is asked for."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from dataclasses import replace

import pytest

from classifier.run import manifest
from classifier.spec.errors import ClassifierError
from classifier.training import checkpoint
from classifier.training.files import write_atomically
from classifier.training.loop import train
from tests.classifier.training.runs import alone, command, result, same


@pytest.fixture
def ended(digits, tmp_path, quick):
    """Trains in a process of its own with FAULT set; gives (exit code, its last line as JSON, all lines)."""

    def run(fault, **more):
        done = alone(digits, tmp_path / "run", quick, fault, **more)
        events = [json.loads(text) for text in done.stdout.splitlines()]
        return done.returncode, events[-1], events

    return run


def test_memory_that_is_used_up_is_said_with_what_to_do(ended):
    code, last, _ = ended("step@2:memory")
    assert (code, last["code"], last["retry"]) == (1, "out_of_memory", False)
    assert "smaller batch_size or image_size" in last["message"]


def test_a_loader_that_dies_is_said_and_the_training_goes_on_from_there(ended, digits, tmp_path, whole, quick):
    code, last, _ = ended("loader@4:raise", SYNSET_RESIDENT_MB="0")
    assert (code, last["code"], last["retry"]) == (1, "loader", True)
    train(digits, tmp_path / "run", quick)
    assert same(tmp_path / "run", whole)


def test_a_full_disk_keeps_the_checkpoint_before_and_warns(ended, tmp_path, whole):
    code, _, events = ended("checkpoint_write@2:full")
    warnings = [event["message"] for event in events if event["event"] == "log" and event["level"] == "warning"]
    assert code == 0 and len(warnings) == 1
    assert "The disk is full: checkpoint epoch-0002.pt was not kept, the ones before it were." in warnings[0]
    assert [entry["epoch"] for entry in manifest(tmp_path / "run")] == [1, 3]
    assert not list((tmp_path / "run").rglob("*.tmp"))
    assert same(tmp_path / "run", whole)


def test_the_last_checkpoint_is_kept_once_the_disk_has_room_again(ended, tmp_path, whole):
    code, last, _ = ended("checkpoint_write@3:full")
    assert (code, last["event"]) == (0, "finished")
    assert [entry["epoch"] for entry in manifest(tmp_path / "run")] == [1, 2, 3]
    assert same(tmp_path / "run", whole)


def test_a_training_whose_last_checkpoint_finds_no_room_has_not_ended(digits, tmp_path, quick, whole, monkeypatch):
    def full(path, data):
        if path.name == "epoch-0003.pt":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write_atomically(path, data)

    with monkeypatch.context() as patch, pytest.raises(ClassifierError, match="No space left for the last checkpoint") as error:
        patch.setattr(checkpoint, "write_atomically", full)
        train(digits, tmp_path / "run", quick)
    assert (error.value.code, error.value.retry) == ("disk_full", True) and not (tmp_path / "run" / "result.json").exists()
    train(digits, tmp_path / "run", quick)
    assert same(tmp_path / "run", whole)


def test_asked_to_finish_it_ends_after_the_epoch_with_its_result(digits, tmp_path, quick):
    told = []
    train(digits, tmp_path / "run", replace(quick, epochs=50), on_event=told.append, should_finish=lambda: True)
    assert [row["epoch"] for row in result(tmp_path / "run")["history"]] == [1]
    assert result(tmp_path / "run")["test"]["n"] > 0
    assert "Finishing after epoch 1 of 50, as asked." in [event.get("message") for event in told]


def test_the_parents_word_finishes_the_command(digits, tmp_path, quick):
    line = command(digits, tmp_path / "run", replace(quick, epochs=100_000))
    env = {**os.environ, "SYNSET_WATCH_STDIN": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(line, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin and child.stdout
        for text in child.stdout:
            event = json.loads(text)
            if event["event"] == "epoch" and event["epoch"] == 2:
                child.stdin.write("finish\n")
                child.stdin.flush()
        child.stdin.close()
        assert event["event"] == "finished"
