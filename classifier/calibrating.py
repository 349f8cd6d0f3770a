"""The temperature of a checkpoint: fitted once on validation images of its own dataset, and kept in its RUN.

RUN/temperatures.json: {checkpoint: {"temperature", "n", "why"}}; the checkpoint by the beginning of its hash, with what else changes its
logits. `temperature` is null where the images cannot say, and `why` tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import numpy as np

from classifier.metrics.temperature import fitted
from classifier.spec.errors import InputError
from classifier.spec.events import Event, OnEvent
from classifier.training.files import read_json, write_json

FILE = "temperatures.json"
HASH_DIGITS = 16
NO_IMAGES = "the dataset has no validation images"
NO_MISTAKE = "no validation image was named wrongly, so that nothing says how sure is too sure"
NO_NUMBERS = "what the network says of the validation images are no numbers"
GONE = "the validation images that it would be fitted on are not there any more"

Measured = tuple[np.ndarray, np.ndarray]  # true labels [N] and logits [N, C]


class Fit(TypedDict):
    """One temperature."""

    temperature: float | None
    n: int  # validation images
    why: str  # there is none; empty where there is one


def key_of(sha256: str, views: str, *, raw: bool) -> str:
    """What it is kept by: a checkpoint's hash, the views that are averaged, and whether its averaged weights were left aside."""
    return "-".join([sha256[:HASH_DIGITS], *(["raw"] if raw else []), *([] if views == "none" else [views])])


def kept(folder: Path) -> dict[str, Fit]:
    """All of a RUN; a file that cannot be read counts as empty."""
    try:
        found = read_json(folder / FILE)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def of_checkpoint(folder: Path, key: str, measure: Callable[[], Measured]) -> Fit:
    """The kept one, or a new one from what `measure` gives."""
    known = kept(folder).get(key)
    if known is not None:
        return known
    try:
        fit = fit_of(*measure())
    except InputError:
        return {"temperature": None, "n": 0, "why": GONE}  # not kept: they may come back
    write_json(folder / FILE, kept(folder) | {key: fit})
    return fit


def fit_of(labels: np.ndarray, logits: np.ndarray) -> Fit:
    """From true labels [N] and logits [N, C] of validation images."""
    temperature = fitted(labels, logits)
    why = "" if temperature else NO_IMAGES if not len(labels) else NO_MISTAKE if np.isfinite(logits).all() else NO_NUMBERS
    return {"temperature": temperature, "n": len(labels), "why": why}


def within(on_event: OnEvent, before: int, total: int, stage: str = "") -> OnEvent:
    """Progress of one of several passes as a part of all of them; with a `stage` it is called so, and nothing else is passed on."""

    def tell(event: Event) -> None:
        if event["event"] != "progress":
            if not stage:
                on_event(event)
            return
        done = before + event["done"]
        left = (total - done) / event["rate"] if event["rate"] else None
        on_event(event | {"stage": stage or event["stage"], "fraction": done / max(1, total), "eta_seconds": left})

    return tell
