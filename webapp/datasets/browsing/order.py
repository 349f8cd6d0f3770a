"""The order of a version's samples by path, as people count: img2 before img10, whatever the case.

    order.bin   uint32 [N]: the place of each sample

Written before a version is sealed, and again once an image of it was erased. Of a small one that has none yet it is found when
somebody looks, of a large one `manage.py index` makes it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from webapp.datasets.browsing.progress import Told, passing, untold

LIGHT_BYTES: Final = 2_000_000  # of paths that are put in order while a page waits
DIGITS: Final = re.compile(r"\d+")
WIDTH: Final = 20  # digits; of longer numbers the first ones count


def key(path: str) -> str:
    """What paths are compared by."""
    return DIGITS.sub(lambda found: found.group().lstrip("0").zfill(WIDTH), path.casefold())


def keys(folder: Path, told: Told = untold) -> Iterator[str]:
    """Of every sample, by position."""
    with (folder / "paths.txt").open(encoding="utf-8") as lines:
        yield from (key(json.loads(line)) for line in passing(lines, folder, told))


def found(folder: Path, told: Told = untold) -> np.ndarray:
    """The places, found anew. An import has its images in nearly this order: where it is this one, no path stays in memory."""
    count, last, ascends = 0, "", True
    for each in keys(folder, told):
        ascends = ascends and last <= each
        count, last = count + 1, each
    if ascends:
        return np.arange(count, dtype=np.uint32)
    known = list(keys(folder, told))
    places = np.empty(count, np.uint32)
    places[sorted(range(count), key=known.__getitem__)] = np.arange(count, dtype=np.uint32)
    return places


def build(folder: Path, told: Told = untold) -> None:
    """Writes the file where the version has none."""
    paths = folder / "paths.txt"
    if (folder / "order.bin").exists() or not paths.exists():
        return
    changed, made = -1, np.empty(0, np.uint32)
    while changed != (changed := paths.stat().st_mtime_ns):  # an erasure meanwhile took a name out, whose place would tell of it
        made = found(folder, told)
    partial = folder / f"order.bin.{os.getpid()}.partial"
    partial.write_bytes(made.astype("<u4").tobytes())
    partial.replace(folder / "order.bin")


def build_anew(folder: Path) -> None:
    """After an image was erased: its place would tell what it was called."""
    (folder / "order.bin").unlink(missing_ok=True)
    build(folder)


def is_known(folder: Path) -> bool:
    """Whether a page can ask for it without waiting."""
    try:
        return (folder / "order.bin").exists() or (folder / "paths.txt").stat().st_size <= LIGHT_BYTES
    except OSError:
        return False


def places(folder: Path, samples: int) -> np.ndarray:
    """Exactly so many; by position where nothing is known."""
    if not is_known(folder):
        return np.arange(samples, dtype=np.uint32)
    file = folder / "order.bin"
    stored = np.fromfile(file, "<u4") if file.exists() else light(folder, (folder / "paths.txt").stat().st_mtime_ns)
    return stored if len(stored) == samples else np.arange(samples, dtype=np.uint32)


@lru_cache(maxsize=16)
def light(folder: Path, _changed: int) -> np.ndarray:
    """As `found`; kept for as long as the paths are those."""
    return found(folder)
