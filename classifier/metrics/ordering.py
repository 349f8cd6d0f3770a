"""Classes in an order in which those that belong together stand together, and how that order falls into groups.

By a tree that is given, or by what is mixed up: average linkage (Sokal and Michener 1958) by chains of nearest neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.counts import Counts

MOST_CLASSES = 2_000  # that are clustered: time grows with their square, 0.1 s of a thousand
FEWEST = 12  # classes of which groups are made at all
GROUPS = 40  # at most
SHARE, SMALL = 16, 6  # a group of more than a sixteenth of the classes, and of more than six, is cut further

Children = Mapping[str, Sequence[str]]


class Group(NamedTuple):
    """Classes that stand beside each other: `name` is their node of the tree."""

    name: str
    first: int  # places in the order, both with it
    last: int


class Order(NamedTuple):
    """Classes by their numbers, and groups of two or more that do not overlap, in order."""

    classes: list[int]
    groups: list[Group]


def by_tree(children: Children, roots: Sequence[str], numbers: Mapping[str, int]) -> Order:
    """The classes below the roots, in the tree's own order. `numbers` names the leaves; a class may have others below it."""
    order: list[int] = []
    spans: dict[str, tuple[int, int]] = {}
    stack = [(root, False) for root in reversed(roots)]
    begun: dict[str, int] = {}
    while stack:
        node, left = stack.pop()
        if left:
            spans[node] = (begun[node], len(order) - 1)
            continue
        begun[node] = len(order)
        if node in numbers:
            order.append(numbers[node])
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children.get(node, ())))
    return Order(order, cut(children, roots, spans))


def cut(children: Children, roots: Sequence[str], spans: Mapping[str, tuple[int, int]]) -> list[Group]:
    """From the roots down the largest group falls into those below it, until none is too large or there are many."""
    size = {node: last - first + 1 for node, (first, last) in spans.items()}
    total = sum(size[root] for root in roots)
    if total < FEWEST:
        return []
    largest_size = max(total / SHARE, SMALL)
    done: list[str] = []
    left = list(roots)
    while left and len(done) + len(left) < GROUPS:
        largest = max(left, key=lambda node: size[node])
        if size[largest] <= largest_size:
            break
        left.remove(largest)
        below = [child for child in children.get(largest, ()) if size[child]]
        if below and sum(size[child] for child in below) == size[largest]:
            left.extend(below)
        else:  # a class itself, with others below it
            done.append(largest)
    found = [Group(node, *spans[node]) for node in (*done, *left) if size[node] > 1]
    return sorted(found, key=lambda group: group.first)


def alike(counts: Counts) -> NDArray[np.float64]:
    """[C, C], symmetric: the mean share of each of two classes that is taken for the other."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    return np.asarray((shares + shares.T) / 2)


def clustered(counts: Counts) -> Order:
    """Classes that are taken for each other beside each other; those that nothing is mixed up with come last, as they are numbered."""
    size = len(counts)
    if size > MOST_CLASSES:
        return Order(list(range(size)), [])
    start = alike(counts)
    merges, roots = linked(start)
    children: dict[str, list[str]] = {}
    leaves: dict[int, list[int]] = {number: [number] for number in range(size)}
    for number, (one, other) in enumerate(merges, size):
        leaves[number] = joined(leaves[one], leaves[other], start)
        children[str(number)] = [str(one), str(other)]
    roots = sorted(roots, key=lambda node: (-len(leaves[node]), leaves[node][0]))
    order = [leaf for root in roots for leaf in leaves[root]]
    places = {leaf: place for place, leaf in enumerate(order)}
    spans = {str(node): (min(at), max(at)) for node, some in leaves.items() for at in [[places[leaf] for leaf in some]]}
    mixed = [str(root) for root in roots if len(leaves[root]) > 1]
    return Order(order, cut(children, mixed, spans))


def joined(one: list[int], other: list[int], start: NDArray[np.float64]) -> list[int]:
    """Both, turned so that the ends that meet are as alike as they can be."""
    ways = ((one, other), (one[::-1], other), (one, other[::-1]), (one[::-1], other[::-1]))
    first, second = max(ways, key=lambda way: start[way[0][-1], way[1][0]])
    return first + second


def linked(start: NDArray[np.float64]) -> tuple[list[tuple[int, int]], list[int]]:
    """(pairs of clusters that become one, in the order of their making, those made earlier first; the clusters that are left).

    Clusters are numbered as they are made, behind the classes; what has nothing alike is left.
    """
    size = len(start)
    near, weight = start.copy(), np.ones(size)
    named, alive = list(range(size)), np.ones(size, bool)
    merges: list[tuple[int, int]] = []
    left: list[int] = []
    chain: list[int] = []
    while alive.any():
        if not chain:
            chain.append(int(np.argmax(alive)))
        at = chain[-1]
        nearest = int(np.argmax(near[at]))
        if near[at, nearest] <= 0:
            left.append(named[at])
            alive[at] = False
            chain.clear()
            continue
        if len(chain) > 1 and near[at, chain[-2]] >= near[at, nearest]:
            merge(near, weight, at, chain[-2])
            merges.append((named[at], named[chain[-2]]))
            alive[chain[-2]] = False
            named[at] = size + len(merges) - 1
            chain = chain[:-2]
        else:
            chain.append(nearest)
    return merges, left


def merge(near: NDArray[np.float64], weight: NDArray[np.float64], into: int, gone: int) -> None:
    """One cluster of two: as alike to others as its members are on average."""
    both = weight[into] + weight[gone]
    mean = (weight[into] * near[into] + weight[gone] * near[gone]) / both
    near[into], near[:, into] = mean, mean
    near[into, into] = 0
    near[gone], near[:, gone] = 0, 0
    weight[into] = both
