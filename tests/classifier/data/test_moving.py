"""Small tensors go to the device without a wait, and constants go once."""

from __future__ import annotations

import torch

from classifier.data.augment import normalise
from classifier.data.moving import constant, moved

CPU = torch.device("cpu")


def test_what_is_there_already_is_not_copied():
    tensor = torch.arange(3)
    assert moved(tensor, CPU) is tensor


def test_a_constant_is_sent_once():
    assert constant((0.25, 0.5), CPU) is constant((0.25, 0.5), CPU)
    assert constant((0.25, 0.5), CPU).tolist() == [0.25, 0.5]


def test_a_constant_that_an_evaluation_made_serves_a_training_too():
    normalisation = ([0.125, 0.25, 0.375], [0.5, 0.625, 0.75])
    with torch.inference_mode():
        normalise(torch.zeros(1, 3, 2, 2), normalisation)
    images = torch.ones(1, 3, 2, 2, requires_grad=True)
    normalise(images, normalisation).sum().backward()
    assert images.grad is not None and bool(images.grad.isfinite().all())
