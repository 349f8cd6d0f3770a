"""Imports of a million files that are large in another way than by their images: a table with a row for each, a problem with each, and
groups that stay together. What is told is the most memory that all processes of the import held."""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.harness import Row
from benchmarks.imports import ROOT, Imported, most_memory

FILES, CLASSES = 1_000_000, 1_000
FORMS = ("csv", "jsonl", "folders", "imagefolder")  # of downloads
GOOD = 3  # images of each of two classes beside those that cannot be read
Files = Callable[[], Iterator[tuple[str, bytes]]]


def picture(number: int) -> bytes:
    """A PNG of 8 × 8 pixels with bytes of its own, by hand: Pillow takes ten times as long."""
    grey = b"".join(b"\0" + (number + 7919 * row).to_bytes(8) for row in range(8))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(grey, 0)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def table() -> Iterator[tuple[str, bytes]]:
    """Loose images, and a table of their class, their patient (three images each), an age and a time of their own."""
    rows = (
        f"images/{number:07}.png,class{number % CLASSES:04},p{number // 3:06},{number % 90},2024-01-01T{number:07}\n"
        for number in range(FILES)
    )
    yield "labels.csv", "".join(("file,label,patient_id,age,taken\n", *rows)).encode()
    for number in range(FILES):
        yield f"images/{number:07}.png", picture(number)


def folders() -> Iterator[tuple[str, bytes]]:
    """Class folders, of names whose numbers say which three images belong together."""
    for number in range(FILES):
        yield f"{number // 3 % CLASSES:03}/p{number // 3:06}_{number % 3}.png", picture(number)


def broken() -> Iterator[tuple[str, bytes]]:
    """Two classes of a few images, and a million files that hold none."""
    for number in range(2 * GOOD):
        yield f"{number % 2:03}/good{number}.png", picture(number)
    for number in range(FILES):
        yield f"{number % 2:03}/{number:07}.png", b""


def packed(path: Path, files: Files) -> Path:
    """A zip of them."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files():
            archive.writestr(name, data)
    return path


class Large(Imported):
    """One of these archives, imported with these options."""

    def __init__(self, scratch: Path, name: str, files: Files, *options: str) -> None:
        super().__init__(scratch, name, *options)
        self.files = files

    def made(self) -> Path:
        return packed(self.scratch / f"{self.name}.zip", self.files)


class Download:
    """A version of a large table, given out in one form by a process of its own, each run with a database of its own."""

    def __init__(self, scratch: Path, source: Large, form: str) -> None:
        self.scratch, self.source, self.form = scratch, source, form

    def peak(self) -> float:
        """Megabytes of that process, Django and all."""
        if not (self.source.scratch / self.source.name / "dataset.json").exists():
            self.source.rate()
        data = self.source.scratch / self.source.name
        home = Path(tempfile.mkdtemp(dir=self.scratch))
        command = [sys.executable, "-m", "benchmarks.downloading", str(home), str(data), self.form]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        peak = most_memory(child)
        if child.returncode:
            raise RuntimeError(f"the download as {self.form} ended with {child.returncode}; see above")
        return peak


def rows(scratch: Path) -> list[Row]:
    """Each by its whole name alone, since it takes minutes."""
    large = (
        Large(scratch / "imports", "table", table),
        Large(scratch / "imports", "problems", broken),
        Large(scratch / "imports", "groups", folders, "--group", r"(p\d+)_"),
    )
    made = [Row(f"data/import-1000000-{each.name}-memory", "MB", each.peak, runs=1, by_name=True) for each in large]
    downloads = [(form, Download(scratch, large[0], form)) for form in FORMS]
    return [*made, *(Row(f"data/download-1000000-{form}-memory", "MB", it.peak, runs=1, by_name=True) for form, it in downloads)]
