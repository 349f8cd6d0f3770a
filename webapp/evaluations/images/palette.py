"""The classes that an evaluation's images are labelled by: those that are looked at come first, so that 1 and 2 are what they may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from webapp.datasets.views import looking
from webapp.evaluations.images.showing import Told
from webapp.evaluations.images.wanted import Wanted


def offered(look: looking.Look, first: Iterable[str]) -> dict[str, Any]:
    """As `looking.labelling`, those labels first."""
    found = looking.labelling(look)
    if not found["editable"]:
        return found
    rank = {label: place for place, label in enumerate(first)}
    choices = sorted(found["choices"], key=lambda choice: rank.get(choice[0], len(rank)))
    keyed = [(str(place), *choice) for place, choice in enumerate(choices[: looking.KEYS], 1)]
    return found | {"choices": choices, "keyed": keyed}


def of_one(tile: Mapping[str, Any]) -> Iterable[str]:
    """Labels for one image: what it was called, what it is said to be, then what else it may be to the network."""
    return dict.fromkeys((tile["said_label"], tile["true_label"], *(one["label"] for one in tile["best"])))


def likely(told: Told, wanted: Wanted) -> Iterable[str]:
    """Labels: what they were taken for, what they are said to be, then what those are most often mixed up with."""
    chosen = [number for number in (*wanted.said, *wanted.true) if number < len(told.labels)]
    if not chosen or len(chosen) > looking.KEYS:
        return []
    counts = told.evaluation.counts
    mixed: list[int] = []
    if counts is not None:
        both = counts[chosen].sum(axis=0) + counts[:, chosen].sum(axis=1)
        both[chosen] = 0
        mixed = [number for number in np.argsort(-both, kind="stable")[: looking.KEYS].tolist() if both[number]]
    return [told.labels[number] for number in dict.fromkeys((*chosen, *mixed))]
