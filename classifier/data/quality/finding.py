"""Findings as parallel arrays: a million of them are no million objects."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from classifier.spec.quality import MOST_FINDINGS

NONE = -1  # where there is no other image or no class


class Findings(NamedTuple):
    """All findings of one kind."""

    kind: str
    positions: np.ndarray  # int64 [N]
    others: np.ndarray  # int64 [N]; NONE
    labels: np.ndarray  # int64 [N], the class that it seems to be; NONE
    scores: np.ndarray  # float64 [N], the worst highest

    @classmethod
    def of(
        cls, kind: str, positions: np.ndarray, scores: np.ndarray, others: np.ndarray | None = None, labels: np.ndarray | None = None
    ) -> Findings:
        """Without what a kind has not."""
        none = np.full(len(positions), NONE, np.int64)
        return cls(kind, positions, none if others is None else others, none if labels is None else labels, scores)

    def once_each(self) -> Findings:
        """Each image at most once, at its worst."""
        order = np.lexsort((self.others, -self.scores))
        _, first = np.unique(self.positions[order], return_index=True)
        return self.taken(order[np.sort(first)])

    def worst(self) -> Findings:
        """The worst first, and no more than a file names."""
        return self.taken(np.lexsort((self.positions, -self.scores))[:MOST_FINDINGS])

    def placed(self, places: np.ndarray) -> Findings:
        """Named by their positions in the whole dataset; places: those of the samples that were looked at."""
        others = np.where(self.others == NONE, NONE, places[self.others])
        return self._replace(positions=places[self.positions], others=others)

    def taken(self, places: np.ndarray) -> Findings:
        return Findings(self.kind, *(column[places] for column in self[1:]))

    def rows(self) -> list[list[str | int | float | None]]:
        """[kind, position, other, class, score] of each, as they stand in the file."""
        columns = zip(self.positions.tolist(), self.others.tolist(), self.labels.tolist(), self.scores.tolist(), strict=True)
        return [[self.kind, position, known(other), known(label), round(score, 4)] for position, other, label, score in columns]


def known(number: int) -> int | None:
    """None for NONE."""
    return None if number == NONE else number
