"""What a file of many images says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Box:
    """One file: its number of images, their labels where it has them, and names of the labels where it lists these."""

    kind: Literal["idx", "cifar", "stl", "svhn"]
    images: int = 0
    labels: Sequence[int] = ()
    coarse: Sequence[int] = ()  # CIFAR-100's twenty superclasses
    names: tuple[str, ...] = ()
    coarse_names: tuple[str, ...] = ()
