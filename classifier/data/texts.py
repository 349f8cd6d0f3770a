"""Very many texts in little memory: a million paths as Python's own strings, in a list and in a set, take 200 MB."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np

from classifier.data.encodings import UTF8

AT_ONCE = 1 << 16  # texts that are looked at in one piece
FEW = 10_000
KEY_BYTES = 8  # of each text that are compared at a time
KNOWN = 10_000  # texts of a column that are known again

Item = TypeVar("Item", covariant=True)


class Listed(Protocol[Item]):
    """What has a length and can be walked again and again."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item]: ...


class Texts:
    """Texts without NUL, one behind the other in one piece of memory; what a file system calls undecodable comes out as it came in."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.data = bytearray()
        self.ends = array("Q", [0])  # where each ends, behind the beginning of the first
        self.extend(texts)

    def append(self, text: str) -> None:
        self.data += text.encode(UTF8, "surrogatepass")
        self.ends.append(len(self.data))

    def extend(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.append(text)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, place: int) -> str:
        return self.data[self.ends[place] : self.ends[place + 1]].decode(UTF8, "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def order(self) -> np.ndarray:
        """Their places as `sorted` would have them, equal ones as they came; uint32 [N].

        Eight bytes of all are compared at a time, and of those that are still alike the next eight: the bytes of UTF-8 are in the order
        of the letters.
        """
        found = np.arange(len(self), dtype=np.uint32)
        left, run = found.copy(), np.zeros(len(self), np.uint32)  # places in `found` that are still open, and which are alike so far
        depth = 0
        while len(left) > 1:
            keys = self.keys(found[left], depth)
            order = np.lexsort((keys, run))
            found[left] = found[left][order]
            keys = keys[order]
            alike = (keys[1:] == keys[:-1]) & (run[1:] == run[:-1])
            run = np.concatenate((np.zeros(1, np.uint32), np.cumsum(~alike, dtype=np.uint32)))
            still = np.zeros(len(left), bool)
            still[1:] |= alike
            still[:-1] |= alike
            still &= keys != 0  # what has ended is equal to the end
            left, run, depth = left[still], run[still], depth + KEY_BYTES
        return found

    def keys(self, places: np.ndarray, depth: int) -> np.ndarray:
        """The eight bytes of each of these texts behind so many, as one number; 0 behind its end. uint64 [N]."""
        data, ends = np.frombuffer(self.data or b"\0", np.uint8), np.frombuffer(self.ends, np.uint64)
        found = np.zeros(len(places), np.uint64)
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            at, end = ends[some].astype(np.int64) + depth, ends[some + np.uint32(1)].astype(np.int64)
            key = found[start : start + AT_ONCE]
            for _ in range(KEY_BYTES):
                key <<= np.uint64(8)
                key |= np.where(at < end, data[np.minimum(at, len(data) - 1)], 0).astype(np.uint64)
                at += 1
        return found


class Column:
    """A text a row; the first ones that differ are each kept once, so that a row of one that comes again takes four bytes."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts, self.numbers = Texts(), array("I")
        self.known: dict[str, int] = {}
        for text in texts:
            self.append(text)

    def append(self, text: str) -> None:
        number = self.known.get(text)
        if number is None:
            number = len(self.texts)
            self.texts.append(text)
            if len(self.known) < KNOWN:
                self.known[text] = number
        self.numbers.append(number)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: int) -> str:
        return self.texts[self.numbers[row]]

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, self.numbers)


class Picked:
    """Some of them, in an order of their own. places: uint32 [N]."""

    def __init__(self, texts: Texts, places: np.ndarray) -> None:
        self.texts, self.places = texts, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, place: int) -> str:
        return self.texts[int(self.places[place])]

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, self.places.data)


def in_order(texts: Iterable[str]) -> Listed[str]:
    """As `sorted`; few of them are a list, which is the faster way."""
    rest = iter(texts)
    few, many = list(islice(rest, FEW)), Texts(rest)
    if not len(many):
        return sorted(few)
    many.extend(few)
    return Picked(many, many.order())
