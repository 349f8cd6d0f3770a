"""What must stay on one side of a split: kept with a dataset in groups.bin, and pairs that look alike.

groups.bin holds for each sample (uint32, in the samples' order) the first one that must stay with it, itself where there is none before
it. It is written where groups or ties were used, and goes from one version to the next: folds are cut by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifier.data.pack import INDEX_DTYPE, mapped
from classifier.data.split import Ties
from classifier.spec.errors import InputError
from classifier.spec.events import Event, OnEvent, ShouldStop
from classifier.spec.packfile import GROUPS_FILE, STORAGE_PIXELS

GROUP_DTYPE = np.dtype("<u4")
COSTS = {"looking": 1.2, "comparing": 0.1}  # ms an image, about; as of classifier.data.quality.check


def write_groups(folder: Path, first: Sequence[int] | np.ndarray) -> None:
    """For each sample the first one that must stay with it."""
    np.asarray(first, GROUP_DTYPE).tofile(folder / GROUPS_FILE)


def read_groups(folder: Path, samples: int) -> np.ndarray | None:
    """As they were written, int64 [N]; None where nothing was ever to stay together. Raises InputError for a file of other samples."""
    if not (folder / GROUPS_FILE).exists():
        return None
    found = mapped(folder / GROUPS_FILE, GROUP_DTYPE).astype(np.int64)
    if len(found) != samples:
        raise InputError(f"{folder / GROUPS_FILE} is of {len(found):,} samples, and the dataset has {samples:,}. Import its source again.")
    return found


def alike(pack: Path, images: np.ndarray, on_event: OnEvent, should_stop: ShouldStop, stopped: str) -> Ties:
    """Pairs of places in `images` (rows of the pack, int64 [N]) that look nearly the same, as the quality check finds them.

    Equal bytes count as one image. Raises Interrupted with the words of `stopped` when asked to stop.
    """
    from classifier.data.quality import near  # late: they load torch, and the most imports need none of it
    from classifier.data.quality.looks import Means, look
    from classifier.data.quality.steps import Steps

    rows, first = np.unique(images, return_index=True)
    steps = Steps(COSTS, on_event, should_stop, stopped)
    steps.begin("looking", f"Looking at {len(rows):,} images for those that are alike")
    looks = look(pack, rows, np.zeros(len(rows), np.int64), Means(0), steps)
    steps.begin("comparing", "Comparing images with each other")
    small = mapped(pack / "index.bin", INDEX_DTYPE)["storage"][rows] == STORAGE_PIXELS
    one, other, _ = near.alike(looks, small, steps)
    return zip(first[one].tolist(), first[other].tolist(), strict=True)


def part_of_whole(on_event: OnEvent, begin: float, end: float) -> OnEvent:
    """Who is told of a part of some work hears how far the whole is."""

    def tell(event: Event) -> None:
        if event["event"] == "progress":
            event = event | {"fraction": round(begin + (end - begin) * event["fraction"], 4)}
        on_event(event)

    return tell
