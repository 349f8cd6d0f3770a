"""Removes what studies and maps that nobody has any more left in the RUN folders, where a process was killed before it removed them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from webapp.datasets.leftovers import DAY, age, remove
from webapp.evaluations.map_models import EmbeddingMap
from webapp.evaluations.study_models import Study
from webapp.experiments.models import Experiment

NAMED = re.compile(r"\.?(filters|map)-([0-9a-z]{20})-\d+\.")  # as worker.handlers names them: what, whose, and which attempt's


def sweep() -> list[Path]:
    """Removes the files of rows that are gone, untouched for a day, and gives them.

    Of runs that this database knows: another database, or a backup, may have the rows of others.
    """
    found = [path for path in without_row(Path(settings.SYNSET_HOME) / "experiments") if age(path) >= DAY]
    for path in found:
        remove(path)
    return found


def without_row(folder: Path) -> Iterator[Path]:
    """Files of studies and maps without their row."""
    found = {path: named[2] for path in folder.glob("*/*") if (named := NAMED.match(path.name)) and path.is_file()}
    known = set(Experiment.everything.filter(pk__in={path.parent.name for path in found}).values_list("pk", flat=True))
    ids = set(found.values())
    kept = {id for model in (Study.everything, EmbeddingMap.objects) for id in model.filter(pk__in=ids).values_list("pk", flat=True)}
    return (path for path, id in found.items() if path.parent.name in known and id not in kept)
