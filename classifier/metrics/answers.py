"""What a network said of many pictures that belong to no dataset: a folder ANSWERS, as `python -m classifier classify` makes it.

pack/           the pictures (classifier.spec.packfile)
answers.npy     a row a file, in the order of the source: ROW
told.npy        int32 a file: its class, UNSURE, or GONE; what a list is filtered by, so that a million rows are gone over in a millisecond
order.npy       uint32: the rows, the least sure first
names.bin, names.npy   the files' names in UTF-8, one behind the other; uint64: where each ends
refused.jsonl   {"file", "rule", "message"} a file that is no picture, or cannot be read
answers.json    {"format", "classes": […], "names": {label: readable name}, "unsure_below": P or null, "stamp", …}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.probabilities import softmax, top_k
from classifier.metrics.scored import NO_CLASS

FORMAT = 1
BEST = 5
UNSURE = -1  # in told.npy
GONE = -2  # the same, of a picture that was erased: its row stays, since rows are known by their places
ABOUT, ROWS, TOLD, ORDER, NAMES, ENDS, REFUSED = (
    "answers.json",
    "answers.npy",
    "told.npy",
    "order.npy",
    "names.bin",
    "names.npy",
    "refused.jsonl",
)
SAID = np.dtype([("best", "<i4", (BEST,)), ("probability", "<f4", (BEST,))])  # of an image of the pack, best first
ROW = np.dtype([("image", "<u4"), ("best", "<i4", (BEST,)), ("probability", "<f4", (BEST,))])


class Answer(NamedTuple):
    """One file; `row` is its place in the source."""

    row: int
    file: str
    image: int  # of the pack
    top: list[tuple[int, float]]  # classes by their place, best first
    unsure: bool


class Refused(NamedTuple):
    """One file that was not classified."""

    row: int  # among the refused
    file: str
    rule: str
    message: str


def said_of(logits: NDArray[Any]) -> NDArray[np.void]:
    """SAID [N] of logits [N, C]; what is no number is no answer, and has the probability 0."""
    known = min(BEST, logits.shape[1])
    said = np.zeros(len(logits), SAID)
    said["best"] = NO_CLASS
    if len(logits):
        best = top_k(logits, known)
        said["best"][:, :known] = best
        said["probability"][:, :known] = np.nan_to_num(np.take_along_axis(softmax(logits), best, axis=1))
    return said


def told_of(rows: NDArray[np.void], below: float | None) -> NDArray[np.int32]:
    """The class of each ROW, UNSURE below that probability."""
    classes = rows["best"][:, 0].astype(np.int32)
    return classes if below is None else np.where(rows["probability"][:, 0] >= below, classes, np.int32(UNSURE))


def counts_of(told: NDArray[np.int32], classes: int) -> dict[str, Any]:
    """How many pictures there are, of each class, unsure and erased."""
    counts = np.bincount(np.maximum(told, GONE) - GONE, minlength=classes - GONE).tolist()
    of_classes = counts[-GONE : classes - GONE]
    return {"images": len(told) - counts[0], "counts": of_classes, "unsure": counts[UNSURE - GONE], "erased": counts[0]}


def order_of(rows: NDArray[np.void]) -> NDArray[np.uint32]:
    """The rows by the probability of their best class, the least sure first, equal ones as they came."""
    return np.argsort(rows["probability"][:, 0], kind="stable").astype(np.uint32)


class Answers:
    """A folder ANSWERS, mapped: opening it costs nothing, whatever its size. Raises OSError or ValueError where it is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about: dict[str, Any] = json.loads((folder / ABOUT).read_text("utf-8"))
        if self.about.get("format") != FORMAT:
            raise ValueError(f"{folder} is of another release")
        self.rows = mapped(folder / ROWS)
        self.told = mapped(folder / TOLD)
        self.ends = mapped(folder / ENDS)
        self.order = mapped(folder / ORDER)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def classes(self) -> list[str]:
        """The network's labels, in its order."""
        found: list[str] = self.about["classes"]
        return found

    def page(
        self, size: int, after: int = -1, wanted: int | None = None, *, by_doubt: bool = False, among: NDArray[np.bool_] | None = None
    ) -> tuple[list[Answer], int | None]:
        """(rows behind that place, the place of the last where there are more); `wanted`: a class's place, or UNSURE, alone; `among`:
        whether each row may be.

        Places are of the source's order, or with `by_doubt` of the least sure first.
        """
        start = max(0, after + 1)
        if wanted is None and among is None and not self.about.get("erased"):
            found = np.arange(start, min(len(self), start + size + 1))
        else:
            where = self.order[start:] if by_doubt else slice(start, None)
            told = np.asarray(self.told)[where]
            fits = told >= UNSURE if wanted is None else told == wanted
            found = start + np.flatnonzero(fits if among is None else fits & among[where])[: size + 1]
        shown = found[:size]
        rows = np.asarray(self.order)[shown] if by_doubt else shown
        return list(self.answers(rows.tolist())), int(shown[-1]) if len(found) > size else None

    def answers(self, places: Sequence[int]) -> Iterator[Answer]:
        """The rows at those places, without those whose picture was erased."""
        with (self.folder / NAMES).open("rb") as names:
            for place in places:
                if self.told[place] == GONE:
                    continue
                row = self.rows[place]
                best, odds = row["best"].tolist(), row["probability"].tolist()
                top = [(one, share) for one, share in zip(best, odds, strict=True) if one != NO_CLASS]
                yield Answer(place, self.name(names, place), int(row["image"]), top, int(self.told[place]) == UNSURE)

    def erased(self, places: Sequence[int]) -> list[int]:
        """Those of the places whose picture was erased."""
        return [place for place in places if self.told[place] == GONE]

    def name(self, names: Any, place: int) -> str:
        """How the file of that row is called; half a letter, which UTF-8 has none of, as a mark."""
        start = int(self.ends[place - 1]) if place else 0
        names.seek(start)
        read: bytes = names.read(int(self.ends[place]) - start)
        return read.decode("utf-8", "replace")

    def refused(self, size: int, after: int = -1) -> tuple[list[Refused], int | None]:
        """(files that were not classified behind that one, the last of them where there are more)."""
        with (self.folder / REFUSED).open(encoding="utf-8") as lines:
            found = [json.loads(line) for line in islice(lines, after + 1, after + 2 + size)]
        shown = [Refused(after + 1 + place, one["file"], one["rule"], one["message"]) for place, one in enumerate(found[:size])]
        return shown, shown[-1].row if len(found) > size else None

    def refused_in_parts(self, size: int) -> Iterator[list[Refused]]:
        """All of those, so many at a time; the file is gone through once, whatever their number."""
        with (self.folder / REFUSED).open(encoding="utf-8") as lines:
            numbered = enumerate(map(json.loads, lines))
            while part := [Refused(row, one["file"], one["rule"], one["message"]) for row, one in islice(numbered, size)]:
                yield part


def mapped(path: Path) -> NDArray[Any]:
    """An array of a file, which nobody writes to."""
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found
