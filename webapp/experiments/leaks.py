"""What a launch asks to be seen first: images that are learnt from and judge, so that a figure looks too good."""

from __future__ import annotations

from typing import NamedTuple

from webapp.core.words import plural
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality.queries import leaking, torn_apart


class Gate(NamedTuple):
    """What is known; nothing where both are empty."""

    words: str
    spoils: str  # "test" or "validation"

    @property
    def label(self) -> str:
        """Of the box to tick."""
        return f"I know: its {self.spoils} will look too good"


def gate(version: DatasetVersion, folds: int) -> Gate:
    """Of a training with so many folds, or with none."""
    if (known := leaking(version, folds)).images:
        return Gate(known.words, "test")
    words = torn_words(version) if folds else ""
    return Gate(words, "validation" if words else "")


def torn_words(version: DatasetVersion) -> str:
    """Of look-alikes that folds may tear apart; empty where a check knows of none."""
    torn = torn_apart(version)
    looks = "looks nearly like another one" if torn == 1 else "look nearly like others"
    return f"{plural(torn, 'image')} of train and validation {looks}, which a fold may have on its other side" if torn else ""
