"""Class and split of every sample of a version, with a draft laid over them; and the sizes of its images."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.db import connection

from classifier.spec.packfile import INDEX
from webapp.datasets import packs
from webapp.datasets.draft_models import Draft
from webapp.datasets.drafts import classes
from webapp.datasets.models import DatasetVersion

MOST_LAID = 100_000  # samples of a draft that are read for one page
NOT_SAID = -1  # of what the draft leaves as it is
SIZE_DTYPE = np.dtype({"names": ["width", "height"], "formats": ["<u2", "<u2"], "offsets": [12, 14], "itemsize": INDEX.size})
PIECE = 65_536  # records of the index that are read at once: of 52 bytes each four are kept
Sizes = tuple[np.ndarray, np.ndarray]


class Held(NamedTuple):
    """By position; `splits` is IN_NO_SPLIT where the version has no such sample."""

    images: np.ndarray  # rows of the pack
    labels: np.ndarray  # numbers of the draft's classes, or of the version's
    splits: np.ndarray
    changed: np.ndarray  # positions of which the draft says something, ascending
    whole: bool  # False: the draft says so much that class and split are its base's


class State:
    """Version and draft as they are now: equal where nothing changed since."""

    def __init__(self, version: DatasetVersion, draft: Draft | None) -> None:
        self.version, self.draft = version, draft
        self.key = (str(version.folder), version.fingerprint, version.erased, draft and draft.pk, revision(draft))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.key == other.key


def revision(draft: Draft | None) -> tuple[int, int]:
    """Another one after each edit and each undo."""
    return (0, 0) if draft is None else (draft.edits_made, draft.edits.filter(undone_at__isnull=False).count())


@lru_cache(maxsize=2)
def held(state: State) -> Held:
    """Kept for who asks again: five bytes a sample. Raises packs.Missing where the files are gone."""
    version, draft = state.version, state.draft
    table = packs.table(version.folder)
    labels, splits = np.array(table["label"], np.int32), np.array(table["split"])
    if draft is None:
        return Held(table["image"], labels, splits, np.empty(0, np.int64), True)
    said = said_by(draft)
    whole = len(said) <= MOST_LAID
    if whole:
        for column, into in ((1, labels), (2, splits)):
            told = said[said[:, column] != NOT_SAID]
            into[told[:, 0]] = told[:, column]
    return Held(table["image"], gathered(draft, labels), splits, said[:MOST_LAID, 0], whole)


def said_by(draft: Draft) -> np.ndarray:
    """[N, 3]: position, label and split of what the draft changes, by position; one row more than is laid over a page at most."""
    rows = draft.samples.order_by("position").values_list("position", "label", "split")[: MOST_LAID + 1]
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:  # rows of models would take ten times as long
        cursor.execute(sql, params)
        found = cursor.fetchall()
    told = ((position, NOT_SAID if label is None else label, NOT_SAID if split is None else split) for position, label, split in found)
    return np.array(list(told), np.int64).reshape(-1, 3)


def gathered(draft: Draft, labels: np.ndarray) -> np.ndarray:
    """Labels of merged classes are those that they went into; of a class that was taken out its own."""
    if not draft.classes:
        return labels
    ends = (classes.resolved(draft.classes, number) for number in range(classes.count(draft)))
    mapping = np.array([number if end is None else end for number, end in enumerate(ends)], labels.dtype)
    return np.asarray(mapping[labels])


def sizes(version: DatasetVersion) -> Sizes:
    """(widths, heights) in pixels of every image of the pack."""
    path = version.folder / "pack" / "index.bin"
    try:
        return read_sizes(path, path.stat().st_size)
    except OSError as error:
        raise packs.Missing("index.bin is not there") from error


@lru_cache(maxsize=4)
def read_sizes(path: Path, length: int) -> Sizes:
    """A pack only grows: one of the same length is the same. Read in pieces, so that its hashes never lie in memory."""
    records = length // INDEX.size
    found = np.empty(records, np.uint16), np.empty(records, np.uint16)
    with path.open("rb") as file:
        for start in range(0, records, PIECE):
            some = np.fromfile(file, SIZE_DTYPE, min(PIECE, records - start))
            for into, name in zip(found, ("width", "height"), strict=True):
                into[start : start + len(some)] = some[name]
    return found
