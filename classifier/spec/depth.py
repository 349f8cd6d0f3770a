"""Which stages of a network learn, when, and how fast: one rule for the engine that trains and the form that draws it.

A stage's place counts from 0, the one next to the image; behind the last comes the head, which always learns.
"""

from __future__ import annotations

from classifier.spec.errors import ConfigError


def frozen_of(stages: int, freeze: str | float | None) -> int:
    """How many of so many stages, from the image on, that value of `freeze` keeps as they are; ConfigError for more than there are."""
    if freeze is None:
        return 0
    if isinstance(freeze, str):
        return stages
    count = freeze if isinstance(freeze, int) else max(1, round(freeze * stages))
    if count > stages:
        raise ConfigError({"freeze": f"must be at most {stages}, the stages that this network has before its head; {freeze} came"})
    return int(count)


def frozen_in(count: int, every: int | None, epoch: int) -> int:
    """How many of `count` frozen stages still are in that epoch, from 1, when one thaws after `every` epochs, the last first.

    Howard and Ruder, "Universal Language Model Fine-tuning", 2018. A function of the epoch alone, so that a resume repeats it.
    """
    return count if every is None else max(0, count - (epoch - 1) // every)


def thaws_in(place: int, count: int, every: int | None) -> int | None:
    """The first epoch in which the stage at that place learns; None for never."""
    if place >= count:
        return 1
    return None if every is None else (count - place) * every + 1


def share_at(depth: int, layer_decay: float | None) -> float:
    """The share of the rate at which weights learn that have so many stages between them and the logits; the head has depth 0."""
    return 1.0 if layer_decay is None else float(layer_decay**depth)
