"""What a value of the configuration may be: each check gives the clean value, or raises ValueError with a sentence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from classifier.spec.catalogue import MODELS

Check = Callable[[Any], Any]
MOST_FOLDS = 20


def said(value: Any) -> str:
    """The value as the user may recognise it, cut short."""
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def is_number(value: Any) -> bool:
    """A finite number. A whole one may be of any size, also one that no float can hold."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and math.isfinite(value))


def whole(low: int, high: int, usual: str = "") -> Check:
    """A whole number from low to high, both included."""

    def check(value: Any) -> int:
        wrong = not is_number(value) or value != int(value)
        if wrong or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low:,} to {high:,}{usual and f'; usual are {usual}'}; {said(value)} came")
        return int(value)

    return check


def number(low: float, high: float, usual: str = "", *, above: bool = False) -> Check:
    """A number from low (above it, when `above`) to high."""

    def check(value: Any) -> float:
        wrong = not is_number(value)
        if wrong or not low <= value <= high or (above and value == low):
            bounds = f"above {low:g} and at most {high:g}" if above else f"from {low:g} to {high:g}"
            raise ValueError(f"must be a number {bounds}{usual and f'; usual are {usual}'}; {said(value)} came")
        return float(value)

    return check


def epochs_list(value: Any) -> list[float]:
    """Ascending numbers of epochs: a list, or the text of one with commas, as it is typed; a single number is a list of one."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    try:
        found = [float(item) for item in items if not isinstance(item, bool) and item is not None]
    except (TypeError, ValueError, OverflowError):
        found = []
    rising = all(earlier < later for earlier, later in pairwise(found))
    if not found or len(found) != len(items) or len(found) > 100 or not rising or not all(0 < epoch <= 100_000 for epoch in found):
        raise ValueError(f"must be at most 100 rising numbers of epochs above 0, such as 30, 60; {said(value)} came")
    return found


def epochs_or_share(value: Any) -> float:
    """A whole number of epochs, or a share of one."""
    if is_number(value) and 0.01 <= value < 1:
        return float(value)
    if not is_number(value) or value != int(value) or not 1 <= value <= 100_000:
        raise ValueError(
            f"must be a whole number of epochs from 1 to 100,000, or a share of one from 0.01, such as 0.25; {said(value)} came"
        )
    return int(value)


def fold_count(value: Any) -> int:
    """How many folds: none, or at least two."""
    if not is_number(value) or value != int(value) or not (value == 0 or 2 <= value <= MOST_FOLDS):
        raise ValueError(f"must be 0, for the splits as they are, or a whole number from 2 to {MOST_FOLDS}; {said(value)} came")
    return int(value)


def truth(value: Any) -> bool:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false; {said(value)} came")
    return value


def one_of(*choices: str) -> Check:
    """One of a few words."""

    def check(value: Any) -> str:
        if value not in choices or not isinstance(value, str):
            raise ValueError(f"must be one of {', '.join(choices)}; {said(value)} came")
        return value

    return check


def or_null(check: Check) -> Check:
    """What `check` takes, or null."""
    return lambda value: None if value is None else check(value)


def measured(check: Check) -> Check:
    """What `check` takes, or null, also as the word auto: to be measured when the training starts."""
    return lambda value: None if value is None or value == "auto" else check(value)


def model_name(value: Any) -> str:
    """A name of the catalogue."""
    if isinstance(value, str) and value in MODELS:
        return value
    near = difflib.get_close_matches(str(value)[:60], MODELS, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`python -m classifier models` lists them"
    raise ValueError(f"is no model of the catalogue: {said(value)}; {hint}")


def weights_source(value: Any) -> str:
    """ "default" (the published weights) or the path of a weights file."""
    if not isinstance(value, str) or not value or len(value) > 4096 or "\0" in value:
        raise ValueError(f"must be null, default or the path of a weights file; {said(value)} came")
    return value


def device_name(value: Any) -> str:
    """auto, cpu, mps, a GPU's number or cuda:N."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (text in ("auto", "cpu", "mps", "cuda") or text.removeprefix("cuda:").isdecimal()):
        raise ValueError(f"must be auto, cpu or a GPU's number; {said(value)} came")
    return text


def frozen_depth(value: Any) -> str | int | float:
    """ "backbone", how many stages from the image on, or which share of them."""
    if value == "backbone" and isinstance(value, str):
        return value
    if not is_number(value) or not 0 < value <= 1000 or (value > 1 and value != int(value)):
        raise ValueError(
            f"must be backbone, a number of stages such as 4, or a share of them such as 0.5 (from the image on); {said(value)} came"
        )
    return int(value) if value >= 1 else float(value)
