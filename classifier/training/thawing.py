"""Gradual unfreezing: which stages learn in an epoch, said when it changes."""

from __future__ import annotations

from classifier.models.freezing import freeze_stages, frozen_count, stages_of
from classifier.spec.depth import frozen_in
from classifier.spec.words import plural
from classifier.training.setup import Training


def thaw(training: Training, epoch: int) -> None:
    """Sets which stages learn in that epoch, where some thaw while training; else they are set for good."""
    t, c = training, training.config
    if c.unfreeze is None:
        return
    count = frozen_count(t.model, c.freeze)
    frozen = frozen_in(count, c.unfreeze, epoch)
    freeze_stages(t.model, frozen)
    if epoch > 1 and frozen < frozen_in(count, c.unfreeze, epoch - 1):
        name = list(stages_of(t.model))[frozen]
        stay = f"{plural(frozen, 'stage')} {'stays' if frozen == 1 else 'stay'} frozen"
        message = f"From epoch {epoch} on {name} learns too; {stay}."
        t.watch.on_event({"event": "log", "level": "info", "message": message})
