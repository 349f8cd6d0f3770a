"""The checkpoints that a RUN folder keeps, as its manifest names them; the engine's own rules (`classifier.run`) without the engine."""

from __future__ import annotations

import json
from typing import Any

from classifier.spec.errors import InputError
from webapp.experiments.models import Experiment

BEST, LAST = NAMED = ("best", "last")


def entries(experiment: Experiment) -> list[dict[str, Any]]:
    """All of them, oldest first; none where they are not to be read."""
    try:
        told = json.loads((experiment.folder / "manifest.json").read_text(encoding="utf-8"))["checkpoints"]
        return [dict(entry) for entry in told]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def kept_epochs(experiment: Experiment) -> list[int]:
    """Epochs whose networks are kept."""
    return [int(entry["epoch"]) for entry in entries(experiment) if entry.get("whole")]


def entry(experiment: Experiment, checkpoint: str) -> dict[str, Any] | None:
    """The one called best, last or by its epoch's number; None where it is not kept."""
    every = entries(experiment)
    if checkpoint == LAST:
        return every[-1] if every else None
    named = [one for one in every if (one.get("best") if checkpoint == BEST else one.get("whole") and str(one["epoch"]) == checkpoint)]
    if checkpoint == BEST and not named:
        return every[-1] if every else None
    return named[-1] if named else None


def check(experiment: Experiment, checkpoint: str) -> None:
    """InputError, with those that there are; where none is to be read here, the engine says what is wrong."""
    if entries(experiment) and entry(experiment, checkpoint) is None:
        kept = ", ".join(map(str, kept_epochs(experiment))) or "none"
        raise InputError(f"There is no checkpoint {checkpoint[:20]}; there are best, last and those of epochs {kept}.")
