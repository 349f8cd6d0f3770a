"""Each step of a training is told, in its place, whatever cuts the training off."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.metrics import trace
from classifier.spec.errors import ClassifierError, Interrupted
from classifier.training.checkpoint import Owner
from classifier.training.loop import train
from classifier.training.trace import ToldUse, Trace, Waits
from tests.classifier.training.runs import after, result


def steps_in(folder):
    return np.array(trace.read(folder / trace.FILE))


def test_every_step_is_told_once_and_adds_up_to_its_epoch(whole):
    steps, history = steps_in(whole), result(whole)["history"]
    assert len(steps) == history[-1]["step"] and (steps["images"] > 0).all()
    for part, row in zip(np.split(steps, len(history)), history, strict=True):
        assert np.average(part["loss"], weights=part["images"]) == pytest.approx(row["train_loss"], rel=1e-5)
        assert part["rate"][-1] == pytest.approx(row["lr"], rel=1e-5) and part["seconds"].sum() <= row["seconds"] + 0.1
    assert (steps["norm"] > 0).all() and ((steps["waited"] >= 0) & (steps["waited"] <= steps["seconds"])).all()
    assert ((steps["used"] >= 0) & (steps["used"] <= 1)).all()


def test_a_training_that_was_cut_off_tells_what_the_uncut_one_does(digits, quick, whole, tmp_path):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", quick, should_stop=after(5))
    assert 0 < len(steps_in(tmp_path / "run")) < len(steps_in(whole))
    train(digits, tmp_path / "run", quick)
    for name in ("images", "loss", "rate", "norm"):
        assert np.array_equal(steps_in(tmp_path / "run")[name], steps_in(whole)[name])


def test_what_came_after_the_checkpoint_is_forgotten_and_a_new_start_forgets_all(digits, quick, tmp_path):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", quick, should_stop=after(5))
    kept = steps_in(tmp_path / "run")
    with (tmp_path / "run" / trace.FILE).open("ab") as file:
        file.write(np.ones(50, trace.ROW).tobytes())
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", quick, should_stop=after(0))  # before a step is done
    assert np.array_equal(steps_in(tmp_path / "run"), kept)
    train(digits, tmp_path / "run", replace(quick, epochs=1), restart=True)
    assert len(steps_in(tmp_path / "run")) == result(tmp_path / "run")["history"][-1]["step"]


def test_who_reads_the_steps_keeps_them_when_they_are_cut(tmp_path):
    """A process that reads a mapped file behind its new end is killed by the system."""
    kept = Trace(tmp_path, torch.device("cpu"), lambda _: None)
    (tmp_path / trace.FILE).write_bytes(np.ones(5000, trace.ROW).tobytes())
    mapped, before = trace.read(tmp_path / trace.FILE), (tmp_path / trace.FILE).stat().st_ino
    kept.cut(10)
    assert len(trace.read(tmp_path / trace.FILE)) == 10 and (tmp_path / trace.FILE).stat().st_ino != before
    assert mapped["images"].sum() == 5000 and [path.name for path in tmp_path.iterdir()] == [trace.FILE]


def test_a_process_that_lost_the_folder_writes_over_no_step_of_the_one_that_has_it(tmp_path):
    told = {"older": 8.0, "newer": 4.0}
    both = {name: Owner(tmp_path) for name in told}
    kept = {name: Trace(tmp_path, torch.device("cpu"), lambda _: None, owner) for name, owner in both.items()}
    for name, loss in told.items():
        both[name].claim()
        kept[name].add(1, 0.1, torch.tensor([loss, 1.0, 4.0, 0.5]))
    kept["newer"].keep()
    with pytest.raises(ClassifierError, match="Another process has taken over"):
        kept["older"].keep()
    assert steps_in(tmp_path)["loss"].tolist() == [1]


def test_the_norm_is_told_as_it_was_before_the_gradient_was_shortened(digits, quick, tmp_path):
    train(digits, tmp_path / "run", replace(quick, epochs=1, clip_norm=1e-4))
    assert (steps_in(tmp_path / "run")["norm"] > 1e-3).all()


def test_a_step_that_is_passed_over_has_no_images(tmp_path):
    kept = Trace(tmp_path, torch.device("cpu"), lambda _: None)
    for step in (1, 3):
        kept.add(step, 0.1, torch.tensor([8.0, 1.0, 4.0, 0.5]))
    kept.keep()
    assert steps_in(tmp_path)["images"].tolist() == [4, 0, 4] and steps_in(tmp_path)["loss"].tolist() == [2, 0, 2]


def test_images_that_come_late_are_waited_for(tmp_path):
    def late():
        for _ in range(3):
            time.sleep(0.03)
            yield torch.zeros(1)

    kept = Trace(tmp_path, torch.device("cpu"), lambda _: None)
    for step, _ in enumerate(kept.fed(late()), 1):
        kept.add(step, 0.1, torch.tensor([8.0, 1.0, 4.0, 0.5]))
    kept.keep()
    share = trace.series(steps_in(tmp_path), "waiting")[1]
    assert (share > 0.8).all() and steps_in(tmp_path)["seconds"].sum() >= 0.09


def test_a_full_disk_costs_the_steps_and_is_said_once(digits, quick, tmp_path, monkeypatch):
    opened, told = os.open, []

    def full(path, *more):
        if str(path).endswith(trace.FILE):
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, *more)

    monkeypatch.setattr("classifier.training.trace.os.open", full)
    train(digits, tmp_path / "run", quick, on_event=told.append)
    assert len([event for event in told if "what single steps tell is not kept" in event.get("message", "")]) == 1
    assert len(result(tmp_path / "run")["history"]) == 3


def test_of_several_gpus_it_is_the_training_ones_work_that_is_marked(monkeypatch):
    marked = []

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self, *stream):
            marked.append(stream)

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: device)
    waits = Waits(torch.device("cuda", 1))
    waits.before()
    waits.after()
    assert marked == [(torch.device("cuda", 1),)] * 2


@pytest.mark.parametrize("error", [ModuleNotFoundError("no bindings"), TypeError("'N/A' / 100"), Exception("of a library of its own")])
def test_a_driver_that_tells_nothing_is_asked_once(error):
    asked = []

    def silent():
        asked.append(1)
        raise error

    use = ToldUse(silent)
    assert np.isnan(use.share()) and np.isnan(use.share()) and len(asked) == 1
