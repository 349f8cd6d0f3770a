"""RUN folders: what a training left there, and trainings that are cut off, in this process or in one of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from classifier.run import Run
from classifier.spec.config import TrainConfig


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return Run.open(folder).load_model("last")[0].state_dict()


def result(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "result.json").read_text()))


def same(first: Path, second: Path) -> bool:
    """Whether both ended with the same weights, bit for bit."""
    a, b = weights(first), weights(second)
    return all(torch.equal(a[name], b[name]) for name in a)


def after(steps: int) -> Callable[[], bool]:
    """A stop signal that is given once it was asked for so often."""
    count = iter(range(10_000))
    return lambda: next(count) >= steps


def command(data: Path, run: Path, config: TrainConfig) -> list[str]:
    """The command line of a training with that configuration."""
    file = run.parent / "config.json"
    file.write_text(json.dumps(config.to_mapping()))
    return [sys.executable, "-m", "classifier", "train", str(data), "--out", str(run), "--config", str(file), "--json"]


def alone(data: Path, run: Path, config: TrainConfig, fault: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Trains in a process of its own with FAULT set, on one thread as the tests here do."""
    env = {**os.environ, "FAULT": fault, "OMP_NUM_THREADS": "1", **variables}
    return subprocess.run(command(data, run, config), env=env, capture_output=True, timeout=120, check=False, text=True)
