"""What a card tells from a version's files: sizes, kinds and groups of its images. Looked up once, then kept beside the dataset.

A sealed version does not change; but where one of its images is erased, what was kept goes (`forget`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np

from classifier.spec.packfile import ERASED, STORAGE_JPEG
from webapp.core.kept import keep_json
from webapp.datasets import packs
from webapp.datasets.cards.numbers import NAMES, Numbers
from webapp.datasets.downloads import rows
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES

FORMAT = 2  # of what is kept; another one is looked up anew
FEWEST_GROUPS, MOST_GROUPS = 2, 20  # values of a column that makes groups
MOST_COLUMNS = 8  # that are told
MOST_NUMBERS = 4  # columns of numbers whose values are held to be told
SURE = 1000  # images after which a column of numbers alone is taken for one
MOST_ENDINGS = 12
LONGEST_VALUE = 80
LONGEST_ENDING = 8  # of a path's last characters


def looked_up(version: DatasetVersion) -> dict[str, Any]:
    """{"sizes", "kinds", "endings", "groups"}; raises packs.Missing where the files are gone."""
    path = kept_in(version)
    try:
        known = json.loads(path.read_text("utf-8"))
        if known.get("format") == FORMAT and known.get("version") == version.fingerprint:
            return dict(known)
    except (OSError, ValueError, AttributeError):
        pass  # not looked up yet, or by another program
    found = {"format": FORMAT, "version": version.fingerprint, **look_up(version)}
    keep_json(path, found)
    return found


def kept_in(version: DatasetVersion) -> Path:
    return version.dataset.folder / "cards" / f"{version.number}.json"


def forget(version: DatasetVersion) -> None:
    """The next card is looked up anew."""
    kept_in(version).unlink(missing_ok=True)


def look_up(version: DatasetVersion) -> dict[str, Any]:
    """All of it; about a second for a million images, and some more where a table came with them."""
    samples, index = packs.table(version.folder), packs.index(version.folder)
    shown = (samples["split"] < len(SPLIT_NAMES)) & (index["storage"][samples["image"]] & ERASED == 0)
    images = index[samples["image"][shown]]
    found = {"sizes": sizes(images), "kinds": kinds(images), "endings": endings(version.folder / "paths.txt", shown)}
    return found | {"groups": groups_of(version, shown)}


def endings(paths: Path, shown: np.ndarray) -> dict[str, int]:
    """How many of those files were called by which ending, the commonest first. A line is a path in quotation marks."""
    with paths.open(encoding="utf-8") as lines:
        counts = Counter(ending(line.rstrip("\n")[1:-1]) for line in compress(lines, shown.tolist()))
    return dict(counts.most_common(MOST_ENDINGS))


def groups_of(version: DatasetVersion, shown: np.ndarray) -> list[dict[str, Any]]:
    """As `Groups.told`, of those samples (bool [N])."""
    groups, path = Groups(rows.columns(version)), version.folder / "metadata.jsonl"
    if groups.columns and path.exists():
        splits = packs.table(version.folder)["split"][shown].tolist()
        with path.open(encoding="utf-8") as lines:
            for line, split in zip(compress(lines, shown.tolist()), splits, strict=False):
                groups.add(json.loads(line), split)
    return groups.told()


def sizes(images: np.ndarray) -> dict[str, list[int]]:
    """{"width": [least, median, most], "height": …}, in pixels as they are kept."""
    if not len(images):
        return {}
    return {name: [int(images[name].min()), int(np.median(images[name])), int(images[name].max())] for name in ("width", "height")}


def kinds(images: np.ndarray) -> dict[str, int]:
    """How many are kept as what."""
    photographs, grey = int((images["storage"] == STORAGE_JPEG).sum()), int((images["channels"] == 1).sum())
    return {"photographs": photographs, "small": len(images) - photographs, "grey": grey}


def ending(path: str) -> str:
    """ "jpg" of "a/b.JPG"; empty where a name has none that is one."""
    before, dot, found = path[-LONGEST_ENDING:].rpartition(".")
    return found.lower() if dot and before and found.isalnum() and len(found) <= 5 else ""


class Groups:
    """Counts by the values of each metadata column: of columns of few values, and of numbers by fifths."""

    def __init__(self, columns: list[str]) -> None:
        self.counts: dict[int, dict[str, list[int]]] = {place: {} for place in range(len(columns))}
        self.numbers = {place: Numbers() for place, name in enumerate(columns) if not NAMES.search(name)}
        self.columns, self.images = columns, 0

    def add(self, cells: Sequence[str], split: int) -> None:
        """One image; a column of too many values is none of groups, unless they are numbers."""
        for place in list(self.counts):
            value = cells[place][:LONGEST_VALUE] if place < len(cells) else ""
            by_split = self.counts[place].setdefault(value, [0] * len(SPLIT_NAMES))
            by_split[split] += 1
            if len(self.counts[place]) > MOST_GROUPS:
                del self.counts[place]
        for place in list(self.numbers):
            if not self.numbers[place].add(cells[place] if place < len(cells) else "", split):
                del self.numbers[place]
        self.images += 1
        if self.images == SURE:
            likely = sorted(self.numbers, key=self.counts.__contains__)  # first those that have too many values to be groups by them
            self.numbers = {place: self.numbers[place] for place in likely[:MOST_NUMBERS]}

    def told(self) -> list[dict[str, Any]]:
        """[{"column", "values": {value: [train, validation, test]}}], values by their size; of numbers as `Numbers.told`."""
        return [told for place in range(len(self.columns)) if (told := self.of_column(place))][:MOST_COLUMNS]

    def of_column(self, place: int) -> dict[str, Any] | None:
        """None of one that makes no groups."""
        if place in self.counts:
            values = self.counts[place]
            return {"column": self.columns[place], "values": dict(by_size(values))} if len(values) >= FEWEST_GROUPS else None
        return self.numbers[place].told(self.columns[place]) if place in self.numbers else None


def by_size(values: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
    return sorted(values.items(), key=lambda item: (-sum(item[1]), item[0]))
