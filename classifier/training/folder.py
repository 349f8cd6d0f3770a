"""A RUN folder as training writes it: whether it may, what stands there already, and what it writes first and last."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import torch
import torchvision

from classifier.data.augment import Augment, Normalisation
from classifier.data.dataset import Dataset
from classifier.run import Run
from classifier.spec import code
from classifier.spec.config import TrainConfig
from classifier.spec.errors import InputError
from classifier.training.devices import Plan, describe, processor_name
from classifier.training.files import read_json, write_json

FORMAT_VERSION = 1
LOG = "log.txt"  # a worker opens it before the training begins
MARKS = ("owner.json", "run.json", "config.json")  # one of these makes a folder ours
WRITTEN = (
    "result.json",
    "manifest.json",
    "history.jsonl",
    "validations.jsonl",
    "steps.bin",
    "run.json",
    "config.json",
    "predictions-*.csv",
    "predictions-*.np[yz]",
    "curves-*.npz",
    "temperatures.json",
    "unsure.json",
    "checkpoints/*",
    "setbacks.json",
    "preflight.json",
    "first-batch/*",
)
ANYWHERE = ("device",)  # fields that may differ when a run goes on


def refuse_foreign(folder: Path) -> None:
    """Raises InputError where the folder holds something that no training put there."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give a folder for the run.")
    foreign = folder.is_dir() and any(path.name != LOG for path in folder.iterdir())
    if foreign and not any((folder / mark).exists() for mark in MARKS):
        raise InputError(f"{folder} is not empty and holds no run; choose an empty or a new folder.")


def existing(folder: Path) -> Run | None:
    """The run to go on with, None where nothing was begun (or no more than the claim on the folder)."""
    return Run.open(folder) if (folder / "run.json").exists() and (folder / "config.json").exists() else None


def clear(folder: Path) -> None:
    """Removes what earlier trainings wrote, and nothing else."""
    for pattern in WRITTEN:
        for path in folder.glob(pattern):
            path.unlink()


def refuse_other_settings(run: Run, dataset: Dataset, config: TrainConfig) -> None:
    """Raises InputError where the run was begun on other data or with other settings (both resolved)."""
    again = "Use --restart to start over, or another folder."
    if run.dataset_id != dataset.id:
        raise InputError(f"{run.folder} was begun on another dataset ({run.dataset_folder}). {again}")
    before, now = (comparable(settings) for settings in (run.config, config))
    differing = [f"{name} ({before[name]} then, {now[name]} now)" for name in now if before[name] != now[name] and name not in ANYWHERE]
    if differing:
        raise InputError(f"{run.folder} was begun with other settings: {', '.join(differing)}. {again}")


def as_begun(config: TrainConfig, run: Run | None) -> TrainConfig:
    """The configuration with the batch size that the run measured when it began, where it leaves that open."""
    return config if run is None or config.batch_size is not None else replace(config, batch_size=run.config.batch_size)


def comparable(config: TrainConfig) -> dict[str, Any]:
    """Every field of a resolved configuration; of its augmentation also those that are younger than the run."""
    values = config.to_mapping()
    return values | {"augment": asdict(Augment(**values["augment"]))} if isinstance(values["augment"], dict) else values


def about(
    dataset: Dataset, config: TrainConfig, normalisation: Normalisation, plan: Plan, device: torch.device, later_plan: Plan | None = None
) -> dict[str, Any]:
    """The content of run.json. later_plan: of a fine-tuning that is computed otherwise than what comes before it."""
    return {
        "format": FORMAT_VERSION,
        "classes": dataset.classes,
        "names": dataset.names,
        "dataset": {"folder": str(dataset.folder.resolve()), "id": dataset.id},
        "image_size": config.image_size,
        "normalisation": [list(normalisation[0]), list(normalisation[1])],
        "plan": asdict(plan),
        **({} if later_plan is None else {"later_plan": asdict(later_plan)}),
        "device": describe(device),
        "environment": environment(device),
    }


def environment(device: torch.device) -> dict[str, Any]:
    """Code, versions and hardware: what one needs to know to get the same figures again."""
    return {
        "synset": code.version(),
        "engine": code.digest(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "system": platform.platform(),
        "processor": processor_name(),
        "threads": torch.get_num_threads(),
        "device": describe(device),
    }


def setbacks(folder: Path) -> int:
    """How often the training went back to a checkpoint because its loss was no number."""
    try:
        return int(read_json(folder / "setbacks.json"))
    except FileNotFoundError:
        return 0


def write_setbacks(folder: Path, count: int) -> None:
    """Keeps their number for whoever goes on with the run."""
    write_json(folder / "setbacks.json", count)


def write_beginning(folder: Path, config: TrainConfig, content: dict[str, Any]) -> None:
    """config.json and run.json; run.json last, for with it the folder is a run."""
    write_json(folder / "config.json", config.to_mapping())
    write_json(folder / "run.json", content)
