"""Paths that hold a piece of text, looked for in the version's own list of them: some at a time, so that no page waits for a million."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic

import numpy as np

from webapp.datasets import packs

PIECE_BYTES = 1 << 19  # looked through in about 5 ms
NEWLINE = 10


class Search:
    """How far it is; a version's paths change only where an image is erased, so what was looked through once is done with."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text, self.lock = path, text.casefold(), Lock()
        self.read = 0  # bytes
        self.looked = 0  # lines, which are positions
        self.hits: list[np.ndarray] = []
        self.done = False
        # As the file has it: JSON, without letters beyond ASCII, whose case is in their number.
        forms = (text, text.lower(), text.upper())
        self.needles = sorted({json.dumps(form)[1:-1].lower().encode() for form in forms})

    def go_on(self, seconds: float | None) -> None:
        """Looks through more of them for about so long; None: to the end. Raises packs.Missing where the list is gone."""
        end = None if seconds is None else monotonic() + seconds
        with self.lock:
            if self.done:
                return
            try:
                with self.path.open("rb") as file:
                    file.seek(self.read)
                    while not self.done:
                        begun = file.read(PIECE_BYTES)
                        self.piece(begun + file.readline())
                        self.done = len(begun) < PIECE_BYTES
                        if end is not None and monotonic() >= end:
                            break
            except OSError as error:
                raise packs.Missing(f"{self.path.name} is not there") from error

    def piece(self, lines: bytes) -> None:
        """Looks through some whole lines."""
        ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == NEWLINE)
        found = np.unique(np.concatenate([np.searchsorted(ends, hits(lines.lower(), needle)) for needle in self.needles]))
        held = [number for number in found.tolist() if self.holds(line_of(lines, ends, number))]
        self.hits.append(np.array(held, np.int64) + self.looked)
        self.read += len(lines)
        self.looked += len(ends)

    def holds(self, line: bytes) -> bool:
        """Where letters stand as their numbers, a hit may be a part of one."""
        return b"\\" not in line or self.text in json.loads(line).casefold()

    @property
    def found(self) -> np.ndarray:
        """Positions so far, ascending."""
        return np.concatenate([np.empty(0, np.int64), *self.hits])


def hits(low: bytes, needle: bytes) -> list[int]:
    """Where the first hit of each line stands."""
    found = []
    at = low.find(needle)
    while at >= 0:
        found.append(at)
        end = low.find(b"\n", at)
        at = low.find(needle, end) if end >= 0 else -1
    return found


def line_of(lines: bytes, ends: np.ndarray, number: int) -> bytes:
    return lines[ends[number - 1] + 1 if number else 0 : ends[number]]


@lru_cache(maxsize=16)
def search(folder: Path, text: str, _erased: int) -> Search:
    """The search for that text, as far as it is; begun anew where others have pushed it out, or where more images were erased since."""
    return Search(folder / "paths.txt", text)
