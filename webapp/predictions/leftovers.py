"""Removes what deleted classifications and killed ones left in the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from webapp.accounts import audit
from webapp.core.ids import is_id
from webapp.datasets.files import is_free
from webapp.datasets.leftovers import DAY, JUST_MADE, age, remove
from webapp.jobs.models import FINAL
from webapp.predictions.models import Classification


def sweep() -> list[Path]:
    """Removes half deleted folders, those of no row, and what tries and archives left of those that are done; gives them."""
    folder = Path(settings.SYNSET_HOME) / "classifications"
    found = [*folder.glob(".gone-*"), *without_row(folder), *of_ended(folder)]
    for path in found:
        remove(path)
    return found


def folders(folder: Path) -> dict[str, Path]:
    """By their classification's id."""
    return {path.name: path for path in folder.glob("*") if is_id(path.name) and path.is_dir() and not path.is_symlink()}


def without_row(folder: Path) -> Iterator[Path]:
    """Of such as were deleted, or never came to be, untouched for a day.

    One with answers that nobody deleted stays: its row may be in another database, or in a backup.
    """
    found = folders(folder)
    lost = found.keys() - set(Classification.everything.filter(pk__in=found).values_list("pk", flat=True))
    deleted = audit.subjects("classification.purge", set(lost)) | audit.subjects("classification.delete", set(lost))
    for id in lost:
        if (id in deleted or not any(found[id].glob("data.*"))) and age(found[id]) >= DAY:
            yield found[id]


def of_ended(folder: Path) -> Iterator[Path]:
    """Beside the answers of those that are done, and of those not tried again by themselves: tries, and archives that were read."""
    found = folders(folder)
    ended = Classification.everything.filter(pk__in=found, job__state__in=FINAL)
    for row in ended.only("files", "images"):
        tries = [path for path in found[row.pk].glob("*data.*") if path.name != row.files]
        yield from (path for path in tries if age(path) >= JUST_MADE and is_free(path))
        if row.is_done and (upload := found[row.pk] / "upload").exists():
            yield upload
