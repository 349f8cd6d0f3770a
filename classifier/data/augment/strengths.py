"""How strongly training images are changed: what was asked for, and what suits the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Augment:
    """How strongly training images are changed; the fields of the configuration's `augment`, null for no policy alone."""

    flip: bool = False  # left and right, half of the images
    crop: float = 1.0  # smallest share of the area that a random window keeps; 0 or 1: no window
    rotate: float = 0.0  # degrees, at most, either way
    color: float = 0.0  # brightness, contrast and saturation each by a factor within 1 ± this
    erase: float = 0.0  # share of images that lose a random rectangle
    flip_vertical: bool = False  # up and down, half of the images
    scale: float = 0.0  # zoomed by a factor within 1 ± this
    blur: float = 0.0  # largest sigma of a Gaussian blur, in pixels
    noise: float = 0.0  # largest deviation of Gaussian noise, as a share of the range of values
    policy: str | None = None  # randaugment, trivialaugment or augmix
    magnitude: float = 9.0  # of RandAugment, 0 to 30
    mixup: float = 0.0  # alpha of the Beta distribution that two images' shares come from; 0: not
    cutmix: float = 0.0  # alpha of the one that a foreign rectangle's area comes from; 0: not

    @property
    def windowed(self) -> bool:
        """Whether a random window is cut."""
        return 0 < self.crop < 1

    @property
    def mixes(self) -> bool:
        """Whether images are mixed with each other, so that labels become probabilities."""
        return bool(self.mixup or self.cutmix)

    @property
    def resampled(self) -> bool:
        """Whether even small images are turned or zoomed, so that whole pixels do not do."""
        return bool(self.rotate or self.scale)


def resolve(asked: bool | Mapping[str, Any], *, small: bool, grey: bool) -> Augment:
    """The strengths to use: what was asked, and for the rest what suits the data.

    Small images are shifted by a few pixels, photographs get a random window; grey images (digits, scans) are
    turned a little and never mirrored, for a mirrored 2 is no 2. A policy brings rotations and colours of its own.
    """
    if asked is False:
        return Augment()
    suited: dict[str, Any] = {
        "flip": not (small and grey),
        "crop": 0.77 if small else 0.35,
        "rotate": 10.0 if small and grey else 0.0,
        "color": 0.0 if small or grey else 0.2,
        "erase": 0.0,
    }
    given: dict[str, Any] = {} if asked is True else {name: value for name, value in asked.items() if value is not None}
    if given.get("policy"):
        suited |= {"rotate": 0.0, "color": 0.0}
    return Augment(**{**suited, **given})
