"""A small member of each family is trained a step, evaluated, exported and explained."""

from __future__ import annotations

import pytest
import torch

from classifier import speed
from classifier.data.augment import normalise
from classifier.data.dataset import Dataset
from classifier.data.load import eval_batches
from classifier.evaluate import evaluate
from classifier.explain.gradcam import gradcam
from classifier.export import export
from classifier.onnx_file import computed
from classifier.run import Run
from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from classifier.training.loop import train
from tests.classifier.families import FAMILIES


@pytest.fixture(autouse=True)
def timed_briefly(monkeypatch):
    """At its end a training times batches of up to 64 images, twice here with its evaluation: a few runs of small ones are enough."""
    monkeypatch.setattr(speed, "BATCHES", (1, 4))
    monkeypatch.setattr(speed, "SECONDS", 0.0)


def test_every_family_of_the_catalogue_has_a_member_here():
    assert {MODELS[name].family for name, _ in FAMILIES} == {entry.family for entry in MODELS.values()}


@pytest.mark.parametrize(("name", "side"), FAMILIES)
def test_a_member_is_trained_evaluated_exported_and_explained(photographs, tmp_path, name, side):
    values = {
        "model": name,
        "image_size": side,
        "epochs": 1,
        "batch_size": 4,
        "most_images": 4,
        "optimizer": "sgd",
        "momentum": 0,
        "learning_rate": 1e-3,
    }
    run_folder = tmp_path / "run"
    told = train(photographs, run_folder, TrainConfig(**values, device="cpu", deterministic=True))
    measured = evaluate(run_folder, device="cpu")
    assert measured["top1"] == told["test"]["top1"] and measured["loss"] == pytest.approx(told["test"]["loss"], abs=1e-5)

    export(run_folder, "onnx", tmp_path / "model.onnx")
    run, data = Run.open(run_folder), Dataset.open(photographs)
    model, _ = run.load_model()
    images = normalise(next(iter(eval_batches(data.pack, data.images[:3], side, 3))), run.normalisation)
    with torch.inference_mode():
        wanted = model(images)
    assert torch.allclose(computed((tmp_path / "model.onnx").read_bytes(), images), wanted, atol=1e-4)

    heat, logits, _ = gradcam(model, images[:1])
    assert heat.ndim == 2 and min(heat.shape) > 1 and heat.min() >= 0 and heat.max() in (0, 1)
    assert torch.allclose(logits, wanted[0], atol=1e-4)
