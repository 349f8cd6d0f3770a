"""How far two people agree about the same images, beyond what chance would give.

Cohen, "A coefficient of agreement for nominal scales", 1960; the standard error is the large-sample one of the same paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from classifier.metrics.counts import Counts
from classifier.metrics.intervals import Z_95

# Landis and Koch, "The measurement of observer agreement for categorical data", 1977: from where on each word holds.
STRENGTHS = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight"))
LESS_THAN_CHANCE = "less than chance"


class Agreement(NamedTuple):
    """Two people on the same images; shares are fractions of 1, and None where nothing was there to divide by."""

    images: int
    agreed: int
    observed: float | None  # share on which both say the same
    expected: float | None  # the share that chance alone would give, by how often each uses each class
    kappa: float | None  # 1: always the same, 0: as by chance; None also where both only ever use one and the same class
    low: float | None  # 95 % interval of kappa
    high: float | None

    @property
    def words(self) -> str:
        """How strong the agreement is; empty where kappa is not defined."""
        if self.kappa is None:
            return ""
        return next((words for least, words in STRENGTHS if self.kappa >= least), LESS_THAN_CHANCE)


def agreement(counts: Counts) -> Agreement:
    """Of counts [C, C]: what the first person says down, what the second says across."""
    images, agreed = int(counts.sum()), int(np.trace(counts))
    if not images:
        return Agreement(0, 0, None, None, None, None, None)
    observed = agreed / images
    by_chance = sum(int(first) * int(second) for first, second in zip(counts.sum(axis=1), counts.sum(axis=0), strict=True))
    expected = by_chance / images**2
    if by_chance == images**2:
        return Agreement(images, agreed, observed, expected, None, None, None)
    kappa = (observed - expected) / (1 - expected)
    half = Z_95 * (observed * (1 - observed) / images) ** 0.5 / (1 - expected)
    return Agreement(images, agreed, observed, expected, kappa, max(-1.0, kappa - half), min(1.0, kappa + half))


def tabled(pairs: Mapping[tuple[str, str], int]) -> tuple[list[str], Counts]:
    """(labels in their order, counts [C, C]) of {(first, second): images}."""
    labels = sorted({label for pair in pairs for label in pair})
    place = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    for (first, second), number in pairs.items():
        counts[place[first], place[second]] += number
    return labels, counts
