"""The files of a version that was made from another: its own rows, and the way to the pack that both share."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.data.dataset import SAMPLE_DTYPE
from classifier.data.publish import write_about
from classifier.data.together import write_groups
from classifier.spec.errors import ClassifierError

if TYPE_CHECKING:
    from classifier.data.revise import Revision


def append_lines(path: Path, values: Iterable[Any]) -> None:
    """A line of JSON each."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(value) + "\n" for value in values)


def write_metadata(revision: Revision, folder: Path) -> None:
    """metadata.jsonl, where there are columns: a cell each, empty of columns that came with other images."""
    there, file, width = revision.base.folder / "metadata.jsonl", folder / "metadata.jsonl", len(revision.columns)
    if there.exists() and width == len(revision.base.about.get("columns", ())):
        shutil.copyfile(there, file)
    elif there.exists():
        with there.open(encoding="utf-8") as lines:
            append_lines(file, (padded(json.loads(line), width) for line in lines))
    elif width:
        append_lines(file, ([""] * width for _ in range(len(revision.base))))
    if file.exists():
        append_lines(file, (padded(cells, width) for cells in revision.cells))


def padded(cells: Sequence[str], width: int) -> list[str]:
    """As many as there are columns."""
    return [*cells, *[""] * (width - len(cells))]


def write(revision: Revision, about: dict[str, Any], folder: Path, out: Path) -> None:
    """The version's own files, and the way to the pack that it shares."""
    final = {label: position for position, label in enumerate(about["classes"])}
    places = np.array([final.get(label, 0) for label in revision.classes], np.uint32)  # of what was taken out the class says nothing
    table = np.zeros(len(revision.labels), SAMPLE_DTYPE)
    table["image"], table["label"], table["split"] = revision.images, places[revision.labels], revision.splits
    table.tofile(folder / "samples.bin")
    shutil.copyfile(revision.base.folder / "paths.txt", folder / "paths.txt")  # a line a sample, whose places are the same in every version
    if revision.stays is not None:
        write_groups(folder, revision.stays)
    append_lines(folder / "paths.txt", revision.paths)
    write_metadata(revision, folder)
    pack = (revision.base.folder / "pack").resolve()
    try:
        (folder / "pack").symlink_to(os.path.relpath(pack, out.resolve()), target_is_directory=True)
    except OSError as error:
        raise ClassifierError(f"Cannot link {out / 'pack'} to {pack}: {error.strerror}. The disk must know symbolic links.") from None
    write_about(folder, about)
