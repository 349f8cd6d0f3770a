"""The images of a training as its network is to see them: training ones somewhat larger, so that windows stay sharp."""

from __future__ import annotations

import numpy as np
import torch

from classifier.data import load
from classifier.data.dataset import Dataset
from classifier.data.load import Images
from classifier.spec.config import TrainConfig


def train_side(side: int, *, small: bool) -> int:
    """Pixels a side at which training images are kept: photographs somewhat larger, for windows are cut from them."""
    return side if small else int(np.ceil(side * load.TRAIN_MARGIN / 8) * 8)


def prepared(automatic: load.Prepare, config: TrainConfig) -> load.Prepare:
    """How images are brought to size: as the configuration has it, else as suits them."""
    return load.preparing(automatic, config.resize, config.channels)


def training_pictures(
    dataset: Dataset, rows: np.ndarray, config: TrainConfig, device: torch.device, *, small: bool, still: bool = False
) -> Images:
    """Of the pack's `rows`. still: as evaluation sees them, for features that are computed once."""
    side = config.image_size or 0
    if still:
        return Images(dataset.pack, rows, side, prepared(load.evaluated, config), device)
    layout = torch.contiguous_format if small else torch.channels_last  # as windows are cut from them
    return Images(dataset.pack, rows, train_side(side, small=small), prepared(load.squeezed, config), device, layout)


def validation_pictures(dataset: Dataset, config: TrainConfig, device: torch.device) -> Images:
    """Of the validation split, at the size that is evaluated."""
    rows = dataset.images[dataset.indices("validation")]
    return Images(dataset.pack, rows, config.evaluated_at or 0, prepared(load.evaluated, config), device)
