"""Pictures to labels, with a network that stays loaded."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from classifier import metrics
from classifier.data.augment import Normalisation
from classifier.data.load import Prepare
from classifier.data.pack import ImageReader, MemoryPack, Patience
from classifier.inference import logits
from classifier.metrics.embedding import Embedding, Near, nearest_of_each
from classifier.run import Run
from classifier.spec import unsure
from classifier.spec.errors import InputError
from classifier.spec.events import ShouldStop, never
from classifier.training.devices import choose_device

BEST = 5
BATCH_IMAGES = 32
NEAREST = 5  # training images beside each picture
ANOTHER = "Make one of this network with `space`."


class Source(Protocol):
    """What a network to predict with comes from: a RUN, or published weights."""

    classes: list[str]
    names: dict[str, str]
    normalisation: Normalisation

    @property
    def eval_size(self) -> int:
        """Pixels a side of what it looks at."""
        ...

    @property
    def prepare(self) -> Prepare:
        """How an image is brought to that size."""
        ...

    @property
    def tta(self) -> str | None:
        """The views that are averaged, if any."""
        ...

    def load_model(self, checkpoint: str | int = "best", *, raw: bool = False) -> tuple[nn.Module, int]:
        """(the network, ready to evaluate; its epoch). raw: without the average of its weights, where one was kept."""
        ...


def file_bytes(path: Path) -> bytes:
    """All of a file. Raises OSError, also for a device or a pipe, which may have no end, and ValueError for a NUL in the name."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "It is a device or a pipe, and no file", str(path))
    return path.read_bytes()


def answered(top: list[dict[str, Any]], below: float | None) -> dict[str, Any]:
    """The five best, and whether the best of them is too little to go by."""
    sure = below is None or top[0]["probability"] >= below  # what is no number is no answer either
    return {"top": top} if sure else {"top": top, "unsure": True}


class Predictor:
    """A RUN's or a published network, loaded once: `predict` may then be called as often as pictures come.

    raw: the weights themselves, where an average of them was kept. `unsure_below`: in place of the threshold that its RUN keeps; 0: it
    is never unsure. Raises InputError for a folder that is no RUN or has no such checkpoint.
    """

    def __init__(
        self,
        run: Source | Path | str,
        *,
        checkpoint: str = "best",
        raw: bool = False,
        device: str = "auto",
        unsure_below: float | None = None,
    ) -> None:
        self.run: Source = Run.open(Path(run)) if isinstance(run, Path | str) else run
        self.device, self.below = choose_device(device), unsure_below
        self.model, self.epoch = self.run.load_model(checkpoint, raw=raw)

    @property
    def held_bytes(self) -> int:
        """What its weights and statistics take in memory."""
        return sum(tensor.numel() * tensor.element_size() for tensor in chain(self.model.parameters(), self.model.buffers()))

    def predict(
        self,
        files: Sequence[tuple[str, bytes]],
        should_stop: ShouldStop = never,
        patience: Patience | None = None,
        near: Embedding | None = None,
    ) -> list[dict[str, Any]]:
        """What the network says of (name, bytes) of image files, in their order.

        {"file", "top": [{"label", "probability"}, …]} with the five best (fewer with fewer classes), or {"file", "error"}; "unsure": true
        where the best lies below what was chosen for the network.
        near: where its training images lie; then "nearest" tells which of them are most alike.
        """
        pack, errors = MemoryPack.from_files(files, patience)
        said = iter(self.said(pack, should_stop, near))
        return [
            {"file": name, "error": errors[position].message} if position in errors else {"file": name, **next(said)}
            for position, (name, _) in enumerate(files)
        ]

    @property
    def unsure_below(self) -> float | None:
        """As it is chosen now: it may change while the network stays loaded."""
        if self.below is not None:
            return self.below or None
        return unsure.kept(self.run.folder) if isinstance(self.run, Run) else None

    def said(self, pack: MemoryPack, should_stop: ShouldStop, near: Embedding | None) -> list[dict[str, Any]]:
        """The five best of each image of a pack, best first, and the training images nearest to it."""
        seen: list[Tensor] = []
        tops, below = self.tops(pack, should_stop, seen), self.unsure_below
        answers = [answered(top, below) for top in tops]
        if near is None or not tops:
            return answers
        features = torch.cat(seen).numpy()
        if (wide := features.shape[1]) != (theirs := len(near.basis.mean)):
            raise InputError(f"The map is of another network: it tells images by {theirs:,} values, this one by {wide:,}. {ANOTHER}")
        places = near.basis.place(features)
        found = nearest_of_each(near, places, NEAREST)
        return [{**answer, "nearest": self.neighbours(near, each)} for answer, each in zip(answers, found, strict=True)]

    def neighbours(self, near: Embedding, found: list[Near]) -> list[dict[str, Any]]:
        """Training images by their position in the dataset, the most alike first."""
        labels = [self.run.classes[near.points["label"][one.point]] for one in found]
        positions = [int(near.points["position"][one.point]) for one in found]
        return [
            {"position": position, "label": label, "likeness": one.likeness}
            for position, label, one in zip(positions, labels, found, strict=True)
        ]

    def tops(self, pack: MemoryPack, should_stop: ShouldStop, seen: list[Tensor]) -> list[list[dict[str, Any]]]:
        """The five best of each image of a pack, best first; `seen` gets what the head was given of them, batch by batch."""
        rows = range(len(pack))
        if not rows:
            return []
        found = self.logits(pack, rows, should_stop=should_stop, features=seen.append).numpy()
        best, odds = metrics.top_k(found, min(BEST, len(self.run.classes))), metrics.softmax(found)
        return [[self.named(int(i), float(odds[row, i])) for i in best[row]] for row in rows]

    def logits(self, pack: ImageReader, rows: range, **more: Any) -> Tensor:
        """Float32 logits [N, C] of a pack's images at `rows`, as the network learnt them; `more` as in `classifier.inference.logits`."""
        how: dict[str, Any] = {"normalisation": self.run.normalisation, "prepare": self.run.prepare, "tta": self.run.tta}
        size, device = self.run.eval_size, self.device
        return logits(self.model, pack, rows, image_size=size, device=device, batch_size=BATCH_IMAGES, **how, **more)

    def named(self, place: int, probability: float) -> dict[str, Any]:
        """One class with its probability, and its readable name where the label is a synset id."""
        label = self.run.classes[place]
        name = {"name": self.run.names[label]} if label in self.run.names else {}
        return {"label": label, "probability": probability, **name}
