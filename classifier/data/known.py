"""Which of very many things were met before, at some 20 bytes each; Python's own dict or set takes 150 for a hash or a path."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from classifier.data.hashes import HASH_BYTES, blocks
from classifier.data.texts import Texts
from classifier.spec.packfile import INDEX

SIXTY_FOUR_BITS = (1 << 64) - 1
FEWEST = 1 << 10  # slots


def always(number: int) -> bool:
    """Two keys that are equal stand for the same."""
    return True


class Keys:
    """Keys of 64 bits, numbered as they come, in a table with open addresses (linear probing) that is at most two thirds full."""

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self.keys = array("Q", keys)
        self.slots = array("I", [0])  # the number of a key, from 1; 0 where none is
        self.spread(FEWEST)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, key: int, same: Callable[[int], bool] = always) -> int | None:
        """The number of a key, for which `same` holds; None where there is none."""
        slots, keys, mask = self.slots, self.keys, len(self.slots) - 1
        at = key & mask
        while number := slots[at]:
            if keys[number - 1] == key and same(number - 1):
                return number - 1
            at = (at + 1) & mask
        return None

    def add(self, key: int) -> None:
        """One more, whether there is an equal one or not."""
        self.keys.append(key)
        if 3 * len(self.keys) > 2 * len(self.slots):
            self.spread(2 * len(self.slots))
        else:
            self.put(len(self.keys))

    def put(self, number: int) -> None:
        """A key into the first free slot from its own on."""
        slots, mask = self.slots, len(self.slots) - 1
        at = self.keys[number - 1] & mask
        while slots[at]:
            at = (at + 1) & mask
        slots[at] = number

    def spread(self, slots: int) -> None:
        """All keys into a table of at least so many slots.

        In the order of their own slots each goes to its own, or behind the one before it; those that come behind the end begin anew.
        """
        while 3 * len(self.keys) > 2 * slots:
            slots *= 2
        self.slots = array("I", [0]) * slots
        if not self.keys:
            return
        own = (np.frombuffer(self.keys, np.uint64) & np.uint64(slots - 1)).astype(np.int64)
        order = np.argsort(own, kind="stable")
        steps = np.arange(len(own))
        at = np.maximum.accumulate(own[order] - steps) + steps
        inside = at < slots
        np.frombuffer(self.slots, np.uint32)[at[inside]] = order[inside] + 1
        for place in order[~inside].tolist():
            self.put(place + 1)


class Names:
    """Names that were met. They are known by 64 bits of Python's own hash, which is another in each process: of five million names two
    are taken for the same once in a million imports."""

    def __init__(self) -> None:
        self.keys = Keys()

    def __len__(self) -> int:
        return len(self.keys)

    def is_new(self, name: str) -> bool:
        """Whether it was not met before; it is now."""
        key = hash(name) & SIXTY_FOUR_BITS
        if self.keys.find(key) is not None:
            return False
        self.keys.add(key)
        return True


class Numbered:
    """Texts, each numbered once, as they come; known as `Names` are."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.keys, self.texts = Keys(), Texts()
        for text in texts:
            self.number(text)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def find(self, text: str) -> int | None:
        """Its number; None of one that was not met."""
        return self.keys.find(hash(text) & SIXTY_FOUR_BITS)

    def number(self, text: str) -> int:
        """Its number, the next one where it was not met before."""
        key = hash(text) & SIXTY_FOUR_BITS
        if (known := self.keys.find(key)) is not None:
            return known
        self.keys.add(key)
        self.texts.append(text)
        return len(self.texts) - 1


class Digests:
    """Which content hashes the pack of an index has, in which row: by their first eight bytes. Where these are met again, the whole hash
    is read: of a row that was on the disk before, or comes there by `flush`, from the index, else (`late`) from memory."""

    def __init__(self, index: Path, flush: Callable[[], None], *, late: bool) -> None:
        self.flush = flush
        self.file = index.open("rb", buffering=0)
        begins = array("Q")
        for hashes in blocks(index):
            begins.frombytes(np.ascontiguousarray(hashes[:, :8]).view("<u8").astype(np.uint64).tobytes())
        self.there = len(begins)
        self.late = bytearray() if late else None
        self.keys = Keys(begins)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, digest: bytes) -> int | None:
        """The row of a hash; None where there is none."""
        return self.keys.find(int.from_bytes(digest[:8], "little"), lambda row: self.whole(row) == digest)

    def add(self, digest: bytes) -> int:
        """That of the next row, which it gives."""
        self.keys.add(int.from_bytes(digest[:8], "little"))
        if self.late is not None:
            self.late += digest
        return len(self) - 1

    def whole(self, row: int) -> bytes:
        """The hash of a row."""
        if self.late is not None and row >= self.there:
            at = (row - self.there) * HASH_BYTES
            return bytes(self.late[at : at + HASH_BYTES])
        self.flush()
        return os.pread(self.file.fileno(), HASH_BYTES, (row + 1) * INDEX.size - HASH_BYTES)

    def close(self) -> None:
        self.file.close()
