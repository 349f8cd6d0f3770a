"""Least and most images a class: small classes are left out, and of large ones a part is chosen.

Which part is a pure function of seed and content, so that the same files give the same choice whatever their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from classifier.data.problems import Problem, left_out, warned
from classifier.data.split import seeded
from classifier.spec.errors import InputError


class Limit(NamedTuple):
    """How many images a class is to have; None: as many as it has."""

    least: int | None = None
    most: int | None = None
    seed: int = 0

    def check(self) -> None:
        """Raises InputError for what no class can keep to."""
        for name, count in (("least", self.least), ("most", self.most)):
            if count is not None and count < 1:
                raise InputError(f"The {name} images a class must be a whole number from 1; {count:,} came.")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise InputError(f"The least images a class, {self.least:,}, are more than the most, {self.most:,}.")


def beyond(labels: np.ndarray, parts: np.ndarray, digest: Callable[[int], bytes], limit: Limit) -> np.ndarray:
    """Which samples are to go: bool [N]. labels: int64 [N]; parts: [N], of which each keeps the same share; digest: content by place."""
    numbers = np.bincount(labels) if len(labels) else np.zeros(0, np.int64)
    gone = (numbers < limit.least)[labels] if limit.least is not None else np.zeros(len(labels), bool)
    if limit.most is None:
        return gone
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(len(numbers) + 1))
    for label in np.flatnonzero(numbers > limit.most).tolist():
        members = order[starts[label] : starts[label + 1]]
        stay = chosen(parts[members].tolist(), [digest(place) for place in members.tolist()], limit.most, limit.seed)
        gone[members] = True
        gone[members[stay]] = False
    return gone


def chosen(parts: Sequence[int], digests: Sequence[bytes], most: int, seed: int) -> list[int]:
    """So many places, of each part the same share: the first ones by a seeded order of their content."""
    sizes, met = Counter(parts), Counter[int]()
    ranked = []
    for place in sorted(range(len(digests)), key=lambda place: seeded(seed, digests[place])):
        part = parts[place]
        ranked.append(((met[part] + 0.5) / sizes[part], place))
        met[part] += 1
    ranked.sort(key=lambda row: row[0])
    return [place for _, place in ranked[:most]]


def told(numbers: dict[str, int], limit: Limit, beside: str = "") -> list[Problem]:
    """One problem for each class that has too few or too many images; `numbers`: how many each had, `beside` those that were not asked."""
    found = []
    for label, count in sorted(numbers.items()):
        if limit.least is not None and count < limit.least:
            have = f"has {count:,} image{'s' * (count != 1)}, and a class is to have {limit.least:,} at least"
            found.append(left_out(label, "class_too_small", f"{have}; the class was left out with them"))
        elif limit.most is not None and count > limit.most:
            have = f"has {count:,} images{beside}, of which {limit.most:,} {were(limit.most)} chosen by seed {limit.seed}"
            found.append(warned(label, "class_cut", f"{have}; {count - limit.most:,} {were(count - limit.most)} left out"))
    return found


def were(count: int) -> str:
    return "was" if count == 1 else "were"
