"""What the page of a matrix draws, and what it says of one part of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from classifier.metrics import most_confused, wilson
from classifier.metrics.predictions import quoted
from webapp.core.words import percent, plural, thousands
from webapp.evaluations.images.showing import Told
from webapp.evaluations.images.wanted import Wanted
from webapp.evaluations.matrix.orders import Matrix, offered

PAIRS = 100  # of the commonest mistakes that a page lists


def drawn(told: Told, matrix: Matrix) -> dict[str, Any]:
    """For the page's script: names, cells that are not zero, orders with groups."""
    rows, columns = np.nonzero(matrix.counts)
    return {
        "names": matrix.names,
        "labels": matrix.labels,
        "rows": rows.tolist(),
        "columns": columns.tolist(),
        "counts": matrix.counts[rows, columns].tolist(),
        "orders": [order._asdict() for order in offered(told.evaluation, matrix)],
    }


def pairs(told: Told, matrix: Matrix) -> list[dict[str, Any]]:
    """The commonest mistakes, with how sure their share is and where their images are."""
    numbers = {label: number for number, label in enumerate(matrix.labels)}
    found = most_confused(matrix.counts, matrix.labels, PAIRS)
    return [pair(told, matrix, numbers[one["label"]], numbers[one["predicted"]]) for one in found]


def pair(told: Told, matrix: Matrix, true: int, said: int) -> dict[str, Any]:
    """One of them."""
    n, count = int(matrix.counts[true].sum()), int(matrix.counts[true, said])
    part = Part((true,), (said,))
    return {
        "true": true,
        "said": said,
        "name": matrix.names[true],
        "taken_for": matrix.names[said],
        "count": count,
        "share": count / n,
        "interval": wilson(count, n),
        "address": images_of(told, part),
    }


class Part(NamedTuple):
    """A cell, a row, a column, or a block of classes; empty is all classes."""

    true: tuple[int, ...]
    said: tuple[int, ...]


def images_of(told: Told, part: Part) -> str:
    """The address of the part's images."""
    query = urlencode(Wanted(true=part.true, said=part.said).query())
    return reverse("evaluations:images", args=[told.evaluation.pk]) + (f"?{query}" if query else "")


def figures(matrix: Matrix, part: Part) -> list[str]:
    """How many images a part has, of how many, and how sure the share is; sentences."""
    counts = matrix.counts
    rows = list(part.true) or range(len(counts))
    columns = list(part.said) or range(len(counts))
    count = int(counts[np.ix_(rows, columns)].sum())
    found = []
    if part.true:
        found.append(share_words(count if part.said else right_of(counts, rows), int(counts[rows].sum()), said_of(part)))
    if part.said and part.true != part.said:
        whole = int(counts[:, columns].sum())
        found.append(share_words(count if part.true else right_of(counts, columns), whole, called_of(part)))
    return found


def right_of(counts: np.ndarray, numbers: Sequence[int]) -> int:
    """Images of those classes that are named rightly."""
    return int(counts[numbers, numbers].sum())


def said_of(part: Part) -> str:
    """What the share of the true classes' images is of."""
    return "of what it is are called so" if part.said else "are named rightly"


def called_of(part: Part) -> str:
    """What the share of what is called so is of."""
    return "of what is called so are of it" if part.true else "of what is called so are right"


def share_words(count: int, n: int, words: str) -> str:
    """ "12 of 50 (24.0 %; 95 % interval 14.3 to 37.4 %) are …"."""
    if not n:
        return "There are no such images."
    low, high = wilson(count, n)
    return f"{thousands(count)} of {thousands(n)} ({percent(count / n)}; 95 % interval {100 * low:.1f} to {100 * high:.1f} %) {words}."


def summary(matrix: Matrix) -> str:
    """The matrix in one sentence, for who does not see it."""
    right, every = int(np.trace(matrix.counts)), int(matrix.counts.sum())
    return f"Confusion matrix of {plural(len(matrix.names), 'class')}: {thousands(right)} of {plural(every, 'image')} named rightly."


def as_csv(matrix: Matrix) -> Iterator[bytes]:
    """A line a true class, a column a predicted one."""
    labels = [quoted(label) for label in matrix.labels]
    yield line(["true \\ predicted", *labels])
    for label, counts in zip(labels, matrix.counts, strict=True):
        yield line([label, *counts.tolist()])


def line(cells: Sequence[Any]) -> bytes:
    """One line of CSV."""
    file = io.StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue().encode("utf-8", "backslashreplace")
