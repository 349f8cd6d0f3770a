"""How many threads a training takes beside other work."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
import torch

from classifier.models.build import build
from classifier.models.freezing import freeze_stages
from classifier.spec.config import TrainConfig
from classifier.spec.errors import Interrupted
from classifier.training import cores, others
from classifier.training.cores import chosen, counts, own_threads, with_threads
from classifier.training.devices import Plan, Trial
from classifier.training.loop import train
from classifier.training.others import others_busy
from tests.classifier.training.runs import after, result

CPU = torch.device("cpu")
CONFIG = TrainConfig(epochs=2, batch_size=16, image_size=8, device="cpu", precision="fp32")
PLAN = Plan(channels_last=False)


@pytest.fixture
def loaded(monkeypatch):
    """Two threads on a machine where other work holds 1.9 cores; one thread is said to be five times as fast as two."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(cores, "others_busy", lambda seconds: 1.9)
    monkeypatch.setattr(cores, "speeds", lambda trial, threads: {count: 100.0 if count == 1 else 20.0 for count in threads})
    with own_threads():
        torch.set_num_threads(2)
        yield


def begun(config=CONFIG, plan=PLAN, *, again=False, device=CPU, events=None):
    """The threads of the plan."""
    events = [] if events is None else events
    return with_threads(plan, config, build("small_cnn", 3, image_size=8), device, events.append, begun=again).threads


def test_the_fewest_that_come_near_the_fastest_are_chosen():
    assert [chosen({2: 100.0, 1: speed}) for speed in (500.0, 96.0, 90.0)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("most", "busy", "tried"), [(2, 1.9, [2, 1]), (8, 3.0, [8, 5, 1]), (8, 20.0, [8, 1]), (4, 0.5, [4, 1]), (1, 1.0, [1])]
)
def test_all_what_is_left_and_one_are_tried(most, busy, tried):
    assert counts(most, busy) == tried


def test_beside_other_work_the_choice_is_used_and_told_in_words(loaded):
    events = []
    assert begun(events=events) == 1 == torch.get_num_threads()
    (picked,) = [event for event in events if event["event"] == "picked"]
    assert (picked["field"], picked["value"]) == ("threads", 1)
    assert picked["message"].startswith("1 of 2 threads: other work holds about 1.9 cores")
    assert picked["tried"] == [{"threads": 2, "images_per_second": 20.0}, {"threads": 1, "images_per_second": 100.0}]


def test_on_a_machine_of_its_own_all_are_used_and_nothing_is_measured(loaded, monkeypatch):
    monkeypatch.setattr(cores, "others_busy", lambda seconds: 0.2)
    monkeypatch.setattr(cores, "measured", lambda *_: pytest.fail("measured"))
    assert begun() is None and torch.get_num_threads() == 2


@pytest.mark.parametrize("changes", [{"deterministic": True}, {"features": "once", "freeze": "backbone", "weights": "x"}])
def test_what_is_to_repeat_or_trains_a_head_alone_takes_all(loaded, changes):
    assert begun(replace(CONFIG, **changes)) is None


FINETUNED = {"features": "once", "freeze": "backbone", "weights": "x", "epochs": 5, "finetune": 2}


def test_where_a_fine_tuning_follows_the_head_the_whole_network_is_timed_with_its_own_plan(loaded, monkeypatch):
    model, timed = build("small_cnn", 3, image_size=8), []
    freeze_stages(model, 5)
    monkeypatch.setattr(cores, "speeds", lambda trial, threads: timed.append(trial) or dict.fromkeys(threads, 10.0))
    later = Plan("fp32", channels_last=True)
    plan = with_threads(PLAN, replace(CONFIG, **FINETUNED), model, CPU, [].append, begun=False, later=later)
    assert plan == replace(PLAN, threads=1) and timed[0].plan == later
    assert all(p.requires_grad for p in timed[0].model.parameters()) and not all(p.requires_grad for p in model.parameters())


def test_where_the_memory_holds_no_copy_nothing_is_timed(loaded, monkeypatch):
    monkeypatch.setattr(cores, "free_memory", lambda device: 1000)
    assert begun() is None


def test_what_the_user_set_stays(loaded, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert begun() is None


def test_a_training_that_goes_on_keeps_its_threads_whatever_the_load(loaded):
    assert begun(plan=replace(PLAN, threads=1), again=True) == 1 == torch.get_num_threads()
    torch.set_num_threads(2)
    assert begun(again=True) is None and torch.get_num_threads() == 2


def test_a_cut_training_goes_on_with_the_threads_and_the_words_it_began_with(digits, tmp_path, loaded, monkeypatch):
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", CONFIG, should_stop=after(7))
    assert torch.get_num_threads() == 2  # given back
    monkeypatch.setattr(cores, "others_busy", lambda seconds: 0.0)
    train(digits, tmp_path / "run", CONFIG)
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    assert about["plan"]["threads"] == 1 == result(tmp_path / "run")["environment"]["threads"]
    assert about["device"].endswith("2 threads") and len(about["picked"]) == 1


def test_steps_are_really_timed_with_each_number():
    trial = Trial(PLAN, build("small_cnn", 3, image_size=8), torch.rand(4, 3, 8, 8), CPU)
    found = cores.speeds(trial, [2, 1])
    assert set(found) == {2, 1} and all(speed > 0 for speed in found.values())


@pytest.mark.parametrize(("side", "images"), [(32, 8), (128, 8), (224, 2), (512, 2)])
def test_large_images_are_timed_a_few_at_a_time(side, images):
    assert cores.few(side) == images


def test_the_load_of_others_is_never_negative_and_leaves_our_own_out():
    assert 0 <= others_busy(0.5) <= (os.cpu_count() or 1) + 1


def test_where_the_system_tells_nothing_nobody_is_busy(monkeypatch, tmp_path):
    monkeypatch.setattr(others, "STAT", tmp_path / "none")
    assert others_busy(0.01) == 0
