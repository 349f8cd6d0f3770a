"""What the images of a source show before they are added: thumbnails and classes, by the same steps as `classifier.data.additions`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.additions import Addition
from classifier.data.archive import Entry, open_source
from classifier.data.collect import Collector
from classifier.data.dataset import Dataset
from classifier.data.described import brought
from classifier.data.duplicates import Taken
from classifier.data.encodings import names_in
from classifier.data.hashes import Hashes
from classifier.data.pack import INDEX_DTYPE, PackWriter, mapped
from classifier.data.publish import remove_abandoned, staging
from classifier.data.survey import Survey, survey
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.faces import require_detector
from classifier.spec.packfile import ERASED, IN_NO_SPLIT, STORAGE_PIXELS
from classifier.spec.peeked import IMAGES, MOST_IMAGES, MOST_LEFT, MOST_PICTURE_BYTES, MOST_SECONDS

PIXELS = "pixels.bin"
NOWHERE = 1 << 62  # where no file reaches: of an image that is not kept whole


class Thumbnails(PackWriter):
    """A pack that keeps thumbnails and sizes, and of photographs so many bytes as one may look through."""

    def write(self, name: str, data: bytes | bytearray) -> int:
        is_over = name == "jpeg.bin" and self.files[name].tell() + len(data) > MOST_PICTURE_BYTES
        return NOWHERE if is_over or name == PIXELS else super().write(name, data)


class FirstOnes(Collector):
    """Decodes no more than can be looked at, and for no longer than somebody waits."""

    is_whole = True

    def images(self) -> Iterator[Entry]:
        end = time.monotonic() + MOST_SECONDS
        for count, entry in enumerate(super().images()):
            if count == MOST_IMAGES or time.monotonic() > end:
                self.is_whole = False
                return
            yield entry


class Peek(Addition):
    """A source that is looked at."""

    def to_read(self, found: Survey) -> int:
        return min(found.images, MOST_IMAGES)

    def collector(self, *known: Any, **more: Any) -> Collector:
        self.ends_at = time.monotonic() + MOST_SECONDS
        self.first_ones = FirstOnes(*known, **more)
        return self.first_ones

    def told(self, event: Event) -> None:
        """The time left is no longer than somebody waits."""
        left = event.get("eta_seconds")
        most = max(0.0, self.ends_at - time.monotonic()) if left is not None else 0.0
        super().told(event if left is None else event | {"eta_seconds": min(left, most)})

    def seen(self, folder: Path, base: Dataset) -> dict[str, Any]:
        """The thumbnails, written into the folder, and what `classifier.spec.peeked` says of them."""
        names, opened = (
            open_source(self.source, self.encoding) for _ in range(2)
        )  # a tar is walked twice: all of its names say what one shows
        try:
            self.found = survey(names, self.should_stop)
            with Thumbnails(folder) as writer:
                collected, layout = self.collected(opened, writer)
        finally:
            names.close()
            opened.close()
        digests = list(Hashes(folder))
        placed, _ = self.placed(collected, layout)
        taken = [Taken(image.path, image.row, image.label, image.split or "train") for image in placed]
        erased, there = of_base(base, digests)
        fresh = self.without_known(self.without_erased(taken, erased), there)
        left = [problem for problem in self.problems if not problem["taken"]]
        index = mapped(folder / "index.bin", INDEX_DTYPE)
        sizes = list(zip(index["width"].tolist(), index["height"].tolist(), strict=True))
        images = [[digests[one.row].hex(), one.path, one.label, one.row, *sizes[one.row]] for one in fresh]
        return {"images": images, "of": self.found.images, "left": left[:MOST_LEFT], "left_count": len(left)} | {
            "whole": self.first_ones.is_whole,
            "small": bool((index["storage"] == STORAGE_PIXELS).all()),
            "names_in": names_in(names.unsaid),
            "columns": brought(layout, fresh, base.about.get("columns", ())),
        }


def peek(
    source: Path,
    base: Path,
    out: Path,
    *,
    label: str = "",
    encoding: str = "",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Makes `out`, missing or empty, show what the images of `source` are that a revision of the version `base` would add, all of the
    class `label` or as their layout says, names that say no `encoding` read in that one; gives the "peeked" event. Raises InputError
    where none can be added."""
    dataset = Dataset.open(base)
    blur_faces = bool(dataset.about.get("options", {}).get("blur_faces"))
    if blur_faces:
        require_detector()
    said = {name: value for name, value in (("label", label), ("encoding", encoding)) if value}
    looked = Peek(Path(source), said, on_event, should_stop, blur_faces)
    with staging(Path(source), Path(out)) as folder:
        remove_abandoned(Path(out))
        seen = looked.seen(folder, dataset)
        if not seen["images"]:
            raise looked.nothing()
        (folder / PIXELS).unlink()
        (folder / IMAGES).write_text(json.dumps(seen, ensure_ascii=False), "utf-8")
    told = {name: seen[name] for name in ("of", "names_in", "columns")}
    return {"event": "peeked", "images": len(seen["images"]), "left": seen["left_count"], **told}


def of_base(base: Dataset, digests: Sequence[bytes]) -> tuple[set[int], Callable[[int], str | None]]:
    """(which of the images were erased from the dataset, what gives the path of the version's sample that shows one), by their place
    among the digests. A million hashes are compared by their first eight bytes before any is read whole."""
    hashes = np.ascontiguousarray(base.pack.index["sha256"])
    begins = hashes.view(np.uint8).reshape(len(hashes), -1)[:, :8].copy().view("<u8")[:, 0]
    wanted = np.frombuffer(b"".join(digest[:8] for digest in digests), "<u8")
    place = {digest: number for number, digest in enumerate(digests)}
    rows = {row: place[found] for row in np.flatnonzero(np.isin(begins, wanted)).tolist() if (found := hashes[row].tobytes()) in place}
    erased = {number for row, number in rows.items() if base.pack.index["storage"][row] & ERASED}
    kept = np.flatnonzero((base.splits != IN_NO_SPLIT) & np.isin(base.images, list(rows)))
    position_of = {rows[row]: position for row, position in zip(base.images[kept].tolist(), kept.tolist(), strict=True)}
    return erased, lambda number: base.path(position_of[number]) if number in position_of else None
