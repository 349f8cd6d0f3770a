"""To erase one image for good: its pixels are overwritten where they lie, and its name is forgotten in every version.

The rows stay, for a version is named by the hash of its rows: what is left is a tombstone, which nothing learns from or is
measured on. Each step may be done again, so an attempt that was killed is made whole by the next one. First the index says
that the image is erased, and from then on nobody reads its bytes; then they are overwritten; its names go last.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.pack import INDEX_DTYPE, THUMB_DTYPE, mapped
from classifier.data.publish import about_pieces, glob_escape, sync
from classifier.spec.aboutfile import described
from classifier.spec.aboutfile import problems as told_in
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.faults import fault
from classifier.spec.packfile import ERASED, ERASED_PATH, INDEX, STORAGE_BYTE, STORAGE_JPEG

DIGEST_DIGITS = 64
BLOCK_BYTES = 1 << 20
STOPPED = "Stopped. What was begun stays begun: erase the image again to end it."


def erase(folders: Sequence[Path], digest: str, *also: str, on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> Event:
    """Erases the image of that content hash from the datasets, which may share packs; gives the "erased" event.

    `also`: other content hashes under which the same picture is kept. Raises InputError for a hash that is none, and where no dataset
    holds the image.
    """
    wanted = [digest_of(each) for each in (digest, *also)]
    opened = [(Path(folder), Dataset.open(folder)) for folder in folders]
    rows = {pack: rows_of(pack, wanted) for pack in dict.fromkeys(pack_of(folder) for folder, _ in opened)}
    if not any(rows.values()):
        raise InputError(f"No image of these datasets has the content hash {digest[:12]}…; nothing was changed.", code="gone")
    told = []
    try:
        on_event({"event": "stage", "stage": "overwriting", "message": "Overwriting the image"})
        for pack, images in rows.items():
            for row in images:
                overwrite(pack, row)
        on_event({"event": "stage", "stage": "forgetting", "message": "Forgetting its names"})
        for folder, dataset in opened:
            if should_stop():
                raise Interrupted(STOPPED)
            if images := rows[pack_of(folder)]:
                told.append({"dataset": str(folder), "positions": [place for row in images for place in forget(dataset, row)]})
    except OSError as error:
        raise ClassifierError(
            f"Cannot erase the image: {error.strerror or error}. Erase it again.", retry=True, code="cannot_write"
        ) from None
    return {"event": "erased", "datasets": told}


def pack_of(folder: Path) -> Path:
    """The pack that a dataset's own folder leads to."""
    return (folder / "pack").resolve()


def digest_of(text: str) -> bytes:
    """The 32 bytes of a content hash in hex."""
    if not re.fullmatch(f"[0-9a-fA-F]{{{DIGEST_DIGITS}}}", text):
        raise InputError(f"expected a content hash of {DIGEST_DIGITS} hex digits, as `sha256sum FILE` tells it; {text[:70]!r} came.")
    return bytes.fromhex(text)


def rows_of(pack: Path, digests: Sequence[bytes]) -> list[int]:
    """The rows of images of those hashes that the pack has."""
    known = mapped(pack / "index.bin", INDEX_DTYPE)["sha256"]
    found: list[int] = np.flatnonzero(np.logical_or.reduce([known == np.void(digest) for digest in digests])).tolist()
    return found


def overwrite(pack: Path, row: int) -> None:
    """Marks the row as erased, then puts zeros in place of its pixels and of its thumbnail; each on disk before the next."""
    entry, thumb = mapped(pack / "index.bin", INDEX_DTYPE)[row], mapped(pack / "thumbs_index.bin", THUMB_DTYPE)[row]
    storage, offset, length = int(entry["storage"]), int(entry["offset"]), int(entry["length"])
    write_at(pack / "index.bin", row * INDEX.size + STORAGE_BYTE, [bytes([storage | ERASED])])
    fault("erase-marked")
    write_at(pack / ("jpeg.bin" if storage & ~ERASED == STORAGE_JPEG else "pixels.bin"), offset, zeros(length))
    fault("erase-overwritten")
    write_at(pack / "thumbs.bin", int(thumb["offset"]), zeros(int(thumb["length"])))


def zeros(length: int) -> Iterator[bytes]:
    for start in range(0, length, BLOCK_BYTES):
        yield bytes(min(BLOCK_BYTES, length - start))


def write_at(path: Path, offset: int, blocks: Iterator[bytes] | list[bytes]) -> None:
    """Over what lies there, on disk for good."""
    handle = os.open(path, os.O_WRONLY)
    try:
        for block in blocks:
            rest = block
            while rest:
                written = os.pwrite(handle, rest, offset)
                offset, rest = offset + written, rest[written:]
        os.fsync(handle)
    finally:
        os.close(handle)


def forget(dataset: Dataset, row: int) -> list[int]:
    """Takes the names of the image's samples, and what a table told of them, out of a dataset's files; their positions."""
    folder = dataset.folder
    positions: list[int] = np.flatnonzero(dataset.images == row).tolist()
    paths = [path for position in positions if (path := dataset.path(position)) != ERASED_PATH]
    fault("erase-names")
    file = folder / "dataset.json"
    about, names = described(file), [*paths, *also_called(told_in(file), paths)]
    about["problems"] = (without_names(problem, names) for problem in told_in(file))
    rewrite(file, lambda out: out.writelines(about_pieces(about)))
    if (folder / "metadata.jsonl").exists():
        replace_lines(folder / "metadata.jsonl", positions, json.dumps([""] * len(about.get("columns", []))))
    replace_lines(folder / "paths.txt", positions, json.dumps(ERASED_PATH))  # last: by them an attempt knows what is left to do
    return positions


def also_called(problems: Iterable[dict[str, Any]], paths: Sequence[str]) -> list[str]:
    """Files that were not added because they were this very image."""
    told = [f"same image as {path}, " for path in paths]
    return [found["file"] for found in problems if found["rule"] == "already_there" and any(words in found["message"] for words in told)]


def without_names(problem: dict[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """A finding of the import that names none of these files."""
    file, message = ERASED_PATH if problem["file"] in paths else problem["file"], problem["message"]
    for path in paths:
        message = re.sub(rf"(?<![\w./-]){re.escape(path)}(?![\w/-])", ERASED_PATH, message)
    return {**problem, "file": file, "message": message}


def replace_lines(path: Path, numbers: Sequence[int], text: str) -> None:
    """Puts the text in place of those lines."""
    wanted = set(numbers)

    def write(out: IO[str]) -> None:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                out.write(f"{text}\n" if number in wanted else line)

    rewrite(path, write)


def rewrite(path: Path, write: Callable[[IO[str]], Any]) -> None:
    """A file anew, whole or not at all, on disk for good; who has the old one open goes on reading that."""
    for left in path.parent.glob(f".{glob_escape(path.name)}.*"):  # by an attempt that was killed
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        made.chmod(path.stat().st_mode & 0o777)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    sync(path.parent)
