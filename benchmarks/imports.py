"""The rows of importing: the whole command beside decode and thumbnails alone on all cores, and the most memory that it took."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections import deque
from pathlib import Path

import psutil

from benchmarks.harness import Row
from benchmarks.load import many_files
from benchmarks.pictures import SHARED, photographs

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
LOOK_SECONDS = 0.1
MILLION, MILLION_CLASSES = "1000000", 1000
PROPORTIONAL = re.compile(r"^Pss:\s*(\d+) kB", re.MULTILINE)


class Imported:
    """One archive, imported anew in each run."""

    def __init__(self, scratch: Path, name: str, *options: str) -> None:
        self.scratch, self.name, self.options = scratch, name, options
        self.peaks: list[float] = []  # megabytes

    @functools.cached_property
    def archive(self) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        return self.made()

    def made(self) -> Path:
        if self.name == MILLION:
            return many_files(self.scratch / "million.zip", int(MILLION), MILLION_CLASSES)
        return groceries(self.scratch) if self.name == "grocery10" else many_files(self.scratch / "many.zip")

    def rate(self) -> float:
        """Images a second, from the command to its end, with everything: read, decode, hash, check, pack, splits."""
        out, archive = self.scratch / self.name, self.archive
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "classifier", "import", str(archive), "--out", str(out), "--json", "--brief", *self.options]
        with (self.scratch / "told.jsonl").open("w+") as told:
            started = time.monotonic()
            child = subprocess.Popen(command, cwd=ROOT, stdout=told)
            peak = most_memory(child)
            seconds = time.monotonic() - started
            told.seek(0)
            last = json.loads(deque(told, maxlen=1)[0])
        if child.returncode:
            raise RuntimeError(f"the import of {archive.name} ended with {child.returncode}; see above")
        self.peaks.append(peak)
        return int(last["images"]) / seconds

    def ceiling(self) -> float:
        """Images a second of decode and thumbnail alone."""
        command = [sys.executable, "-m", "benchmarks.decoding", str(self.archive)]
        told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        return float(json.loads(told)["images_per_second"])

    def peak(self) -> float:
        """Megabytes of the newest run."""
        if not self.peaks:
            self.rate()
        return self.peaks[-1]


def most_memory(child: subprocess.Popen[bytes]) -> float:
    """Megabytes that the command's processes held at the most, once it has ended; what several of them share counts once."""
    most = 0.0
    while child.poll() is None:
        with contextlib.suppress(OSError, psutil.Error):  # they end meanwhile
            whole = psutil.Process(child.pid)
            most = max(most, sum(held(process.pid) for process in (whole, *whole.children(recursive=True))))
        time.sleep(LOOK_SECONDS)
    return most


def held(pid: int) -> float:
    """Megabytes of a process, of what it shares with others its part (Linux's proportional set size)."""
    told = PROPORTIONAL.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(told[1]) / 1024 if told else 0.0


def groceries(scratch: Path) -> Path:
    """The real set where it is there, else photographs that are made."""
    if (SHARED / "grocery10.zip").exists():
        return SHARED / "grocery10.zip"
    folder, path = photographs(scratch / "photographs"), scratch / "photographs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.jpg")):
            archive.write(file, file.relative_to(folder))
    return path


def rows(scratch: Path) -> list[Row]:
    """Two archives, photographs and very many small files; and of a million files the memory alone, since that takes minutes."""
    made = []
    for name in ("grocery10", "100000"):
        imported = Imported(scratch / "imports", name)
        made.append(Row(f"data/import-{name}", "images/s", imported.rate, ceiling=imported.ceiling, runs=RUNS))
        made.append(Row(f"data/import-{name}-memory", "MB", imported.peak, runs=1))
    million = Imported(scratch / "imports", MILLION)
    return [*made, Row(f"data/import-{MILLION}-memory", "MB", million.peak, runs=1, by_name=True)]
