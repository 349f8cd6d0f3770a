"""Mean and deviation of the training images' colours, for normalisation from the data itself."""

from __future__ import annotations

import numpy as np
import torch

from classifier.data.augment.colour import Normalisation
from classifier.data.load import DECODE_CHUNK, Images
from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop, never

MOST_IMAGES = 2000  # evenly spread over the split; more would move no digit that matters
LEAST_DEVIATION = 1 / 255  # a channel that never varies is not divided by nothing


def channel_statistics(images: Images, should_stop: ShouldStop = never) -> Normalisation:
    """Mean and standard deviation over the pixels of the images, for values 0..1; ImageNet's kind, of this very data.

    Images that cannot be decoded do not count. Raises Interrupted when asked to stop.
    """
    count = len(images.rows)
    places = np.unique(np.linspace(0, count - 1, min(count, MOST_IMAGES)).round().astype(np.int64))
    sums, squares, pixels = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64), 0
    for positions in torch.from_numpy(places).split(DECODE_CHUNK):
        if should_stop():
            raise Interrupted("Interrupted while colours were measured; nothing was trained yet. Run the same command again.")
        batch = images.decode(positions.tolist())
        kept = torch.tensor([position not in images.spoilt for position in positions.tolist()])
        values = batch[kept].double() / 255
        sums, squares = sums + values.sum((0, 2, 3)), squares + values.square().sum((0, 2, 3))
        pixels += values[:, 0].numel()
    mean = sums / max(1, pixels)
    deviation = (squares / max(1, pixels) - mean.square()).clamp(min=0).sqrt().clamp(min=LEAST_DEVIATION)
    return [round(v, 6) for v in mean.tolist()], [round(v, 6) for v in deviation.tolist()]
