"""What a card tells from a version's files: sizes, kinds and groups of its images. Looked up once, then kept beside the dataset.

A sealed version does not change; but where one of its images is erased, what was kept goes (`forget`).
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from classifier.spec.packfile import ERASED, STORAGE_JPEG
from webapp.datasets import packs
from webapp.datasets.downloads import rows
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES

FORMAT = 1  # of what is kept; another one is looked up anew
FEWEST_GROUPS, MOST_GROUPS = 2, 20  # values of a column that makes groups
MOST_COLUMNS = 8  # that are told
MOST_ENDINGS = 12
LONGEST_VALUE = 80


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
    keep(path, found)
    return found


def kept_in(version: DatasetVersion) -> Path:
    return version.dataset.folder / "cards" / f"{version.number}.json"


def keep(path: Path, found: dict[str, Any]) -> None:
    """Whole or not at all; a disk without room is no reason to show no card."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def forget(version: DatasetVersion) -> None:
    """The next card is looked up anew."""
    kept_in(version).unlink(missing_ok=True)


def look_up(version: DatasetVersion) -> dict[str, Any]:
    """All of it; about two seconds for a million images."""
    samples, index = packs.table(version.folder), packs.index(version.folder)
    images = index[samples["image"][samples["split"] < len(SPLIT_NAMES)]]
    images = images[images["storage"] & ERASED == 0]
    endings: Counter[str] = Counter()
    groups = Groups(rows.columns(version))
    for found in rows.known(version):
        endings[ending(found.row.path)] += 1
        groups.add(found)
    return {"sizes": sizes(images), "kinds": kinds(images), "endings": dict(endings.most_common(MOST_ENDINGS)), "groups": groups.told()}


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
    found = PurePosixPath(path).suffix[1:].lower()
    return found if found.isalnum() and len(found) <= 5 else ""


class Groups:
    """Counts by the values of each metadata column, for columns of few values."""

    def __init__(self, columns: list[str]) -> None:
        self.counts: dict[int, dict[str, list[int]]] = {place: {} for place in range(len(columns))}
        self.columns = columns

    def add(self, found: rows.Known) -> None:
        """One image; a column of too many values is none of groups."""
        for place in list(self.counts):
            value = found.cells[place][:LONGEST_VALUE] if place < len(found.cells) else ""
            by_split = self.counts[place].setdefault(value, [0] * len(SPLIT_NAMES))
            by_split[found.row.split] += 1
            if len(self.counts[place]) > MOST_GROUPS:
                del self.counts[place]

    def told(self) -> list[dict[str, Any]]:
        """[{"column", "values": {value: [train, validation, test]}}], values by their size."""
        return [{"column": self.columns[place], "values": dict(by_size(values))} for place, values in self.of_groups()][:MOST_COLUMNS]

    def of_groups(self) -> Iterator[tuple[int, dict[str, list[int]]]]:
        return ((place, values) for place, values in self.counts.items() if len(values) >= FEWEST_GROUPS)


def by_size(values: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
    return sorted(values.items(), key=lambda item: (-sum(item[1]), item[0]))
