"""Images that go into a pack together: what a process that decodes hands to the one that writes, in a few large pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from classifier.spec.packfile import ERASED, INDEX, STORAGE_JPEG, THUMB


class Encoded(NamedTuple):
    """One image as it lies in the pack."""

    storage: int
    payload: bytes
    width: int
    height: int
    channels: int
    thumb: bytes
    thumb_size: tuple[int, int]  # width, height


def index_record(encoded: Encoded, offset: int, digest: bytes) -> bytes:
    return INDEX.pack(offset, len(encoded.payload), encoded.width, encoded.height, encoded.channels, encoded.storage, digest)


def store_of(storage: int) -> str:
    """The file of the pack that holds the payloads of a storage."""
    return "jpeg.bin" if storage == STORAGE_JPEG else "pixels.bin"


def ends_of(index: np.ndarray, thumbs: np.ndarray) -> dict[str, int]:
    """How long each file of a pack is by what its rows name: INDEX_FIELDS [N] and THUMB_FIELDS [N]."""
    is_jpeg = (index["storage"] & (0xFF ^ ERASED)) == STORAGE_JPEG
    ends, thumb_ends = (rows["offset"].astype(np.int64) + rows["length"] for rows in (index, thumbs))
    return {
        "pixels.bin": int(ends[~is_jpeg].max(initial=0)),
        "jpeg.bin": int(ends[is_jpeg].max(initial=0)),
        "thumbs.bin": int(thumb_ends.max(initial=0)),
        "thumbs_index.bin": len(index) * THUMB.size,
        "index.bin": len(index) * INDEX.size,
    }


class Images:
    """Several images as they will lie in the pack; the offsets in their records count from where their own bytes begin."""

    def __init__(self) -> None:
        self.digests: list[bytes] = []
        self.records, self.thumb_records = bytearray(), bytearray()  # INDEX and THUMB
        self.stores = {"jpeg.bin": bytearray(), "pixels.bin": bytearray(), "thumbs.bin": bytearray()}

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def held_bytes(self) -> int:
        return sum(map(len, self.stores.values()))

    def add(self, encoded: Encoded, digest: bytes) -> None:
        store, thumbs = self.stores[store_of(encoded.storage)], self.stores["thumbs.bin"]
        payload_at, thumb_at = len(store), len(thumbs)
        store += encoded.payload  # what takes memory comes first: where there is none, no record names half an image
        thumbs += encoded.thumb
        self.records += index_record(encoded, payload_at, digest)
        self.thumb_records += THUMB.pack(thumb_at, len(encoded.thumb), *encoded.thumb_size)
        self.digests.append(digest)

    def __iter__(self) -> Iterator[tuple[Encoded, bytes]]:
        """(image, its content hash), one by one."""
        rows = zip(INDEX.iter_unpack(self.records), THUMB.iter_unpack(self.thumb_records), self.digests, strict=True)
        for (offset, length, width, height, channels, storage, _), (thumb, thumb_length, *thumb_size), digest in rows:
            payload = bytes(self.stores[store_of(storage)][offset : offset + length])
            picture = bytes(self.stores["thumbs.bin"][thumb : thumb + thumb_length])
            yield Encoded(storage, payload, width, height, channels, picture, (thumb_size[0], thumb_size[1])), digest
