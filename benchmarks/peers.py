"""Other libraries beside ours: the same network on the same photographs, each trained at its best.

They are installed into an environment of their own, which reads torch from this project's. Three epochs with validation after
each, from the first look at an image to the end of the last epoch.
"""

from __future__ import annotations

import functools
import json
import os
import site
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from benchmarks import pictures
from benchmarks.harness import Row, output_folder
from benchmarks.training import engine, seconds_of_epochs, timed
from worker.child import MEMORY

EPOCHS = 3
MODEL, SIDE, BATCH = "resnet18", 128, 32
VALIDATED = 10  # each so many-th picture
PACKAGES = ("lightning==2.6.*", "timm==1.0.*")
PEERS = ("lightning", "timm")
WORKERS = (1, 2)
ROOT = Path(__file__).resolve().parents[1]


def environment() -> Path:
    """The peers' python; installed by pip at the first call."""
    folder = output_folder() / "peers"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        packages = next(folder.glob("lib/python*/site-packages"))
        (packages / "project.pth").write_text("\n".join(site.getsitepackages()) + "\n")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True, stdout=sys.stderr)
        done.touch()
    return python


@dataclass(frozen=True)
class Race:
    """One network and data, for all who run."""

    scratch: Path

    @functools.cached_property
    def folder(self) -> Path:
        """train/CLASS and validation/CLASS of the photographs."""
        whole, folder = pictures.photographs(self.scratch / "peers-whole"), self.scratch / "peers"
        for number, path in enumerate(sorted(whole.rglob("*.jpg"))):
            target = folder / ("train" if number % VALIDATED else "validation") / path.parent.name / f"{number}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        return folder

    @functools.cached_property
    def dataset(self) -> Path:
        """The same, imported."""
        data = self.scratch / "peers.dataset"
        subprocess.run(engine("import", self.folder, "--out", data), env=self.variables, check=True, stdout=subprocess.DEVNULL)
        return data

    @property
    def variables(self) -> dict[str, str]:
        """Of ours, with memory as the worker's trainings have it."""
        return {**os.environ, **MEMORY, "SYNSET_HOME": str(self.scratch / "home"), "PYTHONPATH": str(ROOT)}

    @property
    def images(self) -> int:
        """Training images of an epoch."""
        return sum(1 for _ in (self.folder / "train").rglob("*.jpg"))

    def peer(self, name: str, workers: int) -> float:
        """Images a second of one of them."""
        words = ("--folder", self.folder, "--model", MODEL, "--side", SIDE, "--batch", BATCH, "--epochs", EPOCHS, "--workers", workers)
        command = [str(environment()), "-m", f"benchmarks.peer_{name}", *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, stdout=subprocess.PIPE, text=True)
        return EPOCHS * self.images / float(json.loads(done.stdout.splitlines()[-1])["seconds"])

    @functools.cached_property
    def fastest(self) -> tuple[str, int]:
        """Who is fastest here, and with how many loader processes."""
        speeds = {(name, workers): self.peer(name, workers) for name in PEERS for workers in WORKERS}
        for (name, workers), speed in speeds.items():
            print(f"peers: {name} with {workers} loader processes {speed:,.1f} images/s", flush=True)
        return max(speeds, key=lambda key: speeds[key])

    def baseline(self) -> float:
        return self.peer(*self.fastest)

    def value(self) -> float:
        """Images a second of ours, from its events."""
        settings = {
            "model": MODEL, "image_size": SIDE, "batch_size": BATCH, "epochs": EPOCHS, "optimizer": "sgd",
            "learning_rate": 0.01, "weight_decay": 1e-4, "label_smoothing": 0, "augment": '{"color": 0}',
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        command = engine("train", self.dataset, "--out", self.scratch / "peers.run", "--restart", "--json", *words)
        with subprocess.Popen(command, env=self.variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            return EPOCHS * self.images / seconds_of_epochs(timed(child.stdout))


def rows(scratch: Path) -> list[Row]:
    """Ours beside the fastest of them."""
    race = Race(scratch)
    return [Row(f"peers/{MODEL}-{SIDE}", "images/s", race.value, race.baseline)]
