"""What memory a training will need that was never measured here: a rough guess from the network itself.

Weights, gradients, what the optimiser and an average of the weights hold, and what a step keeps of each image for its way back
(`classifier/spec/stages.py`, counted by the network in fp32 at the catalogue's size, which grows with the pixels).
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from classifier.spec.batches import SHARE, largest_for, looked_at
from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from classifier.spec.depth import frozen_in, frozen_of
from classifier.spec.stages import STAGES
from webapp.core.words import bytes_size
from webapp.datasets.models import DatasetVersion
from webapp.experiments.guesses import on_gpu, side_of, told_by_workers
from webapp.experiments.learning import learnt_classes
from webapp.experiments.timings import trained_on

BYTES = 4  # of a number in fp32, which weights always are
HALF = 0.5  # of what is kept, where the forward pass is computed in bf16
STATES = {"sgd": 1, "adagrad": 1, "rmsprop": 1, "muon": 1}  # numbers that an optimiser holds of each weight; the others hold 2
BACK = 4  # times the widest map, beside what is kept: gradients on their way back, and what kernels copy (measured: 3.5 to 5)
LIVE = 3  # times the widest map, where the image's own stages are frozen: what goes in, what comes out, and one beside
FEATURES = 64  # images whose features are computed at once (classifier.training.features)


class Need(NamedTuple):
    """Bytes of the network with all that is held of it, and of one image; how many of these at once."""

    network: float
    image: float
    batch: int
    most: float | None = None  # for images, where a batch that is picked fills no more

    @property
    def bytes(self) -> float:
        """In all."""
        images = self.image * self.batch
        return self.network + (images if self.most is None else max(2 * self.image, min(images, self.most)))


def need(version: DatasetVersion, config: TrainConfig, left: float | None) -> Need:
    """Of the epochs in which most of the network learns; left: bytes that are free there, where that is known."""
    known = STAGES[config.model]
    frozen = least_frozen(config)
    sizes = [size for _, size in known.backbone] + [known.head * len(learnt_classes(version)) // 1000]
    side, learnt = side_of(version, config), sum(sizes[frozen:])
    pixels = (side / MODELS[config.model].image_size) ** 2
    half = in_half_bits(config)
    kept = 1000 * pixels * (sum(known.kept[frozen:]) + (LIVE if frozen else BACK) * known.widest) * (HALF if half else 1)
    network = BYTES * (sum(sizes) * copies(config) + learnt * (1 + states(config))) + (half and 2 * sum(sizes))
    images = trained_on(version, config.most_images, config.folds)
    if config.head_alone and not config.finetune and config.features != "each":
        return Need(network, kept, looked_at(min(FEATURES, images), side))
    if config.batch_size is None:
        batch = largest_for(images, config.accumulate)
        return Need(network, kept, batch, most=inf if left is None else SHARE * left)
    return Need(network, kept + (BYTES + 1) * 3 * side**2 * config.accumulate, min(config.batch, images))


def least_frozen(config: TrainConfig) -> int:
    """Stages that are frozen in the epoch in which fewest are."""
    if config.finetune:
        return 0
    return frozen_in(frozen_of(len(STAGES[config.model].backbone), config.freeze), config.unfreeze, config.epochs)


def copies(config: TrainConfig) -> int:
    """Of all weights: themselves, and an average of them."""
    return 2 if config.ema or config.swa_from else 1


def states(config: TrainConfig) -> int:
    """Numbers that the optimiser holds of each weight that learns."""
    moving = config.momentum > 0
    if config.optimizer == "sgd":
        return int(moving)
    return STATES.get(config.optimizer, 2) + (config.optimizer == "rmsprop" and moving)


def in_half_bits(config: TrainConfig) -> bool:
    """Whether the forward pass is surely computed in bf16. On a processor it is measured which format is faster: the larger one counts."""
    return config.precision == "bf16" or (config.precision == "auto" and not config.deterministic and on_gpu(config))


def free(config: TrainConfig) -> float | None:
    """The most bytes that are free on a device that may train it; None where no worker tells."""
    hosts = told_by_workers()
    places = [gpu for info in hosts for gpu in info.get("gpus") or []] if on_gpu(config) else hosts
    left = [place["memory_total"] - place["memory_used"] for place in places if place.get("memory_total") and "memory_used" in place]
    return max(left, default=None)


def words(found: Need) -> tuple[str, str]:
    """What it will need, and what that rests on."""
    share = f"{bytes_size(found.network)} for the network and how it learns, {bytes_size(found.image)} an image"
    if found.most is not None:
        return f"at most roughly {bytes_size(found.bytes)}", f"a rough guess: {share}, as many at once as fit, {found.batch} at most"
    return f"roughly {bytes_size(found.bytes)}", f"a rough guess: {share}, {found.batch} at once; the first training measures it"


def short(needed: float, left: float | None) -> str:
    """A sentence where so many bytes are not free now; else nothing."""
    if left is None or needed <= left:
        return ""
    return f"Only {bytes_size(left)} of memory are free where it trains: smaller batches or images need less"
