"""When the validation images are looked at: after epochs, and inside one where that is asked for; and what is told of it."""

from __future__ import annotations

import time

import torch
from torch import nn

from classifier.data.load import Images
from classifier.spec.batches import PIXELS, looked_at
from classifier.spec.config import TrainConfig
from classifier.spec.events import Event, finite
from classifier.spec.work import steps_inside
from classifier.training import watching
from classifier.training.divergence import refuse_no_number
from classifier.training.setup import EVAL_BATCH, Training
from classifier.training.validate import Validation, validate


def validation_due(training: Training) -> bool:
    """Whether the epoch that ended is one after which is validated: each n-th one, the last, and one that is to be the last."""
    t = training
    last = t.epoch in (t.config.epochs, t.config.head_epochs)
    return t.epoch % t.config.validate_every == 0 or t.config.validate_every < 1 or last or t.watch.should_finish()


def validated(training: Training, before: float = -1.0, share: float = 1.0, model: nn.Module | None = None) -> Validation:
    """The figures of the weights that are kept, or of others.

    For the progress: this pass is that share of an epoch's validation; `before`: of it that is behind, beside whole epochs so far.
    """
    t = training
    batch, images = at_once(t.config), len(t.validation_labels)
    return validate(
        t.stepped(model or t.kept_model), t.validation, t.validation_labels, len(t.dataset.classes),
        t.normalisation if isinstance(t.validation, Images) else None, t.plan, batch,
        lambda done: tell_images(t, "validating", before + share * done / images, done, images), watched(t),
    )  # fmt: skip


def at_once(config: TrainConfig) -> int:
    """Validation images that go through the network together: no more pixels than those of a training step, or than are usual."""
    side, trained = config.evaluated_at or 0, config.batch * (config.image_size or 0) ** 2
    return looked_at(min(EVAL_BATCH, max(64, config.batch)), max(1, side), max(PIXELS, trained))


def watched(training: Training) -> torch.Tensor:
    """Rows of the validation split whose images are watched."""
    t, indices = training, training.dataset.indices("validation")
    return torch.from_numpy(watching.chosen(indices, t.dataset.labels[indices], t.config.seed))


def by_image(training: Training, found: Validation) -> Event:
    """What an event tells of single images beside the figures: the matrix, and what is said of those that are watched."""
    if found.confusion is None:
        return {}
    said = watching.told(training.dataset, found.said)
    return {"confusion": found.confusion} | ({} if said is None else {"watched": said})


def tell_images(training: Training, stage: str, passes: float, done: int, total: int) -> None:
    """A progress event of a pass over images, if one is due; `passes`: validations that are behind, beside those of whole epochs."""
    t = training
    if t.progress.due():
        work = t.progress.work.done(t.step, t.epoch + passes)
        t.progress.tell(stage, work, count=done, total=total, unit="images", rate=None)


def look_due(training: Training, epoch: int) -> bool:
    """Whether the step that ended is one inside its epoch after which is validated."""
    t = training
    return due_inside(t, epoch, t.config.validate_every)


def due_inside(training: Training, epoch: int, every: float) -> bool:
    """Whether a share of the epoch, of which it has several, has just ended inside it."""
    t = training
    return every < 1 and t.step - (epoch - 1) * t.steps_per_epoch in steps_inside(every, t.steps_per_epoch)


def look(training: Training, epoch: int, sums: torch.Tensor) -> float:
    """Validates inside an epoch and tells; gives the seconds that it took. Nothing of the training is changed by it."""
    t, started = training, time.monotonic()
    inside, step = steps_inside(t.config.validate_every, t.steps_per_epoch), t.step - (epoch - 1) * t.steps_per_epoch
    share = 1 / (len(inside) + 1)
    loss, _, images = sums.tolist()
    refuse_no_number(t, loss, epoch)
    found = validated(t, share * inside.index(step), share, t.kept_model if t.config.ema else t.model)  # epochs are averaged at their end
    t.model.train()
    if found.confusion is not None and len(t.validation_labels):
        refuse_no_number(t, found.loss, epoch, "validation loss")
    row: Event = {
        "event": "validation", "epoch": epoch, "epochs": t.config.epochs, "step": t.step, "part": round(step / t.steps_per_epoch, 4),
        "train_loss": loss / images, "val_loss": found.loss, "val_top1": found.top1, "val_top5": found.top5,
    }  # fmt: skip
    row = finite(row) | by_image(t, found)
    t.looks.append(row)
    t.watch.on_event(row)
    return time.monotonic() - started
