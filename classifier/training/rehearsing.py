"""Whether the memory holds what a training is going to do, before it does it: its large batches, and the fine-tuning after a head."""

from __future__ import annotations

import dataclasses

from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError
from classifier.training.batch import FEW, Rehearsal, fitting, holds
from classifier.training.devices import Plan
from classifier.training.memory import free_memory
from classifier.training.setup import Training
from classifier.training.step import FEWEST

LARGE = 1_000_000  # pixels of a batch from which on it is worth to look whether the machine has memory: 32 of 224 × 224 may take 3 GB


def refuse_what_cannot_fit(training: Training) -> int | None:
    """Raises ClassifierError where batches would take more memory than there is; gives what a fine-tuning will take, where that was tried.

    On a processor the system would kill, and explain nothing. A GPU says by itself that it is full, but of a fine-tuning only
    once the head has learnt.
    """
    t, c = training, training.config
    if not c.features and t.device.type == "cpu":
        taken(t, c, t.plan)
    return taken(t, whole(c), t.later_plan or t.plan) if c.finetune else None


def taken(training: Training, config: TrainConfig, plan: Plan) -> int | None:
    """Bytes that steps of that configuration take: on a GPU by trying, on a processor by the growth of two small ones, which that of
    large ones follows. None where batches are small, or nothing tells what is free; ClassifierError where they do not fit."""
    t = training
    free = free_memory(t.device)
    if free is None or config.batch * t.side**2 < LARGE:
        return None
    if not holds(t.model, config, t.device):
        raise too_large(t)
    rehearsal = Rehearsal(t.model, config, plan, t.device)
    if t.device.type != "cpu":
        tried = rehearsal.tried(config.batch)
        growth = None if tried is None else tried.growth
    else:
        few = rehearsal.tried(FEW)
        growth = None if few is None else rehearsal.scaled(few, config.batch)
    if growth is None or (t.device.type == "cpu" and growth > free):
        raise too_large(t)
    return growth + rehearsal.held


def whole(config: TrainConfig) -> TrainConfig:
    """The configuration of the epochs that fine-tune."""
    return dataclasses.replace(config, freeze=None, unfreeze=None, finetune=None, features=None)


def too_large(training: Training) -> ClassifierError:
    """What to do where batches do not fit the memory: the size that does, by trying."""
    t, c = training, training.config
    t.optimizer.zero_grad()
    config, plan = (whole(c), t.later_plan or t.plan) if c.finetune else (c, t.plan)
    half = 1 << max(1, (c.batch - 1).bit_length() - 1)
    found = fitting(t.model, config, plan, t.device, half) if c.batch > FEWEST and not config.features else None
    fits = f"A batch of {found.batch} fits, by what was measured now." if found else "No smaller batch was found to fit either."
    what = "of the fine-tuning, whose steps train the whole network" if c.finetune else "before the training"
    tried = f"Out of memory in the check {what}, with batches of {c.batch} at {t.side} px"
    todo = "try a smaller batch_size or image_size, or end other programs"
    return ClassifierError(f"{tried}: {todo}. {fits}", code="out_of_memory")
