"""A RUN folder: what one training left behind, and its networks.

RUN/
  config.json            the resolved configuration
  run.json               classes, names, dataset (folder and id), image size, normalisation, plan, what was asked for, versions
  manifest.json          the kept checkpoints: file, sha256, epoch, step, validation figures, which is best
  checkpoints/           epoch-0007.pt (after an epoch), step-0000123.pt (inside one)
  history.jsonl          the epoch events, one a line
  validations.jsonl      validations inside epochs, one a line
  steps.bin              what each step told, as columns (`classifier.metrics.trace`)
  preflight.json         what the check of two batches before the training found; first-batch/: pictures of the first, as the network saw it
  result.json            at the end
  predictions-test.csv   at the end; predictions-test.npy: the same as columns (`classifier.metrics.scored`); curves-test.npz: what
                         is drawn of them (`classifier.metrics.curves`)
  temperatures.json      of checkpoints that were measured (`classifier.calibrating`)
  unsure.json            below which probability it says that it is unsure (`classifier.spec.unsure`), where somebody chose one
  owner.json             which process trains here
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, cast

import torch
from torch import Tensor, nn

from classifier.data.augment import Normalisation
from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.data.load import Prepare, evaluated, preparing
from classifier.models.build import build
from classifier.models.unallocated import Undrawn
from classifier.spec import runfile
from classifier.spec.config import TrainConfig
from classifier.spec.errors import InputError
from classifier.spec.packfile import UNLABELLED
from classifier.training.files import read_json


class Entry(TypedDict):
    """One checkpoint in manifest.json."""

    file: str  # inside checkpoints/
    sha256: str
    epoch: int  # epochs finished
    step: int  # steps done in all
    whole: bool  # at the end of an epoch, with its validation; False: cut inside one
    best: bool
    val_top1: float | None
    val_loss: float | None


def manifest(folder: Path) -> list[Entry]:
    """The checkpoints that manifest.json names, oldest first; none where it is missing. Raises ValueError where it is broken."""
    try:
        return cast(list[Entry], runfile.read(folder))
    except FileNotFoundError:
        return []


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified_state(folder: Path, entry: Entry) -> dict[str, Any]:
    """A checkpoint's content on the processor, once its hash agrees; raises InputError where it is missing or damaged."""
    path = runfile.place_of(folder, entry)
    try:
        intact = sha256_of(path) == entry["sha256"]
    except OSError as error:
        raise InputError(f"Checkpoint {path} cannot be read: {error.strerror or error}.") from None
    if not intact:
        raise InputError(f"Checkpoint {path} is damaged: its bytes are not those that were written. Choose another checkpoint.")
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def put_in(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """A checkpoint's tensors into the network that they are of, by the layout that it writes now.

    A file keeps no notes of layouts, and MNASNet refuses tensors that come without.
    """
    whole = OrderedDict(tensors)
    whole._metadata = model.state_dict()._metadata  # type: ignore[attr-defined]
    model.load_state_dict(whole)


def learnable(dataset: Dataset, run: Run | None) -> Dataset:
    """The dataset without the class of unlabelled images, unless a run of earlier days has learnt it as a class of its own."""
    return dataset if run is not None and UNLABELLED in run.classes else dataset.labelled()


class Run:
    """A training's folder, for reading."""

    def __init__(self, folder: Path, config: dict[str, Any], about: dict[str, Any]) -> None:
        self.folder = folder
        self.about = about
        self.config = TrainConfig.kept(config)
        self.classes: list[str] = about["classes"]
        self.names: dict[str, str] = about["names"]
        self.image_size: int = about["image_size"]
        self.normalisation: Normalisation = (about["normalisation"][0], about["normalisation"][1])
        self.dataset_folder = Path(about["dataset"]["folder"])
        self.dataset_id: str = about["dataset"]["id"]

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """Raises InputError where the folder is none that a training made."""
        folder = Path(folder)
        try:
            return cls(folder, read_json(folder / "config.json"), read_json(folder / "run.json"))
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{folder} is no run: it has no readable config.json and run.json. Make one with `train`.") from None

    @property
    def eval_size(self) -> int:
        """Pixels a side of the images that it evaluates; the training size unless another was chosen (Touvron et al., 2019)."""
        return self.config.eval_size or self.image_size

    @property
    def tta(self) -> str | None:
        """The views that are averaged in what is measured and predicted, if any."""
        return self.config.tta

    @property
    def prepare(self) -> Prepare:
        """How its images are brought to size for evaluation and prediction."""
        return preparing(evaluated, self.config.resize, self.config.channels)

    def as_seen(self, dataset: Dataset) -> Dataset:
        """Its own dataset with the fold that it did not learn from as validation, where it has folds; any other as it is. Both
        without images that are unlabelled still."""
        dataset = learnable(dataset, self)
        return folded(dataset, self.config.folds, self.config.fold) if dataset.id == self.dataset_id else dataset

    def checkpoints(self) -> list[Entry]:
        """All kept ones, oldest first."""
        try:
            return manifest(self.folder)
        except (OSError, ValueError) as error:
            raise InputError(f"{self.folder} has no readable manifest.json: {error}.") from None

    def entry(self, checkpoint: str | int = "best") -> Entry:
        """The checkpoint called best, last or by its epoch's number; raises InputError that names those there are."""
        entries = self.checkpoints()
        if not entries:
            raise InputError(f"{self.folder} has no checkpoint yet; train it first.")
        wanted = str(checkpoint)
        if wanted == "last":
            return entries[-1]
        found = [e for e in entries if (e["best"] if wanted == "best" else e["whole"] and str(e["epoch"]) == wanted)]
        if wanted == "best" and not found:
            return entries[-1]
        if not found:
            kept = ", ".join(str(e["epoch"]) for e in entries if e["whole"])
            raise InputError(f"There is no checkpoint {wanted[:20]}; there are best, last and those of epochs {kept}.")
        return found[-1]

    def load_model(self, checkpoint: str | int = "best", *, raw: bool = False) -> tuple[nn.Module, int]:
        """(the network in fp32 on the processor, ready to evaluate; the epoch it is of). The average of the weights where one was kept,
        unless `raw`; raises InputError where none was, and the weights themselves are what there is anyway."""
        entry = self.entry(checkpoint)
        with Undrawn():
            model = build(self.config.model, len(self.classes), image_size=self.image_size)
        state = verified_state(self.folder, entry)
        if raw and "average" not in state:
            raise InputError(f"Checkpoint {checkpoint} keeps no average of its weights, so there is nothing to leave aside.")
        put_in(model, state["model"] if raw else state.get("average") or state["model"])
        return model.eval(), entry["epoch"]
