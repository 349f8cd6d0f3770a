"""What a check knows of each image besides its findings: how light it is, and how sure a classifier is of its label."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from classifier.spec.quality import SAMPLE, UNKNOWN
from webapp.datasets.models import DatasetVersion


class Looks(NamedTuple):
    """Of each sample, by position, in parts of SCALE; UNKNOWN where it was not looked at."""

    light: np.ndarray
    sure: np.ndarray


def path(version: DatasetVersion, check: str) -> Path:
    """Where it is kept for the check of that id."""
    return version.folder / f"looks-{check}.bin"


def keep(version: DatasetVersion, check: str, file: Path) -> None:
    """Takes the engine's file; where that is gone, an attempt before this one took it."""
    if file.exists():
        file.replace(path(version, check))


def forget(version: DatasetVersion, *, but: str) -> None:
    """Of all checks but that one."""
    for other in kept(version):
        if other != path(version, but):
            other.unlink(missing_ok=True)


def kept(version: DatasetVersion) -> Iterator[Path]:
    """Of every check that left some."""
    yield from version.folder.glob("looks-*.bin")


def read(version: DatasetVersion, check: str, samples: int) -> Looks:
    """Exactly so many of each; all unknown where the check left none."""
    found = np.full((2, samples), UNKNOWN, np.uint16)
    try:
        stored = np.fromfile(path(version, check), "<u2").reshape(-1, SAMPLE.size // 2)[:samples]
    except (OSError, ValueError):
        return Looks(*found)
    found[:, : len(stored)] = stored.T
    return Looks(*found)
