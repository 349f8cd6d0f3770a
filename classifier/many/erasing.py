"""One picture of a folder ANSWERS is erased for good: its pixels are overwritten, its name and what was said of it forgotten.

Its rows stay as tombstones, since rows are known by their places. Each step may be done again, so an attempt that was killed is made
whole by the next one; folders that share their pictures by second names share the zeros too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.erase import digest_of, overwrite, rewrite, rows_of, write_at
from classifier.metrics import answers
from classifier.metrics.scored import NO_CLASS
from classifier.spec.errors import ClassifierError, Interrupted
from classifier.spec.events import OnEvent, ShouldStop, ignore, never
from classifier.spec.faults import fault
from classifier.spec.packfile import ERASED_PATH

FILLER = b"_"
STOPPED = "Stopped. What was begun stays begun: erase the image again to end it."


def erase(
    folders: Sequence[Path], digests: Collection[str], *, on_event: OnEvent = ignore, should_stop: ShouldStop = never
) -> list[dict[str, Any]]:
    """Erases the pictures of those content hashes from the answers: [{"answers": folder, "rows": places}] of those that have one.

    Raises InputError for a hash that is none, Interrupted, and ClassifierError where a file cannot be written.
    """
    for digest in digests:
        digest_of(digest)
    told = []
    on_event({"event": "stage", "stage": "forgetting", "message": "Erasing it from classifications"})
    for folder in folders:
        if should_stop():
            raise Interrupted(STOPPED)
        try:
            if rows := forget(Path(folder), digests):
                told.append({"answers": str(folder), "rows": rows})
        except OSError as error:
            raise ClassifierError(
                f"Cannot erase the image: {error.strerror or error}. Erase it again.", retry=True, code="cannot_write"
            ) from None
    return told


def forget(folder: Path, digests: Collection[str]) -> list[int]:
    """The same in one folder; the places of its rows."""
    images = images_of(folder / "pack", digests)
    if not images:
        return []
    for image in images:
        overwrite(folder / "pack", image)
    fault("erase-answers")
    known = answers.Answers(folder)
    rows: list[int] = np.flatnonzero(np.isin(known.rows["image"], images)).tolist()
    for row in rows:
        forget_name(folder, known.ends, row)
    forget_said(folder, rows)
    count_anew(folder, known)
    return rows


def images_of(pack: Path, digests: Collection[str]) -> list[int]:
    """Rows of the pack with those hashes, erased ones too."""
    return rows_of(pack, [bytes.fromhex(digest) for digest in digests])


def forget_name(folder: Path, ends: np.ndarray, row: int) -> None:
    """Overwritten where it stands, by as many bytes: whoever reads the file meanwhile finds the others in their places."""
    start, end = int(ends[row - 1]) if row else 0, int(ends[row])
    write_at(folder / answers.NAMES, start, [ERASED_PATH.encode()[: end - start].ljust(end - start, FILLER)])


def forget_said(folder: Path, rows: Sequence[int]) -> None:
    """What was said of them, on disk for good."""
    said, told = (np.load(folder / name, mmap_mode="r+", allow_pickle=False) for name in (answers.ROWS, answers.TOLD))
    told[rows] = answers.GONE
    said["best"][rows], said["probability"][rows] = NO_CLASS, 0.0
    for array in (told, said):
        array.flush()


def count_anew(folder: Path, known: answers.Answers) -> None:
    """How many there are of each class."""
    about = known.about | answers.counts_of(np.load(folder / answers.TOLD), len(known.classes))
    rewrite(folder / answers.ABOUT, lambda out: out.write(json.dumps(about, ensure_ascii=False)))
