"""Whether the memory holds what a training is going to do, before it does it: its large batches, and the fine-tuning after a head."""

from __future__ import annotations

import copy
import dataclasses

from torch import nn

from classifier.models.freezing import freeze_stages
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError
from classifier.training.batch import FEW, Rehearsal, fitting
from classifier.training.devices import Plan
from classifier.training.memory import free_memory
from classifier.training.setup import Training
from classifier.training.step import FEWEST

LARGE = 1_000_000  # pixels of a batch from which on it is worth to look whether the machine has memory: 32 of 224 × 224 may take 3 GB


def refuse_what_cannot_fit(training: Training) -> None:
    """Raises ClassifierError where batches would take more memory than there is.

    On a processor the system would kill, and explain nothing. A GPU says by itself that it is full, but of a fine-tuning only
    once the head has learnt.
    """
    t, c = training, training.config
    if not c.features and t.device.type == "cpu" and not fits(t, t.model, c, t.plan):
        raise too_large(t)
    if c.finetune and not fits(t, everything_learns(t.model), whole(c), t.later_plan or t.plan):
        raise too_large(t)


def fits(training: Training, model: nn.Module, config: TrainConfig, plan: Plan) -> bool:
    """Whether steps with that network fit: on a GPU by trying, on a processor by the growth of two small ones, which that of large
    ones follows."""
    t = training
    free = free_memory(t.device)
    if free is None or config.batch * t.side**2 < LARGE:
        return True
    rehearsal = Rehearsal(model, config, plan, t.device)
    if t.device.type != "cpu":
        return rehearsal.tried(config.batch) is not None
    few = rehearsal.tried(FEW)
    return few is not None and rehearsal.scaled(few, config.batch) <= free


def everything_learns(model: nn.Module) -> nn.Module:
    """A copy of the network that learns as a whole."""
    copied = copy.deepcopy(model)
    freeze_stages(copied, 0)
    return copied


def whole(config: TrainConfig) -> TrainConfig:
    """The configuration of the epochs that fine-tune."""
    return dataclasses.replace(config, freeze=None, unfreeze=None, finetune=None, features=None)


def too_large(training: Training) -> ClassifierError:
    """What to do where batches do not fit the memory: the size that does, by trying."""
    t, c = training, training.config
    t.optimizer.zero_grad()
    model, config, plan = (everything_learns(t.model), whole(c), t.later_plan or t.plan) if c.finetune else (t.model, c, t.plan)
    half = 1 << max(1, (c.batch - 1).bit_length() - 1)
    found = fitting(model, config, plan, t.device, half) if c.batch > FEWEST and not config.features else None
    fits = f"A batch of {found.batch} fits, by what was measured now." if found else "No smaller batch was found to fit either."
    what = "of the fine-tuning, whose steps train the whole network" if c.finetune else "before the training"
    tried = f"Out of memory in the check {what}, with batches of {c.batch} at {t.side} px"
    todo = "try a smaller batch_size or image_size, or end other programs"
    return ClassifierError(f"{tried}: {todo}. {fits}", code="out_of_memory")
