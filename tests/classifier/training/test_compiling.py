"""torch.compile is tried on a GPU alone, and used where the probe says that it pays; told here without a GPU."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from classifier.data.dataset import Dataset
from classifier.models.build import build
from classifier.spec.config import TrainConfig
from classifier.training import compiling
from classifier.training.compiling import chosen, with_compiling
from classifier.training.devices import Plan, candidates
from classifier.training.loop import make_ready, train_epoch
from classifier.training.setup import Watch, resolved, set_up
from classifier.training.step import usual_network

CPU, GPU = torch.device("cpu"), torch.device("cuda:0")
CONFIG = TrainConfig(batch_size=32, image_size=32)
PLAN = Plan("bf16", images_per_second=1000.0)
FASTER = Plan("bf16", images_per_second=1500.0, seconds=40.0, compiled=True)
LONG, SHORT = 1_000_000, 100_000  # images: 1,000 and 100 seconds as they are


@pytest.fixture
def asked(monkeypatch):
    """A GPU on which compiling is said to make half as many images more; how often it was tried."""
    tried = []
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    monkeypatch.setattr(compiling, "free_memory", lambda device: 10**11)
    monkeypatch.setattr(compiling, "measured", lambda *what: tried.append(what) or FASTER)
    return tried


def planned(plan=PLAN, config=CONFIG, device=GPU, images=LONG, events=None):
    on_event = (events if events is not None else []).append
    return with_compiling(plan, config, build("small_cnn", 3, image_size=32), (32, 3, 32, 32), device, images, on_event)


def test_on_a_long_training_that_gets_faster_it_is_used(asked):
    assert planned() == FASTER and len(asked) == 1


def test_what_was_measured_is_kept_for_the_next_training(asked):
    assert planned() == planned() == FASTER and len(asked) == 1


@pytest.mark.parametrize("changes", [{"first_size": 16}, {"unfreeze": 1}, {"features": "once"}, {"deterministic": True}])
def test_where_shapes_or_what_learns_change_or_bits_must_repeat_it_is_not_tried(asked, changes):
    assert planned(config=replace(CONFIG, **changes)) == PLAN and not asked


def test_a_short_training_would_not_win_it_back(asked):
    assert planned(images=SHORT) == PLAN and not asked


def test_it_is_never_tried_on_a_processor(asked):
    assert planned(device=CPU) == PLAN and not asked
    assert not any(plan.compiled for plan in candidates(CPU))


@pytest.mark.parametrize(
    ("faster", "seconds", "images", "pays"),
    [(1500.0, 40.0, LONG, True), (1020.0, 1.0, LONG, False), (900.0, 1.0, LONG, False), (1500.0, 400.0, LONG, False)],
    ids=["pays", "hardly faster", "slower", "compiles too long"],
)
def test_it_is_chosen_where_it_is_clearly_faster_and_wins_back_its_compiling(faster, seconds, images, pays):
    assert chosen(PLAN, replace(FASTER, images_per_second=faster, seconds=seconds), images).compiled is pays


def test_a_compiler_that_fails_is_said_and_the_training_goes_on_without(asked, monkeypatch):
    def fails(*_):
        raise RuntimeError("no C compiler\nand more")

    events = []
    monkeypatch.setattr(compiling, "measured", fails)
    assert planned(events=events) == PLAN
    assert events[-1]["message"] == "torch.compile was tried and left aside: RuntimeError: no C compiler"


class Stub:
    """As much of a training as a step's network takes."""

    def __init__(self, plan):
        self.plan, self.model, self.compiled = plan, build("small_cnn", 3, image_size=32), None


def test_a_steps_network_is_compiled_once_where_the_plan_says_so():
    training = Stub(FASTER)
    first, again = (usual_network(training, training.model) for _ in range(2))
    assert first is again is not training.model and first._orig_mod is training.model


def test_without_that_and_of_a_head_on_features_it_is_the_network_itself():
    plain, compiled = Stub(PLAN), Stub(FASTER)
    head = compiled.model.head
    assert usual_network(plain, plain.model) is plain.model and usual_network(compiled, head) is head


@pytest.mark.parametrize(("batch", "sizes"), [(32, [28, 28, 28]), (25, [21, 21, 21, 21]), (20, [17, 17, 17, 17])])
def test_most_steps_of_an_epoch_run_what_was_compiled_whatever_the_batch_divides(digits, tmp_path, monkeypatch, batch, sizes):
    """Of 84 images; a fifth step of 20 a batch has 16."""
    seen = []

    class Compiled(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, images):
            seen.append(len(images))
            return self.model(images)

    monkeypatch.setattr("classifier.training.step.compiled", Compiled)
    dataset, config = Dataset.open(digits), TrainConfig(epochs=1, batch_size=batch, device="cpu", deterministic=True)
    training = set_up(dataset, tmp_path / "run", resolved(dataset, config), None, Watch(), restart=False)
    training.plan = replace(training.plan, compiled=True)
    make_ready(training)
    train_epoch(training, 1)
    assert seen == sizes
