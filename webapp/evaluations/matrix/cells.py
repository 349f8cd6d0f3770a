"""The cells of an evaluation's matrix that are not empty, kept from one answer to the next: of a million predictions to read them takes
longer than all else that the images of a cell need."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from classifier.metrics.counts import Counts
from classifier.spec.events import Sparse
from webapp.evaluations.models import Evaluation


class Cells(NamedTuple):
    """True classes, predicted ones and counts of K cells, each [K]."""

    rows: Counts
    columns: Counts
    counts: Counts

    def images(self, true: Collection[int] = (), said: Collection[int] = ()) -> int:
        """Images of those classes that are called one of those; of none, of all."""
        inside = np.ones(len(self.counts), bool)
        for places, numbers in ((self.rows, true), (self.columns, said)):
            if numbers:
                inside &= np.isin(places, list(numbers))
        return int(self.counts[inside].sum())

    def right(self, numbers: Collection[int] = ()) -> int:
        """Images of those classes that are named rightly."""
        inside = self.rows == self.columns
        return Cells(self.rows[inside], self.columns[inside], self.counts[inside]).images(numbers)


class Measured:
    """An evaluation as it was measured: another measurement of it has other figures, and its cells are others."""

    def __init__(self, evaluation: Evaluation) -> None:
        result = evaluation.result or {}
        self.key = (evaluation.pk, *(result.get(name) for name in ("n", "top1", "loss")))
        self.evaluation: Evaluation | None = evaluation

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Measured) and self.key == other.key


def cells_of(evaluation: Evaluation) -> Cells:
    """Of a finished evaluation; its matrix is read where it is not kept."""
    return kept(Measured(evaluation))


@lru_cache(maxsize=8)
def kept(measured: Measured) -> Cells:
    """Of a thousand classes and a million predictions about 3 MB."""
    assert measured.evaluation is not None and measured.evaluation.confusion, "asked for before it was done"
    cells = unpacked(measured.evaluation.confusion)
    measured.evaluation = None  # it is kept by its key alone
    return cells


def unpacked(confusion: Sparse) -> Cells:
    """As columns."""
    columns = confusion["rows"], confusion["columns"], confusion["counts"]
    return Cells(*(np.asarray(column, np.int64) for column in columns))
