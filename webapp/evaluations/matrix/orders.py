"""The orders in which the classes of a matrix may stand, each with the groups it falls into."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics.counts import Counts
from classifier.metrics.ordering import Group, Order, by_tree, clustered
from classifier.spec import synsets
from webapp.core.words import plural
from webapp.evaluations.models import Evaluation

NAMED = 2  # classes that name a group


class Matrix(NamedTuple):
    """What the page draws; of C classes."""

    labels: list[str]
    names: list[str]
    counts: Counts  # [C, C]


class Named(NamedTuple):
    """An order as a page offers it; no classes: as they are numbered."""

    key: str
    words: str
    classes: list[int]
    groups: list[dict[str, Any]]


def offered(evaluation: Evaluation, matrix: Matrix) -> list[Named]:
    """Those that tell something of these classes."""
    found = [Named("given", "as in the dataset", [], [])]
    if mixed := of_mistakes(evaluation, matrix):
        found.append(mixed)
    if tree := of_synsets(matrix):
        found.append(tree)
    worst = np.argsort(recalls(matrix.counts), kind="stable").tolist()
    found.append(Named("worst", "worst recall first", worst, []))
    found.append(Named("name", "by name", sorted(range(len(matrix.names)), key=lambda number: matrix.names[number].casefold()), []))
    return found


def recalls(counts: Counts) -> np.ndarray:
    """Of each class the share that is named rightly; classes without images last."""
    n = counts.sum(axis=1)
    return np.where(n > 0, np.diag(counts) / np.maximum(n, 1), 2.0)


def of_mistakes(evaluation: Evaluation, matrix: Matrix) -> Named | None:
    """By what is taken for what; None where nothing is."""
    if matrix.counts.sum() == np.trace(matrix.counts):
        return None
    order = kept(Key(evaluation, matrix.counts))
    groups = [told(group, group_words(order, group, matrix)) for group in order.groups]
    return Named("clustered", "by what is mixed up", order.classes, groups)


class Key:
    """An evaluation and its counts, which belong together: kept by the first alone."""

    def __init__(self, evaluation: Evaluation, counts: Counts) -> None:
        self.key, self.counts = (evaluation.pk, int(counts.sum())), counts

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.key == other.key


@lru_cache(maxsize=8)
def kept(key: Key) -> Order:
    """The clustering of an evaluation, which never changes: of a thousand classes it takes a tenth of a second."""
    order = clustered(key.counts)
    key.counts = key.counts[:0]  # it has been made: eight matrices of a thousand classes would be 64 MB
    return order


def group_words(order: Order, group: Group, matrix: Matrix) -> str:
    """ "cat, dog and 5 others": the classes of it with most mistakes."""
    inside = order.classes[group.first : group.last + 1]
    wrong = matrix.counts.sum(axis=1) - np.diag(matrix.counts)
    first = sorted(inside, key=lambda number: -int(wrong[number]))[:NAMED]
    more = len(inside) - len(first)
    return ", ".join(matrix.names[number] for number in first) + (f" and {plural(more, 'other')}" if more else "")


def of_synsets(matrix: Matrix) -> Named | None:
    """By the tree of nouns, where the labels are ids of it; None where hardly any is."""
    numbers = {label: number for number, label in enumerate(matrix.labels)}
    paths = {label: found for label in numbers if (found := synsets.path(label))}
    if 2 * len(paths) < len(numbers) or not paths:
        return None
    children: dict[str, dict[str, None]] = {}
    for found in paths.values():
        for above, node in pairwise(found):
            children.setdefault(above, {})[node] = None
    sorted_children = {node: sorted(below) for node, below in children.items()}
    roots = sorted({found[0] for found in paths.values()}) + [label for label in matrix.labels if label not in paths]
    order = by_tree(sorted_children, roots, numbers)
    known = synsets.tree()
    groups = [told(group, known[group.name].name or matrix.names[numbers[group.name]]) for group in order.groups]
    return Named("synsets", "by kind (synset tree)", order.classes, groups)


def told(group: Group, words: str) -> dict[str, Any]:
    """For the page's script."""
    return {"name": words, "first": group.first, "last": group.last}


def matrix_of(evaluation: Evaluation, names: Sequence[str]) -> Matrix:
    """Of a finished evaluation."""
    counts = evaluation.counts
    assert counts is not None, "asked for before it was done"
    return Matrix(evaluation.classes, list(names), counts)
