"""The content hashes of a pack, read from its index a part at a time: those of a million images are 32 MB, and their records 52."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from classifier.spec.packfile import INDEX, INDEX_FIELDS

HASH_BYTES = 32
AT_ONCE = 1 << 16  # rows in one part
DTYPE = np.dtype(INDEX_FIELDS)


def blocks(index: Path) -> Iterator[np.ndarray]:
    """The hashes of all rows, in their order, as uint8 [n, 32] each."""
    with index.open("rb") as file:
        while len(records := np.fromfile(file, DTYPE, AT_ONCE)):
            yield np.ascontiguousarray(records["sha256"]).view(np.uint8).reshape(-1, HASH_BYTES)


class Hashes:
    """Those of a pack whose index is whole, by row."""

    def __init__(self, pack: Path) -> None:
        self.index = pack / "index.bin"

    def __len__(self) -> int:
        return self.index.stat().st_size // INDEX.size

    def __getitem__(self, row: int) -> bytes:
        with self.index.open("rb", buffering=0) as file:
            file.seek((row + 1) * INDEX.size - HASH_BYTES)
            return file.read(HASH_BYTES)

    def __iter__(self) -> Iterator[bytes]:
        for found in self.blocks():
            whole = found.tobytes()
            yield from (whole[at : at + HASH_BYTES] for at in range(0, len(whole), HASH_BYTES))

    def blocks(self) -> Iterator[np.ndarray]:
        """As `blocks` has them."""
        return blocks(self.index)
