"""An imported dataset on disk, opened in well under a second whatever its size.

dataset.json:
  format     packfile.FORMAT_VERSION
  id         sha256 hex over the sorted rows "<content hash hex>\\t<label as JSON>\\t<split>\\n", one a sample, in UTF-8
  classes    labels, sorted; a class's number in samples.bin is its position here
  names      {label: readable name}, for labels that are synset ids
  counts     {label: {"train": n, "validation": n, "test": n}}
  images     number of samples that are in a split
  problems   every file left out (taken: false) and every warning (taken: true)
  ignored    number of litter files
  layout     how the source said what its images show: the `kind` of a layout (`classifier.data.layouts.base`)
  columns    names of the metadata that a table gave besides; metadata.jsonl has a list of their cells a sample, in the samples' order
  options    how it was imported: {"split": [train, validation, test], "seed": n, "group": regex or null, "source": file name}, with
             "alike", "least" and "most" where they were asked for; of a version made from another also its id, "base", and in split, seed
             and group the newest cut's
"""

from __future__ import annotations

import copy
import functools
import hashlib
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.data.hashes import HASH_BYTES
from classifier.data.pack import Pack, mapped
from classifier.spec.aboutfile import described, problems
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, OnEvent, Split
from classifier.spec.packfile import ERASED, FORMAT_VERSION, IN_NO_SPLIT, SAMPLE, SAMPLE_FIELDS, UNLABELLED

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

SORTED_AT_ONCE = 1 << 17  # rows, for the id

SAMPLE_DTYPE = np.dtype(SAMPLE_FIELDS)
assert SAMPLE_DTYPE.itemsize == SAMPLE.size


def dataset_id(rows: Iterable[tuple[bytes, str, Split]]) -> str:
    """The id of a dataset's (content hash, label, split) rows, in whatever order they come."""
    hashes, codes, number_of = bytearray(), array("I"), dict[tuple[str, Split], int]()
    for digest, label, split in rows:
        hashes += digest
        codes.append(number_of.setdefault((label, split), len(number_of)))
    table = np.frombuffer(hashes, np.uint8).reshape(-1, HASH_BYTES)
    return id_of_rows(lambda: iter([table]), np.arange(len(codes)), np.array(codes, np.uint32), list(number_of))


def id_of_rows(blocks: Callable[[], Iterator[np.ndarray]], rows: np.ndarray, codes: np.ndarray, names: Sequence[tuple[str, Split]]) -> str:
    """As `dataset_id`, of samples whose content hashes are in these `rows` of all that the `blocks` (uint8 [n, 32]) hold, one after the
    other; `codes` tell which of the `names`, (label, split), each has.

    Lines are sorted by their numbers and not written out first, and some at a time, by how their hashes begin: the lines of a million
    would take 300 MB, their hashes alone 32.
    """
    written = [f"\t{json.dumps(label)}\t{split}\n" for label, split in names]
    rank = np.empty(len(written), np.int32)
    rank[sorted(range(len(written)), key=written.__getitem__)] = np.arange(len(written), dtype=np.int32)
    begins = np.concatenate([np.empty(0, np.uint8), *(block[:, 0].copy() for block in blocks())])
    of_sample = begins[rows]
    total, parts = hashlib.sha256(), min(256, 1 + len(rows) // SORTED_AT_ONCE)
    for low, high in pairwise(256 * part // parts for part in range(parts + 1)):
        places = np.flatnonzero((of_sample >= low) & (of_sample < high))
        places = places[np.argsort(rank[codes[places]], kind="stable")]
        hashes = hashes_of(blocks(), (begins >= low) & (begins < high), rows[places])
        order = np.argsort(hashes.view(f"S{HASH_BYTES}")[:, 0], kind="stable")  # which drops noughts at the end: all are of one length
        add_lines(total, hashes[order], [written[code] for code in codes[places[order]].tolist()])
    return total.hexdigest()


def hashes_of(blocks: Iterator[np.ndarray], wanted: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Those of some rows, among the `wanted` ones of all (bool); uint8 [n, 32]."""
    found, start = [np.empty((0, HASH_BYTES), np.uint8)], 0
    for block in blocks:
        found.append(block[wanted[start : start + len(block)]])
        start += len(block)
    return np.concatenate(found)[np.searchsorted(np.flatnonzero(wanted), rows)]


def add_lines(total: Hash, hashes: np.ndarray, ends: Sequence[str]) -> None:
    """Lines that begin with the hexadecimal digits of these hashes."""
    digits, step = hashes.tobytes().hex(), 2 * HASH_BYTES
    for start in range(0, len(ends), 10_000):
        some = enumerate(ends[start : start + 10_000], start)
        total.update("".join(f"{digits[step * at : step * at + step]}{end}" for at, end in some).encode())


class Dataset:
    """Samples (image, label, split) over a pack. Sample positions run over all splits, in the order of their paths.

    A version made from another keeps every position: what was taken out is in no split (IN_NO_SPLIT), see `classifier.data.revise`.
    """

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        self.folder = folder
        self.about = about
        self.id: str = about["id"]
        self.classes: list[str] = about["classes"]
        self.names: dict[str, str] = about["names"]
        self.counts: dict[str, dict[Split, int]] = about["counts"]
        self.pack = Pack.open(folder / "pack")
        samples = mapped(folder / "samples.bin", SAMPLE_DTYPE)
        self.images = samples["image"].astype(np.int64)  # rows of the pack
        self.labels = samples["label"].astype(np.int64)
        self.splits = np.array(samples["split"])  # uint8, the order of SPLITS
        self.erased = (self.pack.index["storage"][self.images] & ERASED) != 0  # bool [N]: tombstones, which are in no split
        self.tombstones = int((self.erased & self.kept).sum())  # that would be in one
        if self.tombstones:
            self.splits[self.erased] = IN_NO_SPLIT
            self.counts = self.counted()
        self.unlabelled = 0  # images that are in no split since nobody has labelled them
        self.places: np.ndarray | None = None  # of a part without gaps: where its samples stand in the whole

    @classmethod
    def open(cls, folder: Path | str) -> Dataset:
        """Raises InputError where the folder is none that an import made."""
        folder = Path(folder)
        try:
            about = described(folder / "dataset.json")
            version = about["format"]
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{folder} is no Synset dataset: it has no readable dataset.json. Make one with `import`.") from None
        if version != FORMAT_VERSION:
            raise InputError(f"{folder} was written in format {version}; this version reads {FORMAT_VERSION}. Import the source again.")
        try:
            return cls(folder, about)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{folder} is not whole: {error}. Import its source again.") from None

    def __len__(self) -> int:
        return len(self.images)

    def problems(self) -> Iterator[dict[str, Any]]:
        """What was told of single files when it was made; `about` goes without, since there may be a million."""
        return problems(self.folder / "dataset.json")

    def indices(self, split: Split) -> np.ndarray:
        """Positions of a split's samples, int64, ascending."""
        return np.flatnonzero(self.splits == SPLITS.index(split))

    def number_of(self, label: str) -> int:
        """A class's number; -1 of one that there is not."""
        return self.classes.index(label) if label in self.classes else -1

    @property
    def kept(self) -> np.ndarray:
        """Which samples are in a split; bool [N]."""
        return np.asarray(self.splits != IN_NO_SPLIT)

    @property
    def waiting(self) -> np.ndarray:
        """Which samples nobody has labelled yet, in a split or not; bool [N]."""
        return np.asarray(self.labels == self.number_of(UNLABELLED))

    @functools.cached_property
    def lines(self) -> tuple[np.ndarray, np.ndarray]:
        """(the bytes of paths.txt, where each line begins, with the end as one more)."""
        text = mapped(self.folder / "paths.txt", np.dtype(np.uint8))
        return text, np.concatenate(([0], np.flatnonzero(text == ord("\n")) + 1))

    def only(self, kept: np.ndarray) -> Dataset:
        """The same dataset with those samples alone in its splits; positions stay what they are. kept: bool [N]."""
        return self.with_splits(np.where(kept, self.splits, IN_NO_SPLIT).astype(np.uint8))

    def labelled(self) -> Dataset:
        """The same without the class of images that nobody has labelled yet, where there are others; its images are in no split."""
        if UNLABELLED not in self.classes or len(self.classes) < 2:
            return self
        number, part = self.classes.index(UNLABELLED), copy.copy(self)
        part.classes = [label for label in self.classes if label != UNLABELLED]
        part.splits = np.where(self.labels == number, IN_NO_SPLIT, self.splits).astype(np.uint8)
        part.labels = self.labels - (self.labels > number)
        part.labels[self.labels == number] = 0  # of the first class, and in no split
        part.names = {label: name for label, name in self.names.items() if label != UNLABELLED}
        part.counts = part.counted()
        part.unlabelled = sum(self.counts[UNLABELLED].values())
        return part

    def with_splits(self, splits: np.ndarray) -> Dataset:
        """The same samples in other splits; uint8 [N]."""
        part = copy.copy(self)
        part.splits = splits
        part.counts = part.counted()
        return part

    def counted(self) -> dict[str, dict[Split, int]]:
        """{label: {split: samples}} as they are in splits now."""
        numbers = [np.bincount(self.labels[self.indices(split)], minlength=len(self.classes)).tolist() for split in SPLITS]
        return {label: {split: numbers[s][c] for s, split in enumerate(SPLITS)} for c, label in enumerate(self.classes)}

    def tell_left_out(self, on_event: OnEvent) -> None:
        """Says how many of its images were erased, and how many are unlabelled, where any are."""
        for count, what in ((self.tombstones, ("was erased", "were erased")), (self.unlabelled, ("is unlabelled", "are unlabelled"))):
            if count:
                said = f"image {what[0]} and is" if count == 1 else f"images {what[1]} and are"
                on_event({"event": "log", "level": "info", "message": f"{count:,} {said} left out."})

    def without_gaps(self) -> tuple[Dataset, np.ndarray]:
        """(the dataset without samples that are in no split, the position in the whole of each of its samples)."""
        part, places = copy.copy(self), np.flatnonzero(self.kept)
        part.images, part.labels, part.splits, part.places = self.images[places], self.labels[places], self.splits[places], places
        part.erased = self.erased[places]
        return part, places

    def path(self, position: int) -> str:
        """The sample's path inside the imported source."""
        text, starts = self.lines
        position = position if self.places is None else int(self.places[position])
        line: str = json.loads(text[starts[position] : starts[position + 1]].tobytes())
        return line

    @functools.cached_property
    def grey(self) -> bool:
        """Whether every image has one channel."""
        return bool((self.pack.index["channels"][self.images[self.kept]] == 1).all())

    @functools.cached_property
    def typical_size(self) -> tuple[int, int]:
        """Median (height, width) in pixels."""
        index = self.pack.index
        rows = self.images[self.kept]
        return int(np.median(index["height"][rows])), int(np.median(index["width"][rows]))
