"""The same loop on a CUDA device. On a machine with the engine's packages alone:

pytest --confcutdir tests/classifier -m gpu tests/classifier
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from classifier.data.dataset import Dataset
from classifier.evaluate import logits
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.errors import Interrupted
from classifier.training.loop import make_ready, train, train_epoch
from classifier.training.order import generator
from classifier.training.setup import Watch, resolved, set_up
from classifier.training.step import augmented, learn, steps_of

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")]
CONFIG = TrainConfig(epochs=6, batch_size=16, device="0")


@pytest.fixture(scope="module")
def run(digits, tmp_path_factory) -> Run:
    """A RUN trained on the device."""
    folder = tmp_path_factory.mktemp("gpu") / "run"
    train(digits, folder, CONFIG)
    return Run.open(folder)


def test_digits_are_learnt_on_the_device(run):
    assert json.loads((run.folder / "result.json").read_text())["test"]["top1"] > 0.8


def test_a_run_of_the_device_predicts_the_same_on_the_processor(run, digits):
    data, (model, _) = Dataset.open(digits), run.load_model("best")
    rows = data.images[data.indices("test")]
    found = [
        logits(model, data.pack, rows, image_size=run.image_size, normalisation=run.normalisation, device=torch.device(name)).softmax(1)
        for name in ("cpu", "cuda:0")
    ]
    assert torch.equal(found[0].argmax(1), found[1].argmax(1))
    torch.testing.assert_close(found[0], found[1].cpu(), atol=1e-3, rtol=0)


def test_a_step_waits_for_nothing_that_the_device_still_does(photographs, tmp_path):
    config = TrainConfig(model="resnet18", image_size=64, batch_size=8, device="0", augment={"mixup": 0.2, "erase": 0.5, "color": 0.3})
    dataset = Dataset.open(photographs)
    training = set_up(dataset, tmp_path / "run", resolved(dataset, config), None, Watch(), restart=False)
    make_ready(training)
    steps = steps_of(training, 1)
    for number, (positions, raw) in enumerate(zip(steps, training.images.batches(steps), strict=True)):
        torch.cuda.set_sync_debug_mode("error" if number else "default")  # the first one brings constants and tries kernels
        try:
            learn(training, training.model, *augmented(training, positions, raw, generator(0, "augment", number)))
        finally:
            torch.cuda.set_sync_debug_mode("default")


def test_a_compiled_network_learns_with_the_weights_of_the_training(digits, tmp_path):
    dataset = Dataset.open(digits)
    training = set_up(dataset, tmp_path / "run", resolved(dataset, CONFIG), None, Watch(), restart=False)
    training.plan = replace(training.plan, compiled=True)
    make_ready(training)
    before = [parameter.detach().clone() for parameter in training.model.parameters()]
    train_epoch(training, 1)
    assert training.compiled is not None
    assert not all(torch.equal(*pair) for pair in zip(before, training.model.parameters(), strict=True))


def test_an_interrupted_training_goes_on_on_the_device(digits, tmp_path):
    seen = []
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", CONFIG, on_event=seen.append, should_stop=lambda: any(e["event"] == "epoch" for e in seen))
    train(digits, tmp_path / "run", CONFIG)
    history = json.loads((tmp_path / "run/result.json").read_text())["history"]
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6]
