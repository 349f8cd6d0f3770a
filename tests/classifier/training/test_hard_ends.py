"""Memory, disk and loaders that give out while training; and an end that is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from classifier.run import manifest
from classifier.training.loop import train
from tests.classifier.training.test_resume import result, same

WORDS = ("epochs=3", "batch_size=32", "device=cpu", "deterministic=true")


@pytest.fixture
def command(digits, tmp_path):
    """Trains in a process of its own with FAULT set; gives (exit code, its last line as JSON, all lines)."""

    def run(fault, **more):
        line = [
            sys.executable,
            "-m",
            "classifier",
            "train",
            digits,
            "--out",
            tmp_path / "run",
            "--json",
            *(w for s in WORDS for w in ("--set", s)),
        ]
        env = {**os.environ, "FAULT": fault, "OMP_NUM_THREADS": "1", **more}
        done = subprocess.run(list(map(str, line)), env=env, capture_output=True, timeout=120, check=False, text=True)
        events = [json.loads(text) for text in done.stdout.splitlines()]
        return done.returncode, events[-1], events

    return run


@pytest.fixture(scope="module")
def whole(digits, tmp_path_factory):
    from classifier.spec.config import TrainConfig

    folder = tmp_path_factory.mktemp("whole") / "run"
    train(digits, folder, TrainConfig(epochs=3, batch_size=32, device="cpu", deterministic=True))
    return folder


def test_memory_that_is_used_up_is_said_with_what_to_do(command):
    code, last, _ = command("step@2:memory")
    assert (code, last["code"], last["retry"]) == (1, "out_of_memory", False)
    assert "smaller batch_size or image_size" in last["message"]


def test_a_loader_that_dies_is_said_and_the_training_goes_on_from_there(command, digits, tmp_path, whole, quick):
    code, last, _ = command("loader@4:raise", SYNSET_RESIDENT_MB="0")
    assert (code, last["code"], last["retry"]) == (1, "loader", True)
    train(digits, tmp_path / "run", quick)
    assert same(tmp_path / "run", whole)


def test_a_full_disk_keeps_the_checkpoint_before_and_warns(command, tmp_path, whole):
    code, _, events = command("checkpoint_write@2:full")
    warnings = [event["message"] for event in events if event["event"] == "log" and event["level"] == "warning"]
    assert code == 0 and len(warnings) == 1
    assert "The disk is full: checkpoint epoch-0002.pt was not kept, the ones before it were." in warnings[0]
    assert [entry["epoch"] for entry in manifest(tmp_path / "run")] == [1, 3]
    assert not list((tmp_path / "run").rglob("*.tmp"))
    assert same(tmp_path / "run", whole)


def test_asked_to_finish_it_ends_after_the_epoch_with_its_result(digits, tmp_path, quick):
    told = []
    train(digits, tmp_path / "run", replace(quick, epochs=50), on_event=told.append, should_finish=lambda: True)
    assert [row["epoch"] for row in result(tmp_path / "run")["history"]] == [1]
    assert result(tmp_path / "run")["test"]["n"] > 0
    assert "Finishing after epoch 1 of 50, as asked." in [event.get("message") for event in told]


def test_the_parents_word_finishes_the_command(digits, tmp_path):
    line = [sys.executable, "-m", "classifier", "train", digits, "--out", tmp_path / "run", "--json", "--set", "epochs=100000"]
    env = {**os.environ, "SYNSET_WATCH_STDIN": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(list(map(str, line)), env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin and child.stdout
        for text in child.stdout:
            event = json.loads(text)
            if event["event"] == "epoch" and event["epoch"] == 2:
                child.stdin.write("finish\n")
                child.stdin.flush()
        child.stdin.close()
        assert event["event"] == "finished"
