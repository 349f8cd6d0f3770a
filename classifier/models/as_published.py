"""How a published network's images are brought to size: as its own weights were measured, which is not the same for all.

torchvision states it with each weights entry: the short side, the square that is cut out of its middle, and how pixels are
interpolated. EfficientNet-Lite0's is Google's, as timm has it for the same weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from torch import Tensor
from torchvision import models
from torchvision.models import WeightsEnum
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as images

from classifier.data.augment import EVAL_CROP, Normalisation
from classifier.data.pack import ImageReader
from classifier.spec import bundled
from classifier.spec.catalogue import MODELS
from classifier.training.settings import normalisation_of

LONGEST = 8  # times the short side: of what is longer the middle is taken first, for resized it would fill the memory


class AsPublished(NamedTuple):
    """Resized to a short side, cut to a square, normalised."""

    short: int  # pixels
    side: int  # pixels of the square
    interpolation: InterpolationMode
    normalisation: Normalisation

    def prepare(self, pack: ImageReader, row: int, side: int) -> Tensor:
        """uint8 [3, side, side] of any image, small ones too: these weights know no other way."""
        image = pack.image(row)
        height, width = image.shape[1:]
        longest = LONGEST * min(height, width)
        image = images.center_crop(image, [min(height, longest), min(width, longest)])
        seen: Tensor = images.center_crop(images.resize(image, [self.short], self.interpolation, antialias=True), [side])
        return seen


def as_published(name: str, weights: str = "default") -> AsPublished:
    """The way of a network of the catalogue; of several published weights those of the file's name, else the newest."""
    if name == bundled.MODEL:
        side = MODELS[name].image_size
        return AsPublished(round(side / EVAL_CROP), side, InterpolationMode.BICUBIC, normalisation_of(name))
    entry = entry_of(name, weights)
    if entry is None:
        side = MODELS[name].image_size
        return AsPublished(round(side / EVAL_CROP), side, InterpolationMode.BILINEAR, normalisation_of(name))
    how = entry.transforms()
    return AsPublished(how.resize_size[0], how.crop_size[0], how.interpolation, (list(how.mean), list(how.std)))


def entry_of(name: str, weights: str) -> WeightsEnum | None:
    """torchvision's entry; None for a network that it has no weights of."""
    if MODELS[name].weights_file is None:
        return None
    entries = models.get_model_weights(name)
    file = Path(weights).name
    named = [entry for entry in entries if entry.url.rsplit("/", 1)[-1] == file]
    return named[0] if named else entries.DEFAULT
