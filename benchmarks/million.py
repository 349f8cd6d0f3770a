"""A set of a million photographs: how soon its training begins, and what memory it holds besides the mapped pack.

The photographs are a few hundred, each of which a thousand rows of the index name: the files are small, everything that grows with
the number of images is as large as for a million. The baseline is the same training on those few hundred.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks import pictures
from benchmarks.harness import Row
from benchmarks.training import ROOT, engine
from classifier.data.dataset import SAMPLE_DTYPE
from classifier.data.pack import INDEX_DTYPE, mapped
from worker.child import MEMORY

IMAGES, CLASSES = 1_000_000, 1_000
SHARES = (0.9, 0.05, 0.05)
LOOKED_SECONDS = 20.0  # of training, while memory is looked at
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Million:
    """The set, and the training that is looked at."""

    scratch: Path

    @functools.cached_property
    def few(self) -> Path:
        """The photographs as they are."""
        data = self.scratch / "million-few"
        source = pictures.photographs(self.scratch / "million-pictures")
        subprocess.run(engine("import", source, "--out", data), env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return data

    @functools.cached_property
    def many(self) -> Path:
        """A million rows over them, each class of which every split has."""
        data = self.scratch / "million-many"
        (data / "pack").mkdir(parents=True)
        for name in ("pixels.bin", "jpeg.bin", "thumbs.bin"):
            (data / "pack" / name).symlink_to(self.few / "pack" / name)
        index = mapped(self.few / "pack" / "index.bin", INDEX_DTYPE)
        repeated = index[np.arange(IMAGES) % len(index)]
        repeated["sha256"] = np.frombuffer(b"".join(number.to_bytes(32) for number in range(IMAGES)), "V32")
        repeated.tofile(data / "pack" / "index.bin")
        self.write_rows(data)
        return data

    def write_rows(self, data: Path) -> None:
        """dataset.json, samples.bin and paths.txt."""
        rows = np.zeros(IMAGES, SAMPLE_DTYPE)
        rows["image"], rows["label"] = np.arange(IMAGES), np.arange(IMAGES) % CLASSES
        rows["split"] = np.searchsorted(np.cumsum(SHARES), (np.arange(IMAGES) // CLASSES + 0.5) / (IMAGES // CLASSES))
        rows.tofile(data / "samples.bin")
        with (data / "paths.txt").open("w") as file:
            file.writelines(f'"class{number % CLASSES:04}/{number:07}.jpg"\n' for number in range(IMAGES))
        labels = [f"class{number:04}" for number in range(CLASSES)]
        each = dict(zip(("train", "validation", "test"), (round(share * IMAGES / CLASSES) for share in SHARES), strict=True))
        about = json.loads((self.few / "dataset.json").read_text()) | {
            "id": "0" * 64, "classes": labels, "names": {}, "counts": dict.fromkeys(labels, each), "images": IMAGES, "problems": [],
        }  # fmt: skip
        (data / "dataset.json").write_text(json.dumps(about))

    @property
    def environment(self) -> dict[str, str]:
        """With measured plans kept for these rows."""
        return {**os.environ, **MEMORY, "PYTHONPATH": str(ROOT), "SYNSET_HOME": str(self.scratch / "home")}

    @functools.cached_property
    def warmed(self) -> bool:
        """Whether the plan was measured, which each machine does once for a network."""
        for data in (self.few, self.many):
            for _ in self.events(data):
                break
        return True

    def events(self, data: Path) -> Iterator[tuple[float, dict[str, Any], psutil.Process]]:
        """(seconds since the command began, event, process) of its first two batches, which are checked before all others, and of each
        step that is told; the training is ended behind the last."""
        settings = {"model": "resnet18", "image_size": 128, "batch_size": 32, "epochs": 100}
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        command = engine("train", data, "--out", self.scratch / "million.run", "--restart", "--json", *words)
        started = time.perf_counter()
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            process = psutil.Process(child.pid)
            try:
                for line in child.stdout:
                    event = json.loads(line)
                    if event["event"] == "error":
                        raise RuntimeError(event["message"])
                    if event["event"] == "preflight" or (event["event"] == "progress" and event["stage"] == "training"):
                        yield time.perf_counter() - started, event, process
            finally:
                child.send_signal(signal.SIGINT)
                child.stdout.read()

    def first_batch(self, data: Path) -> float:
        """Seconds from the command to the word on its first two batches, torch's own start included."""
        return next(seconds for seconds, _, _ in self.events(data)) if self.warmed else 0.0

    def memory(self, data: Path) -> float:
        """Megabytes that are the process's own, mapped files aside, at the most."""
        most, began = 0.0, None
        for seconds, _, process in self.events(data):
            began = seconds if began is None else began
            status = Path(f"/proc/{process.pid}/status").read_text()
            own = sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(("RssAnon", "RssShmem")))
            most = max(most, own * 1024 / MEGABYTE)
            if seconds - began > LOOKED_SECONDS:
                break
        return most


def rows(scratch: Path) -> list[Row]:
    """How soon, and how much; ratios to the same with a few hundred photographs."""
    million = Million(scratch)
    return [
        Row("size/million-first-batch", "s", lambda: million.first_batch(million.many), lambda: million.first_batch(million.few)),
        Row("size/million-memory", "MB", lambda: million.memory(million.many), lambda: million.memory(million.few)),
    ]
