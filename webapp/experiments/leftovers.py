"""Removes what purged experiments left in the data folder, where a process was killed or wrote there once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from webapp.accounts import audit
from webapp.core.ids import is_id
from webapp.datasets.leftovers import DAY, age, remove
from webapp.experiments.models import Experiment


def sweep() -> list[Path]:
    """Removes half deleted RUN folders, and folders and configurations of experiments that were deleted for good; gives them."""
    folder = Path(settings.SYNSET_HOME) / "experiments"
    found = [*folder.glob(".gone-*"), *without_row(folder)]
    for path in found:
        remove(path)
    return found


def without_row(folder: Path) -> Iterator[Path]:
    """What this database says was deleted for good, untouched for a day: a worker that was cut off may have gone on writing.

    A run that nobody deleted stays: its row may be in another database, or in a backup.
    """
    found = [path for path in folder.glob("*") if is_id(path.stem) and path.suffix in ("", ".json") and not path.is_symlink()]
    lost = {path.stem for path in found}.difference(Experiment.everything.values_list("pk", flat=True).iterator())
    purged = audit.subjects("experiment.purge", lost)
    return (path for path in found if path.stem in purged and age(path) >= DAY)
