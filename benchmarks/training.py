"""The training rows: ours through the command a person types, the reference's way, and the bare step.

Each run of each part is a process of its own. All train the same network on the same pictures with SGD and the same
kinds of augmentation.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import pictures
from benchmarks.harness import Row
from worker.child import MEMORY

SECONDS = 10.0  # measured in each run of each part
TRIAL_SECONDS = 3.0  # for each number of loader processes that the baseline tries
WARM_UP_SECONDS = 2.0
WORKERS = (0, 1, 2)
HEAD_EPOCHS = 10
GPU = Path("/dev/nvidia0")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Training:
    """One row's network and data."""

    model: str
    side: int
    batch: int
    source: Callable[[Path], Path]  # makes class folders in an empty folder
    scratch: Path

    @property
    def name(self) -> str:
        return f"{self.model}-{self.side}"

    @functools.cached_property
    def folder(self) -> Path:
        """Class folders of images, made when first needed."""
        return self.source(self.scratch / f"{self.source.__name__}-for-{self.name}")

    @functools.cached_property
    def dataset(self) -> Path:
        """The same, imported."""
        data = self.scratch / f"{self.name}.dataset"
        command = engine("import", self.folder, "--out", data, "--split", "90/5/5")
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return data

    @property
    def environment(self) -> dict[str, str]:
        """Of ours and of the ceiling: memory as the worker's trainings have it; plans that the probe measures are kept for this row."""
        return {**self.plain, **MEMORY, "SYNSET_HOME": str(self.scratch / "home")}

    @property
    def plain(self) -> dict[str, str]:
        """Of the baseline."""
        return {**os.environ, "PYTHONPATH": str(ROOT)}

    @functools.cached_property
    def workers(self) -> int:
        """The number of loader processes with which the baseline is fastest here."""
        return int(self.reference(TRIAL_SECONDS, *WORKERS)["workers"])

    def reference(self, seconds: float, *workers: int) -> dict[str, Any]:
        return self.printed("benchmarks.reference", seconds, self.plain, "--folder", self.folder, "--workers", *workers)

    def printed(self, module: str, seconds: float, environment: dict[str, str], *words: object) -> dict[str, Any]:
        """What a module of this package prints as JSON."""
        what = ("--model", self.model, "--side", self.side, "--batch", self.batch, "--seconds", seconds)
        command = [sys.executable, "-m", module, *map(str, what), *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def baseline(self) -> float:
        """Images a second of the reference's way."""
        return float(self.reference(SECONDS, self.workers)["images_per_second"])

    @functools.cached_property
    def plan(self) -> int:
        """The precision and layout with which the bare step is fastest here."""
        return int(self.printed("benchmarks.ceiling", TRIAL_SECONDS, self.environment)["plan"])

    def ceiling(self) -> float:
        """Images a second of the bare step."""
        return float(self.printed("benchmarks.ceiling", SECONDS, self.environment, "--plan", self.plan)["images_per_second"])

    def value(self) -> float:
        """Images a second of `python -m classifier train`, from its progress events."""
        settings = {
            "model": self.model, "image_size": self.side, "batch_size": self.batch, "epochs": 1000, "optimizer": "sgd",
            "learning_rate": 0.01, "weight_decay": 1e-4, "label_smoothing": 0, "augment": '{"color": 0}',
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        images = trained_images(self.dataset)
        command = engine("train", self.dataset, "--out", self.scratch / f"{self.name}.run", "--restart", "--json", *words)
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            try:
                return steady_speed(timed(child.stdout), images, SECONDS)
            finally:
                child.send_signal(signal.SIGINT)
                child.stdout.read()


@dataclass(frozen=True)
class HeadOnly(Training):
    """Ten epochs of a new head on bundled weights: ours from the first image to the last epoch, the reference's at its steady speed.

    The reference runs the frozen backbone anew in each epoch, on images that are changed at random, as its users do.
    """

    @property
    def name(self) -> str:
        return f"head_only-{self.side}"

    def reference(self, seconds: float, *workers: int) -> dict[str, Any]:
        return self.printed("benchmarks.reference", seconds, self.plain, "--folder", self.folder, "--head-only", "--workers", *workers)

    def value(self) -> float:
        """Images a second of all ten epochs together, the one pass that computes features included."""
        settings = {
            "model": self.model, "weights": "default", "freeze": "backbone", "features": "once", "image_size": self.side,
            "batch_size": self.batch, "epochs": HEAD_EPOCHS,
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        command = engine("train", self.dataset, "--out", self.scratch / f"{self.name}.run", "--restart", "--json", *words)
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            return HEAD_EPOCHS * trained_images(self.dataset) / seconds_of_epochs(timed(child.stdout))


@dataclass(frozen=True)
class Evaluating(Training):
    """`python -m classifier evaluate` on all training images, beside the forward pass alone."""

    @property
    def name(self) -> str:
        return f"evaluate-{self.model}-{self.side}"

    @functools.cached_property
    def run(self) -> Path:
        """A RUN of a few steps; how well it classifies is not measured."""
        out = self.scratch / f"{self.name}.run"
        settings = ("model", self.model), ("image_size", self.side), ("epochs", 1), ("most_images", 2 * self.batch)
        words = [word for name, value in settings for word in ("--set", f"{name}={value}")]
        subprocess.run(engine("train", self.dataset, "--out", out, *words), env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return out

    def value(self) -> float:
        """Images a second between the first and the last word on its progress."""
        command = engine("evaluate", self.run, "--split", "train", "--json")
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            told = [(now, event["done"]) for now, event in timed(child.stdout) if event["event"] == "progress"]
        (began, first), (ended, last) = told[0], told[-1]
        return float((last - first) / (ended - began))

    def ceiling(self) -> float:
        """Images a second of the forward pass."""
        return float(self.printed("benchmarks.ceiling", SECONDS, self.environment, "--forward")["images_per_second"])


def seconds_of_epochs(events: Iterable[tuple[float, dict[str, Any]]]) -> float:
    """From the first look at an image to the end of the last epoch; validation and checkpoints are counted, the test is not."""
    began = ended = None
    for now, event in events:
        if event["event"] == "error":
            raise RuntimeError(event["message"])
        began = now if began is None and event.get("stage") == "decoding" else began
        ended = now if event["event"] == "epoch" else ended
    if began is None or ended is None:
        raise RuntimeError("The training ended before its first epoch did.")
    return ended - began


def engine(*words: object) -> list[str]:
    """A command of the engine."""
    return [sys.executable, "-m", "classifier", *map(str, words)]


def timed(lines: Iterable[str]) -> Iterator[tuple[float, dict[str, Any]]]:
    """(seconds on a clock, event) of each line as it comes."""
    for line in lines:
        yield time.perf_counter(), json.loads(line)


def trained_images(dataset: Path) -> int:
    """How many images an epoch has."""
    counts = json.loads((dataset / "dataset.json").read_text())["counts"]
    return sum(int(splits["train"]) for splits in counts.values())


def steady_speed(events: Iterable[tuple[float, dict[str, Any]]], epoch_images: int, seconds: float) -> float:
    """Images a second between progress events of the same epoch, over about so long, once training is warm.

    Validation and checkpoints, which lie between epochs, are not counted; nor are they for the baseline, which has none.
    """
    images, spent = 0.0, 0.0
    began: float | None = None
    before: tuple[float, dict[str, Any]] | None = None
    for now, event in events:
        if event["event"] == "error":
            raise RuntimeError(event["message"])
        if event["event"] != "progress" or event["stage"] != "training":
            continue
        began = now if began is None else began
        if before is not None and before[1]["epoch"] == event["epoch"] and before[0] - began >= WARM_UP_SECONDS:
            images += epoch_images * (event["step"] - before[1]["step"]) * event["epochs"] / event["steps"]
            spent += now - before[0]
        before = (now, event)
        if spent >= seconds:
            return images / spent
    raise RuntimeError("The training ended before enough of it was measured.")


def on_gpu(scratch: Path) -> list[Row]:
    """The rows of a GPU, where there is one: from JPEG photographs, beside the compiled step on a batch that lies in its memory."""
    if not GPU.exists():
        return []
    trainings = [Training(model, 224, 256, pictures.photographs, scratch) for model in ("resnet18", "resnet50")]
    return [Row(f"train/gpu-{t.name}", "images/s", t.value, ceiling=t.ceiling) for t in trainings]


def rows(scratch: Path) -> list[Row]:
    """All training rows; pictures are unpacked only for those that run."""
    trainings = [
        Training("small_cnn", 32, 128, pictures.small_pictures, scratch),
        Training("resnet18", 128, 32, pictures.photographs, scratch),
        Training("mobilenet_v3_small", 224, 32, pictures.photographs, scratch),
    ]
    head = HeadOnly("efficientnet_lite0", 224, 32, pictures.photographs, scratch)
    found = [Row(f"train/{t.name}", "images/s", t.value, t.baseline, t.ceiling) for t in trainings]
    evaluating = Evaluating("resnet18", 128, 64, pictures.photographs, scratch)
    return [
        *found,
        Row(f"train/{head.name}", "images/s", head.value, head.baseline),
        Row(f"train/{evaluating.name}", "images/s", evaluating.value, ceiling=evaluating.ceiling),
        *on_gpu(scratch),
    ]
