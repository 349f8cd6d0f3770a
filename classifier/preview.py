"""What a training would see of its images, before it is one: some of them augmented, and one brought to size.

Drawn by what trains: the same decoding, the same augmentation, the same mixing. What is chance in a training is chance here,
but not the same draw: a preview's is a function of the seed and its own number.
"""

from __future__ import annotations

import base64
import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from classifier.data import load
from classifier.data.augment import Augment, Normalisation
from classifier.data.dataset import Dataset
from classifier.data.load import Images
from classifier.data.sizing import resized
from classifier.data.statistics import channel_statistics
from classifier.data.thumbnails import png, saved
from classifier.spec.config import TrainConfig
from classifier.spec.errors import InputError
from classifier.spec.packfile import SMALL_IMAGE_PIXELS
from classifier.threads import one_thread
from classifier.training.order import generator
from classifier.training.pictures import prepared, training_pictures
from classifier.training.settings import resolve
from classifier.training.setup import chosen_normalisation, is_small, sizes_seen
from classifier.training.sight import Sight

SAMPLES = 16
DRAWN_SIDE = 384  # pixels at most, whatever the training's size, so that a request's work stays bounded; no page shows more
LOOKED_AT = 2000  # images among which those to show are chosen
SHOWN_SIDE = 224  # pixels of a sample as it is handed over
EXAMPLE_SIDE = 320
DECODED_AT_ONCE = 4
JPEG_QUALITY = 88
PROCESSOR = torch.device("cpu")


class Previewer:
    """One dataset, ready: what takes long on a large one is done once. Raises InputError where there is nothing to train on."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.train = dataset, dataset.indices("train")
        if not len(self.train):
            raise InputError("This dataset has no training images, so there is nothing to show. Give train a share of it.")
        self.small, self.grey, self.size = is_small(dataset), dataset.grey, dataset.typical_size

    def resolved(self, config: TrainConfig) -> TrainConfig:
        """With what data and model decide, as the training itself would."""
        return resolve(config, self.size, small=self.small, grey=self.grey)

    def preview(self, config: TrainConfig, number: int) -> dict[str, Any]:
        """{"side", "seen", "drawn", "small", "still", "samples", "example"}: the number-th draw.

        Three sides in pixels: of the training, of evaluation, and of this drawing.
        """
        whole = self.resolved(config)
        drawn = bounded(whole)
        places = self.chosen(whole.seed, number)
        with one_thread():
            samples, example = self.samples(drawn, number, places[:SAMPLES]), self.example(drawn, places)
        sides = {"side": whole.image_size, "seen": whole.evaluated_at, "drawn": drawn.image_size}
        return {**sides, "small": self.small, "still": stands_still(drawn), "samples": samples, "example": example}

    def chosen(self, seed: int, number: int) -> np.ndarray:
        """Places in the training split in random order, each class's first image before any class's second."""
        order = torch.randperm(len(self.train), generator=generator(seed, "preview", number))[:LOOKED_AT].numpy()
        turns: Counter[int] = Counter()
        ranks = []
        for label in self.dataset.labels[self.train[order]].tolist():
            ranks.append(turns[label])
            turns[label] += 1
        found: np.ndarray = order[np.argsort(ranks, kind="stable")]
        return found

    def samples(self, config: TrainConfig, number: int, places: np.ndarray) -> list[dict[str, Any]]:
        """Each image as one step of training would see it, with the share of each label in it; unreadable ones are left out."""
        assert isinstance(config.augment, dict)
        positions = self.train[places]
        rows = self.dataset.images[positions]
        still = stands_still(config)
        images = training_pictures(self.dataset, rows, config, PROCESSOR, small=self.small, still=still)
        raw = torch.cat(list(images.batches(torch.arange(len(rows)).split(DECODED_AT_ONCE))))
        kept = torch.tensor([place for place in range(len(rows)) if place not in images.spoilt], dtype=torch.int64)
        if not len(kept):
            return []
        normalisation = self.normalisation(config, rows)
        sight = Sight(config, Augment(**config.augment), normalisation, self.small, len(self.dataset.classes))
        sizes, labels = sizes_seen(self.dataset, rows, config)[kept], torch.from_numpy(self.dataset.labels[positions])[kept]
        chance = generator(config.seed, "preview", "augment", number)
        if still:  # what its network is given is normalised alone
            seen, target = raw[kept].float(), labels
        else:
            seen, target = sight.seen(raw[kept], sizes, labels, chance)
            seen = coloured(seen, normalisation)
        return [
            {"image": as_data(image, SHOWN_SIDE), "shares": self.shares(said)} for image, said in zip(to_bytes(seen), target, strict=True)
        ]

    def normalisation(self, config: TrainConfig, rows: np.ndarray) -> Normalisation:
        """As the training has it; where it is measured, by the shown images alone: it tints no more than an erased patch."""
        if config.normalisation == "data":
            assert config.image_size is not None
            return channel_statistics(Images(self.dataset.pack, rows, config.image_size, prepared(load.squeezed, config), PROCESSOR))
        return chosen_normalisation(self.dataset, config, None, lambda: False)

    def shares(self, target: Tensor) -> dict[str, float]:
        """{label: share}, the greatest first: one of a whole, or those of the images that were mixed."""
        if target.ndim == 0:
            return {self.dataset.classes[int(target)]: 1.0}
        held = [(share, place) for place, share in enumerate(target.tolist()) if share > 0]
        return {self.dataset.classes[place]: round(share, 4) for share, place in sorted(held, reverse=True)}

    def example(self, config: TrainConfig, places: np.ndarray) -> dict[str, Any] | None:
        """The most oblong of the images, as it is and as evaluation sees it; None where it cannot be decoded."""
        rows = self.dataset.images[self.train[places]]
        entries = self.dataset.pack.index[rows]
        aspects = np.abs(np.log(entries["width"] / entries["height"]))
        row = int(rows[int(aspects.argmax())])
        images = Images(self.dataset.pack, np.array([row]), config.evaluated_at or 0, prepared(load.evaluated, config), PROCESSOR)
        after = images.decode([0])[0]
        if images.spoilt:
            return None
        height, width = self.dataset.pack.size(row)
        before = {"image": as_data(self.dataset.pack.image(row), EXAMPLE_SIDE), "width": width, "height": height}
        return {"before": before, "after": {"image": as_data(after, EXAMPLE_SIDE), "side": images.side}}


def stands_still(config: TrainConfig) -> bool:
    """Whether all that learns does so from features of the images as they are. `config` is resolved."""
    return config.on_features and not config.finetune


def bounded(config: TrainConfig) -> TrainConfig:
    """The same at no more than DRAWN_SIDE pixels; a blur, whose strength is in pixels, with them."""
    assert config.image_size is not None and config.evaluated_at is not None and isinstance(config.augment, dict)
    scale = min(1.0, DRAWN_SIDE / config.image_size)
    side, seen = (min(DRAWN_SIDE, extent) for extent in (config.image_size, config.evaluated_at))
    augment = {**config.augment, "blur": config.augment["blur"] * scale}
    return dataclasses.replace(config, image_size=side, eval_size=seen, augment=augment)


def coloured(images: Tensor, normalisation: Normalisation) -> Tensor:
    """Values 0..255 of normalised images; what lies outside, which no screen can show, is cut later."""
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) * 255 for values in normalisation)
    return images * deviation + mean


def to_bytes(images: Tensor) -> Tensor:
    """uint8 [N, 3, H, W]."""
    return images.round().clamp(0, 255).to(torch.uint8)


def as_data(image: Tensor, most: int) -> str:
    """uint8 [3, H, W] as a data URI, at most so many pixels long: small images to the pixel, photographs as JPEG."""
    scale = most / max(image.shape[1:])
    if scale < 1:
        height, width = (max(1, round(extent * scale)) for extent in image.shape[1:])
        image = resized(image, height, width)
    pixels = image.permute(1, 2, 0).contiguous().numpy()
    if pixels.shape[0] * pixels.shape[1] <= SMALL_IMAGE_PIXELS:
        return f"data:image/png;base64,{base64.b64encode(png(pixels)).decode()}"
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg(pixels)).decode()}"


def jpeg(pixels: np.ndarray) -> bytes:
    """The bytes of uint8 [H, W, 3] as a JPEG."""
    return saved(Image.fromarray(pixels), quality=JPEG_QUALITY)
