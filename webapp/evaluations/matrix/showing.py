"""What the page of a matrix draws, and what it says of one part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from classifier.metrics import most_confused, wilson
from classifier.metrics.predictions import quoted
from webapp.core.pieces import csv_lines
from webapp.core.words import percent, plural, thousands
from webapp.evaluations.images.showing import Told
from webapp.evaluations.images.wanted import Wanted
from webapp.evaluations.matrix.cells import Cells
from webapp.evaluations.matrix.orders import Matrix, offered

NAMED = 3  # classes of a block that a sentence names
PAIRS = 100  # of the commonest mistakes that a page lists
CELL, NAMES = 64, 112  # pixels: the largest cell of static/js/matrix_view.js, and what names and edges take above and below the cells
LEAST, MOST = 260, 720  # pixels: the height of the whole


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


def room(classes: int) -> int:
    """How high so many classes are drawn where there is width enough, in pixels: the page keeps it free until they are."""
    return min(MOST, max(LEAST, CELL * classes + NAMES))


def pairs(told: Told, matrix: Matrix) -> list[dict[str, Any]]:
    """The commonest mistakes, with how sure their share is and where their images are."""
    numbers = {label: number for number, label in enumerate(matrix.labels)}
    found = most_confused(matrix.counts, matrix.labels, PAIRS)
    return [pair(told, matrix, numbers[one["label"]], numbers[one["predicted"]]) for one in found]


def pair(told: Told, matrix: Matrix, true: int, said: int) -> dict[str, Any]:
    """One of them."""
    n, count = int(matrix.counts[true].sum()), int(matrix.counts[true, said])
    return {
        "true": true,
        "said": said,
        "name": matrix.names[true],
        "taken_for": matrix.names[said],
        "count": count,
        "share": count / n,
        "interval": wilson(count, n),
        "address": images_of(told, Wanted(true=(true,), said=(said,))),
    }


class Part(NamedTuple):
    """A cell, a row, a column, or a block of classes; empty is all classes."""

    true: tuple[int, ...]
    said: tuple[int, ...]


def images_of(told: Told, wanted: Wanted) -> str:
    """The address of a part's images."""
    query = urlencode(wanted.query())
    return reverse("evaluations:images", args=[told.evaluation.pk]) + (f"?{query}" if query else "")


def figures(named: Sequence[str], cells: Cells, part: Part) -> list[str]:
    """How many images a part has, of how many, and how sure the share is; sentences. `named`: the classes."""
    true, said = (names(named, numbers) for numbers in part)
    if part.true and part.said:
        count = cells.images(*part)
        told = [share_words(count, cells.images(part.true), f"images of {true} are called {said}")]
        if part.true != part.said or len(part.true) == 1:
            told.append(share_words(count, cells.images(said=part.said), f"images that are called {said} are of {true}"))
        return told
    if part.true:
        return [share_words(cells.right(part.true), cells.images(part.true), f"images of {true} are named rightly")]
    if part.said:
        return [share_words(cells.right(part.said), cells.images(said=part.said), f"images that are called {said} are so")]
    return [share_words(cells.right(), cells.images(), "images are named rightly")]


def names(named: Sequence[str], numbers: Sequence[int]) -> str:
    """Of the first classes, and how many more there are."""
    more = len(numbers) - NAMED
    first = ", ".join(named[number] for number in numbers[:NAMED])
    return f"{first} and {plural(more, 'other')}" if more > 0 else first


def share_words(count: int, n: int, words: str) -> str:
    """ "12 of 50 images of cat are called dog (24.0 %; 95 % interval 14.3 to 37.4 %)."."""
    if not n:
        return "There are no such images."
    low, high = wilson(count, n)
    return f"{thousands(count)} of {thousands(n)} {words} ({percent(count / n)}; 95 % interval {100 * low:.1f} to {100 * high:.1f} %)."


def summary(matrix: Matrix) -> str:
    """The matrix in one sentence, for who does not see it."""
    right, every = int(np.trace(matrix.counts)), int(matrix.counts.sum())
    return f"Confusion matrix of {plural(len(matrix.names), 'class')}: {thousands(right)} of {plural(every, 'image')} named rightly."


def as_csv(matrix: Matrix) -> Iterator[bytes]:
    """A line a true class, a column a predicted one."""
    labels = [quoted(label) for label in matrix.labels]
    yield csv_lines([["true \\ predicted", *labels]])
    for label, counts in zip(labels, matrix.counts, strict=True):
        yield csv_lines([[label, *counts.tolist()]])
