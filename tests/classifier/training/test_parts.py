"""The parts of a training: order, optimiser, settings, plans, checkpoints."""

from __future__ import annotations

import errno
import json
import math
import os
from dataclasses import replace

import pytest
import torch
from torch import nn

from classifier.models.build import build
from classifier.models.cnn import small_cnn
from classifier.models.freezing import freeze_backbone
from classifier.run import manifest
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_learning_rate
from classifier.spec.errors import ClassifierError, InputError
from classifier.training import checkpoint, devices, optim, settings
from classifier.training.checkpoint import Owner, Store, training_state
from classifier.training.order import batches_of, derived_seed, steps_per_epoch
from classifier.training.progress import Progress, Work

CPU = torch.device("cpu")


def test_an_epoch_sees_every_image_once_in_batches_that_are_all_but_equal():
    batches = batches_of(103, 25, seed=1, epoch=2)
    assert sorted(torch.cat(batches).tolist()) == list(range(103))
    assert sorted(map(len, batches)) == [20, 20, 21, 21, 21]


def test_order_is_a_function_of_seed_and_epoch():
    first = torch.cat(batches_of(50, 10, seed=1, epoch=1))
    assert torch.equal(first, torch.cat(batches_of(50, 10, seed=1, epoch=1)))
    assert not torch.equal(first, torch.cat(batches_of(50, 10, seed=1, epoch=2)))
    assert not torch.equal(first, torch.cat(batches_of(50, 10, seed=2, epoch=1)))


def test_no_batch_has_a_single_image():
    assert all(min(map(len, batches_of(images, size, 0, 1))) >= 2 for images in range(2, 40) for size in range(2, 20))


def test_derived_seeds_are_the_same_everywhere():
    assert derived_seed(1, "order", 2) == 2250116526275059154


def test_norms_and_biases_are_not_decayed():
    decayed, plain = optim.parameter_groups(small_cnn(3), 0.05)
    assert {p.ndim for p in decayed["params"]} == {2, 4} and decayed["weight_decay"] == 0.05
    assert {p.ndim for p in plain["params"]} == {1} and plain["weight_decay"] == 0


def test_a_position_table_is_not_decayed():
    names = ["class_token", "encoder.pos_embedding", "head.weight"]
    assert [optim.decays(name, torch.zeros(1, 2, 3)) for name in names] == [False, False, True]


def test_frozen_parameters_reach_no_optimiser_and_get_no_gradient():
    model = small_cnn(3)
    freeze_backbone(model)
    groups = optim.parameter_groups(model, 0.1)
    model.train()(torch.rand(4, 3, 16, 16)).sum().backward()
    assert sum(len(group["params"]) for group in groups) == 2
    assert {name for name, p in model.named_parameters() if p.grad is not None} == {"head.weight", "head.bias"}


@pytest.mark.parametrize(("model", "weights", "typical", "small", "wanted"), [
    ("small_cnn", None, (28, 28), True, 28),
    ("small_cnn", None, (348, 348), False, 64),
    ("resnet18", None, (32, 32), True, 64),
    ("resnet18", None, (348, 400), False, 224),
    ("resnet18", None, (150, 170), False, 128),
    ("resnet18", "default", (32, 32), True, 224),
    ("vit_b_16", None, (32, 32), True, 224),
])  # fmt: skip
def test_the_image_size_suits_model_and_data(model, weights, typical, small, wanted):
    assert settings.pick_image_size(TrainConfig(model=model, weights=weights), typical, small=small) == wanted


def test_what_was_asked_for_stays_when_the_rest_is_picked():
    asked = TrainConfig(learning_rate=0.5, image_size=48, weight_decay=0.0, warmup_epochs=0.0, augment={"flip": True})
    found = settings.resolve(asked, (28, 28), small=True, grey=True)
    assert (found.learning_rate, found.image_size, found.weight_decay, found.warmup_epochs) == (0.5, 48, 0.0, 0.0)
    assert found.augment["flip"] is True and found.augment["rotate"] == 10


def test_resolving_twice_changes_nothing():
    once = settings.resolve(TrainConfig(model="resnet18", optimizer="sgd"), (348, 348), small=False, grey=False)
    assert settings.resolve(once, (348, 348), small=False, grey=False) == once


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_fine_tuning_takes_smaller_steps_than_training_from_scratch(optimizer):
    config = TrainConfig(model="resnet18", optimizer=optimizer)
    assert pick_learning_rate(replace(config, weights="default")) < pick_learning_rate(config)


def test_a_device_that_is_not_there_is_refused_in_words():
    with pytest.raises(InputError, match="Device 7 is not on this machine"):
        devices.choose_device("7")


def test_auto_follows_the_environment(monkeypatch):
    monkeypatch.setenv("SYNSET_DEVICES", "cpu")
    assert devices.choose_device("auto") == CPU


def test_a_probe_measures_and_leaves_the_model_alone(monkeypatch):
    monkeypatch.setattr(devices, "PROBE_SECONDS", 0.1)
    model = small_cnn(3)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    plan = devices.probe(model, (4, 3, 16, 16), CPU)
    assert plan.images_per_second > 0 and plan.seconds > 0
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def other_work(monkeypatch, cores):
    """A machine on which other work holds so many cores."""
    monkeypatch.setattr(devices.OtherWork, "cores", lambda self: cores)


def test_a_measured_plan_is_kept_and_used_again(monkeypatch):
    monkeypatch.setattr(devices, "PROBE_SECONDS", 0.1)
    other_work(monkeypatch, 0.1)
    model, events = small_cnn(3), []
    what = ("small_cnn", model, (4, 3, 16, 16), CPU)
    first = devices.plan_for(*what, deterministic=False, on_event=events.append)
    assert devices.plan_for(*what, deterministic=False, on_event=events.append) == first
    assert [event["stage"] for event in events] == ["probing"]


@pytest.mark.parametrize("text", ["[1]", '{"a": 5}', '{"a": {"of_a_later_release": 1}}', '{"a": null}', "{", ""])
def test_a_file_of_plans_that_is_not_understood_is_measured_anew(monkeypatch, text):
    monkeypatch.setattr(devices, "PROBE_SECONDS", 0.1)
    other_work(monkeypatch, 0.1)
    devices.cache_file().parent.mkdir(parents=True)
    what = ("small_cnn", small_cnn(3), (4, 3, 16, 16), CPU)
    key = json.dumps([devices.describe(CPU), "small_cnn", [4, 3, 16, 16], False, torch.__version__, "auto"])
    devices.cache_file().write_text(text.replace('"a"', json.dumps(key)))
    plan = devices.plan_for(*what, deterministic=False)
    assert plan.images_per_second > 0 and devices.cached_plans() == {key: plan}


def test_a_plan_that_was_measured_beside_other_work_is_used_and_not_kept(monkeypatch):
    monkeypatch.setattr(devices, "PROBE_SECONDS", 0.1)
    other_work(monkeypatch, 1.5)
    plan = devices.plan_for("small_cnn", small_cnn(3), (4, 3, 16, 16), CPU, deterministic=False)
    assert plan.images_per_second > 0 and not devices.cached_plans()


def test_before_a_short_training_only_so_long_is_measured_as_it_is_worth():
    assert devices.worth(1_000, 500) == pytest.approx(0.2)  # of two seconds
    assert devices.worth(10**9, 500) == devices.worth(math.inf, 500) == devices.PROBE_SECONDS


def test_a_probe_makes_the_fewest_rounds_where_more_are_not_worth_it(monkeypatch):
    made, real = [], devices.Trial.step
    monkeypatch.setattr(devices, "probe_images", lambda *_: 4)
    monkeypatch.setattr(devices.Trial, "step", lambda self: (made.append(self.plan), real(self)))
    monkeypatch.setattr(devices, "candidates", lambda device: [devices.Plan("fp32", True), devices.Plan("fp32", False)])
    devices.probe(small_cnn(3), (4, 3, 16, 16), CPU, images=4)
    assert len(made) == 2 * devices.PROBE_ROUNDS


def test_what_was_measured_in_haste_is_not_kept_for_a_long_training(monkeypatch):
    monkeypatch.setattr(devices, "PROBE_SECONDS", 0.1)
    other_work(monkeypatch, 0.1)
    what = ("small_cnn", small_cnn(3), (4, 3, 16, 16), CPU)
    assert devices.plan_for(*what, deterministic=False, images=4).images_per_second > 0
    assert not devices.cached_plans()
    devices.plan_for(*what, deterministic=False, images=10**9)
    assert len(devices.cached_plans()) == 1


def test_other_work_makes_no_smaller_batches_of_a_probe(monkeypatch):
    class Waited(devices.Trial):
        def step(self):
            super().step()
            self.best = 50 * self.cost / torch.get_num_threads()  # by the clock on the wall

    monkeypatch.setattr(devices, "Trial", Waited)
    assert devices.probe_images(small_cnn(3), (16, 3, 8, 8), CPU) == 16


@pytest.mark.parametrize(("fitting", "measured"), [((True, False), 2), ((True,), 1), ((), 0)])
def test_a_format_whose_steps_the_memory_does_not_hold_is_left_aside(monkeypatch, fitting, measured):
    real, tried = devices.Trial.step, set()

    def step(self):
        if len(self.images) > 2 and self.plan.channels_last not in fitting:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        tried.add(self.plan)
        real(self)

    monkeypatch.setattr(devices, "PROBE_SECONDS", 0.0)
    monkeypatch.setattr(devices, "candidates", lambda device: [devices.Plan("fp32", True), devices.Plan("fp32", False)])
    monkeypatch.setattr(devices, "probe_images", lambda *_: 4)
    monkeypatch.setattr(devices.Trial, "step", step)
    plan = devices.probe(small_cnn(3), (4, 3, 16, 16), CPU)
    assert len(tried) == measured and (plan.images_per_second is None) == (not fitting)


def test_where_copies_would_fill_the_memory_nothing_is_measured_and_that_is_said(monkeypatch):
    model, events = small_cnn(3), []
    monkeypatch.setattr(devices, "free_memory", lambda device: 4 * sum(p.numel() for p in model.parameters()))
    monkeypatch.setattr(devices, "probe", lambda *_: pytest.fail("measured"))
    plan = devices.plan_for("small_cnn", model, (4, 3, 16, 16), CPU, deterministic=False, on_event=events.append)
    assert plan == devices.candidates(CPU)[0] and plan.images_per_second is None
    assert "copies of small_cnn with their gradients take" in events[0]["message"] and not devices.cached_plans()


def test_a_deterministic_training_measures_nothing():
    plan = devices.plan_for("small_cnn", small_cnn(3), (4, 3, 16, 16), CPU, deterministic=True)
    assert plan.images_per_second is None


def test_a_clearly_cheaper_format_is_chosen_and_a_hardly_cheaper_one_is_not():
    trials = [devices.Trial(plan, small_cnn(2), torch.rand(2, 3, 8, 8), CPU) for plan in devices.candidates(CPU)]
    trials[0].cost, trials[1].cost = 1.0, 0.97
    assert devices.cheapest(trials) is trials[0]
    trials[1].cost = 0.9
    assert devices.cheapest(trials) is trials[1]


def test_products_in_place_of_convolutions_are_chosen_where_they_are_a_little_cheaper():
    plans = [devices.Plan("bf16"), devices.Plan("fp32"), devices.Plan("bf16", products=True)]
    trials = [devices.Trial(plan, small_cnn(2), torch.rand(2, 3, 8, 8), CPU) for plan in plans]
    trials[0].cost, trials[1].cost, trials[2].cost = 1.0, 1.0, 0.97
    assert devices.cheapest(trials) is trials[2]
    trials[2].cost = 0.99
    assert devices.cheapest(trials) is trials[0]
    trials[1].cost, trials[2].cost = 0.9, 0.88
    assert devices.cheapest(trials) is trials[1]


def test_products_are_tried_on_a_processor_in_bf16_where_a_network_may_gain(monkeypatch):
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: True)
    monkeypatch.setattr(devices, "gains", lambda model: True)
    assert [plan.precision for plan in devices.wanted(small_cnn(2), CPU, "auto") if plan.products] == ["bf16"]
    assert not any(plan.products for plan in devices.wanted(small_cnn(2), CPU, "fp32"))
    assert not any(plan.products for plan in devices.wanted(small_cnn(2), torch.device("cuda"), "auto"))
    monkeypatch.setattr(devices, "gains", lambda model: False)
    assert not any(plan.products for plan in devices.wanted(small_cnn(2), CPU, "auto"))


def test_where_bf16_is_asked_for_only_products_are_measured(monkeypatch):
    tried = []
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: True)
    monkeypatch.setattr(devices, "probe", lambda model, shape, device, precision, images: tried.append(precision) or devices.Plan("bf16"))
    what = ("small_cnn", small_cnn(2), (4, 3, 16, 16), CPU)
    assert devices.plan_for(*what, precision="bf16", deterministic=False) == devices.Plan("bf16") and not tried
    monkeypatch.setattr(devices, "gains", lambda model: True)
    assert devices.plan_for(*what, precision="bf16", deterministic=False).precision == "bf16" and tried == ["bf16"]
    assert devices.plan_for(*what, precision="bf16", deterministic=True) == devices.Plan("bf16") and len(tried) == 1


def test_a_plan_of_an_earlier_release_that_did_not_measure_products_is_measured_anew(monkeypatch):
    devices.remember("a", devices.Plan("bf16", products=True), lambda event: None)
    assert devices.cached_plans() == {"a": devices.Plan("bf16", products=True)}
    plans = json.loads(devices.cache_file().read_text())
    del plans["a"]["products"]
    devices.cache_file().write_text(json.dumps(plans))
    assert devices.cached_plans() == {}


@pytest.fixture
def store(tmp_path):
    owner = Owner(tmp_path)
    owner.claim()
    told = []
    store = Store(tmp_path, owner, told.append)
    store.told = told
    return store


def saved(store, epoch, top1, loss=1.0, **more):
    model = nn.Linear(2, 2)
    state = training_state(model, torch.optim.SGD(model.parameters(), lr=0.1), epoch, 10 * epoch, None)
    return store.save(state, whole=True, val_top1=top1, val_loss=loss, **more)


def test_the_best_checkpoint_is_kept_beside_the_last_three(store):
    for epoch, top1 in enumerate((0.5, 0.9, 0.7, 0.8, 0.6, 0.4), start=1):
        saved(store, epoch, top1)
    assert [(entry["epoch"], entry["best"]) for entry in manifest(store.folder)] == [(2, True), (4, False), (5, False), (6, False)]
    assert len(list((store.folder / "checkpoints").iterdir())) == 4


def test_ties_in_accuracy_go_to_the_lower_loss(store):
    saved(store, 1, 0.5, 1.0)
    saved(store, 2, 0.5, 0.8)
    saved(store, 3, 0.5, 0.9)
    assert [entry["best"] for entry in manifest(store.folder)] == [False, True, False]


def test_a_full_disk_keeps_the_old_checkpoints_and_warns(store, monkeypatch):
    saved(store, 1, 0.5)

    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "write_atomically", full)
    assert saved(store, 2, 0.9) is None
    assert "disk is full" in store.told[-1]["message"]
    assert [entry["epoch"] for entry in manifest(store.folder)] == [1]


def test_when_the_best_is_damaged_the_next_best_takes_its_place(store):
    for epoch, top1 in ((1, 0.6), (2, 0.9)):
        saved(store, epoch, top1)
    (store.folder / "checkpoints" / "epoch-0002.pt").unlink()
    assert store.newest_good()["epoch"] == 1
    assert [(entry["epoch"], entry["best"]) for entry in manifest(store.folder)] == [(1, True)]


def test_a_history_that_was_cut_short_is_read_up_to_the_cut(tmp_path):
    (tmp_path / "history.jsonl").write_text(json.dumps({"epoch": 1}) + "\n" + '{"epo')
    assert checkpoint.History(tmp_path).load(5) == [{"epoch": 1}]


ROWS = [
    {"epoch": epoch, "val_top1": 0.5, "val_loss": 1.0, "confusion": {"rows": [7]}, "watched": {"labels": [epoch]}} for epoch in (1, 2, 3)
]


def test_a_row_is_put_behind_the_others_and_what_it_tells_of_images_stays_in_the_file_alone(tmp_path):
    history, files = checkpoint.History(tmp_path), set()
    for row in ROWS:
        history.append(row)
        files.add((tmp_path / "history.jsonl").stat().st_ino)
    assert len(files) == 1 and list(history.told()) == ROWS
    assert history.rows == [{"epoch": epoch, "val_top1": 0.5, "val_loss": 1.0} for epoch in (1, 2, 3)]


def test_rows_that_no_checkpoint_reached_are_cut_and_others_follow_those_that_stay(tmp_path):
    for row in ROWS:
        checkpoint.History(tmp_path).append(row)
    history = checkpoint.History(tmp_path)
    assert [row["epoch"] for row in history.load(1)] == [1]
    history.append({"epoch": 2, "val_top1": 0.9})
    assert list(checkpoint.History(tmp_path).told()) == [ROWS[0], {"epoch": 2, "val_top1": 0.9}]


def test_a_row_that_finds_no_room_leaves_nothing_of_itself(tmp_path, monkeypatch):
    history = checkpoint.History(tmp_path)
    history.append(ROWS[0])

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        history.append(ROWS[1])
    assert list(history.told()) == ROWS[:1] and len(history.rows) == 1


def test_a_process_that_lost_the_folder_writes_over_no_row_of_the_one_that_has_it(tmp_path):
    older, newer = Owner(tmp_path), Owner(tmp_path)
    older.claim()
    late = checkpoint.History(tmp_path, owner=older)
    newer.claim()
    checkpoint.History(tmp_path, owner=newer).append({"epoch": 1, "val_top1": 0.9})
    with pytest.raises(ClassifierError, match="Another process has taken over"):
        late.append({"epoch": 1, "val_top1": 0.1})
    assert checkpoint.History(tmp_path).load(1) == [{"epoch": 1, "val_top1": 0.9}]


def test_progress_is_told_with_the_time_left_from_measured_work():
    events = []
    progress = Progress(Work(epochs=2, steps_per_epoch=10, train_images=100, validation_images=0, test_images=0), events.append)
    progress.start(0)
    progress.tell("training", 50.0, count=5, total=20, unit="steps", rate=1.0)
    assert events[0]["fraction"] == 0.25 and events[0]["eta_seconds"] >= 0


def test_the_work_of_all_steps_is_the_whole():
    work = Work(epochs=3, steps_per_epoch=4, train_images=100, validation_images=30, test_images=60)
    assert steps_per_epoch(100, 25) == 4
    assert work.total == pytest.approx(300 + 90 / 3 + 60 / 3)


def test_every_small_network_builds_for_the_size_that_was_picked():
    assert build("small_cnn", 3, image_size=8)(torch.rand(2, 3, 8, 8)).shape == (2, 3)
