"""How far it is to make what pages of a version ask for, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

from webapp.datasets import about

ROWS: Final = "writing rows"
INDEXING: Final = "indexing"
AT_ONCE: Final = 1 << 14  # lines between two words

Line = TypeVar("Line")


class Told(Protocol):
    """Hears how many of how many are done, and of what."""

    def __call__(self, done: int, total: int, stage: str = ROWS) -> None: ...


def untold(done: int, total: int, stage: str = ROWS) -> None:
    """Nobody hears how far it is."""


def passing(lines: Iterable[Line], folder: Path, told: Told) -> Iterator[Line]:
    """The same lines, one of each sample of a version."""
    total, done = int(about.value(folder, "images") or 0), 0
    for done, line in enumerate(lines, start=1):
        if done % AT_ONCE == 0:
            told(done, max(done, total), INDEXING)  # there are more lines than images where some were taken out
        yield line
    told(done, done, INDEXING)
