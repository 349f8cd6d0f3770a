"""The checkpoints that a training keeps: inside an epoch, after each, and the last one in any case."""

from __future__ import annotations

from typing import Any

from classifier.spec.errors import ClassifierError
from classifier.training.checkpoint import training_state
from classifier.training.divergence import is_finite, went_wrong
from classifier.training.setup import Training


def keep_step(training: Training, sums: dict[str, float]) -> None:
    """A checkpoint inside an epoch."""
    t = training
    t.store.save(good_state(t, t.epoch + 1, sums), whole=False)


def good_state(training: Training, epoch: int, sums: dict[str, float] | None) -> dict[str, Any]:
    """What a checkpoint keeps; raises ClassifierError where a weight is no number, for nobody could go on from it."""
    t = training
    if not is_finite(t.model):
        raise went_wrong(t, epoch, "network")
    return training_state(t.model, t.optimizer, t.epoch, t.step, sums, t.average.model if t.average else None)


def keep_last(training: Training) -> None:
    """The last epoch's checkpoint where the disk was too full for it: ClassifierError "disk_full" where it still is.

    A training that ended without its last weights would have told of an epoch that nobody can use.
    """
    t, row = training, training.history.rows[-1]
    if any(entry["whole"] and entry["epoch"] == t.epoch for entry in t.store.entries()):
        return
    if t.store.save(good_state(t, t.epoch, None), whole=True, val_top1=row["val_top1"], val_loss=row["val_loss"]) is None:
        message = f"No space left for the last checkpoint in {t.folder}: free some and run the same command again."
        raise ClassifierError(message, retry=True, code="disk_full")
