"""What the epochs so far mean for those to come: the rate of each step, and whether there are any."""

from __future__ import annotations

import math

from classifier.spec.events import Event
from classifier.spec.schedules import plateau_drops, share
from classifier.training.setup import Training


def learning_rate(training: Training, step: int) -> float:
    """The rate of the step with this number, from 0: the schedule's, halved by each setback."""
    c, t = training.config, training
    drops = plateau_drops(watched(t.history.rows), (c.decay_epochs or 0.0) / max(1, c.validate_every)) if c.schedule == "plateau" else 0
    return (c.learning_rate or 0.0) * 0.5**t.setbacks * share(c, step, t.steps_per_epoch, drops)


def rows_watched(training: Training) -> list[Event]:
    """The epochs that early stopping goes by; where all of the network is fine-tuned, those of that: the head's cost next to nothing."""
    t = training
    return t.history.rows[t.config.head_epochs :] if t.config.finetune else t.history.rows


def watched(rows: list[Event]) -> list[float | None]:
    """What tells a plateau: the validation losses so far, or those of training until there is one."""
    losses = [row["val_loss"] for row in rows if row["val_loss"] is not None]
    return losses or [row["train_loss"] for row in rows]


def stalled(rows: list[Event], patience: int | None, least: float = 0.0) -> bool:
    """Whether the validation loss was last lowered, by more than `least`, at least `patience` epochs ago.

    Epochs before the first that was validated tell nothing, and where none ever is, nothing stalls.
    """
    best, since = math.inf, -1
    first = next((place for place, row in enumerate(rows) if row["val_loss"] is not None), len(rows))
    for row in rows[first:]:
        loss = math.inf if row["val_loss"] is None else row["val_loss"]
        best, since = (loss, 0) if loss < best - least else (best, since + 1)
    return bool(patience) and since >= (patience or 0)
