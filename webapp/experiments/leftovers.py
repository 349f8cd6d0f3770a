"""Removes what purged experiments and ended checks of weights left in the data folder, where a process was killed or wrote once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from webapp.accounts import audit
from webapp.core.ids import is_id
from webapp.datasets.leftovers import DAY, age, remove
from webapp.experiments.models import Experiment, WeightsFile
from webapp.jobs.models import State

KEPT = "weights.safetensors"


def sweep() -> list[Path]:
    """Removes half deleted RUN folders, and folders and configurations of experiments that were deleted for good; gives them.

    Of uploaded weights: what a check that ended badly left, and beside those that passed all but the safetensors file.
    """
    folder = Path(settings.SYNSET_HOME) / "experiments"
    weights = folder.with_name("weights")
    found = [*folder.glob(".gone-*"), *without_row(folder), *weights.glob(".gone-*"), *unused_weights(weights)]
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


def unused_weights(folder: Path) -> Iterator[Path]:
    """Folders and files of uploaded weights that nothing will read again.

    Kept weights that nobody deleted stay without their row too: that may be in another database, or in a backup.
    """
    found = {path.name: path for path in folder.glob("*") if is_id(path.name) and path.is_dir() and not path.is_symlink()}
    states = dict(WeightsFile.objects.filter(pk__in=found).values_list("pk", "job__state"))
    deleted = audit.subjects("weights.delete", found.keys() - states.keys())
    for id, path in found.items():
        state = states.get(id)
        if state in (State.FAILED, State.CANCELLED):
            yield path
        elif state == State.SUCCEEDED:
            yield from (inner for inner in path.iterdir() if inner.name not in (KEPT, "log.txt"))
        elif state is None and (id in deleted or not (path / KEPT).exists()) and age(path) >= DAY:
            yield path
