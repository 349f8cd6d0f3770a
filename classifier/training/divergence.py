"""A loss that is no number: what it means, and the way back to the last good checkpoint with a lower rate."""

from __future__ import annotations

import math

import torch
from torch import nn

from classifier.spec.errors import ClassifierError
from classifier.training import folder as folders
from classifier.training.setup import Training

MOST_SETBACKS = 2  # each halves the learning rate


def refuse_no_number(training: Training, value: float | None, epoch: int, what: str = "loss") -> None:
    """Raises ClassifierError "nan_loss" unless the value is a finite number."""
    if value is None or not math.isfinite(value):
        raise went_wrong(training, epoch, what)


def is_finite(model: nn.Module) -> bool:
    """Whether every weight is a finite number; waits for the device once."""
    sums = [tensor.detach().float().sum() for tensor in model.state_dict().values() if tensor.is_floating_point()]
    return bool(torch.stack(sums).isfinite().all()) if sums else True


def went_wrong(training: Training, epoch: int, what: str) -> ClassifierError:
    """The sentence; under the policy `go_back` the same command goes on from the last good checkpoint, so it may be tried again."""
    t = training
    rate = (t.config.learning_rate or 0.0) * 0.5**t.setbacks
    said = f"The {what} became infinite or not a number in epoch {epoch}, by step {t.step}, at a learning rate of up to {rate:g}."
    newest = t.store.entries()
    kept = f"the checkpoint of epoch {newest[-1]['epoch']}" if newest else "its beginning"
    if t.config.on_nan == "go_back" and t.setbacks < MOST_SETBACKS:
        t.store.owner.check()
        folders.write_setbacks(t.folder, t.setbacks + 1)
        return ClassifierError(f"{said} It goes back to {kept} with half the rate.", retry=True, code="nan_loss")
    tried = f" The rate was halved {t.setbacks} times." if t.setbacks else ""
    also = f" {kept[0].upper()}{kept[1:]} is kept." if newest else ""
    return ClassifierError(f"{said}{tried} Lower the learning rate or lengthen the warm-up.{also}", code="nan_loss")
