"""The learning rate of each step: the schedule's, by what happened so far."""

from __future__ import annotations

from classifier.spec.events import Event
from classifier.spec.schedules import plateau_drops, share
from classifier.training.setup import Training


def learning_rate(training: Training, step: int) -> float:
    """The rate of the step with this number, from 0: the schedule's, halved by each setback."""
    c, t = training.config, training
    drops = plateau_drops(watched(t.history.rows), (c.decay_epochs or 0.0) / c.validate_every) if c.schedule == "plateau" else 0
    return (c.learning_rate or 0.0) * 0.5**t.setbacks * share(c, step, t.steps_per_epoch, drops)


def watched(rows: list[Event]) -> list[float | None]:
    """What tells a plateau: the validation losses so far, or those of training until there is one."""
    losses = [row["val_loss"] for row in rows if row["val_loss"] is not None]
    return losses or [row["train_loss"] for row in rows]
