"""The checkpoints that a RUN folder keeps, as its manifest names them; the engine's own rules (`classifier.run`) without the engine.

What a checkpoint is called by people is said here alone, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.spec import runfile
from classifier.spec.errors import InputError
from webapp.experiments.models import Experiment

BEST, LAST = NAMED = ("best", "last")


def entries(experiment: Experiment) -> list[dict[str, Any]]:
    """All of them, oldest first; none where they are not to be read."""
    return entries_in(experiment.folder)


def entries_in(folder: Path) -> list[dict[str, Any]]:
    """The same of a RUN folder."""
    try:
        return runfile.read(folder)
    except (OSError, ValueError):
        return []


def kept_epochs(folder: Path) -> list[int]:
    """Epochs whose networks a RUN folder keeps."""
    return [int(entry["epoch"]) for entry in entries_in(folder) if entry.get("whole") and str(entry.get("epoch", "")).isdecimal()]


def file_of(folder: Path, entry: dict[str, Any] | None) -> Path | None:
    """The file of an entry, while it is kept."""
    path = runfile.place_of(folder, entry) if entry and entry.get("file") else None
    return path if path is not None and path.is_file() else None


def short(checkpoint: str) -> str:
    """ "best", "last", "epoch 7"."""
    return f"epoch {checkpoint}" if checkpoint.isdecimal() else checkpoint


def called(checkpoint: str) -> str:
    """ "best checkpoint", "epoch 7"."""
    return short(checkpoint) if checkpoint.isdecimal() else f"{checkpoint} checkpoint"


def at_length(checkpoint: str) -> str:
    """ "best checkpoint", "checkpoint of epoch 7"."""
    return f"checkpoint of {short(checkpoint)}" if checkpoint.isdecimal() else called(checkpoint)


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
        kept = ", ".join(map(str, kept_epochs(experiment.folder))) or "none"
        raise InputError(f"There is no checkpoint {checkpoint[:20]}; there are best, last and those of epochs {kept}.")
