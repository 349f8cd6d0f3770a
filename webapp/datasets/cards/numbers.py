"""A column of many numbers, such as an age, as groups: fifths of the images, from the least to the most."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import numpy as np

SHARES = (0.2, 0.4, 0.6, 0.8)
BLANK = frozenset(("", "nan", "na", "n/a", "none", "null", "-"))
NAMES = re.compile(r"(?i:(^|[^a-z])(id|index|idx|nr|no|number|seed))$|[a-z]I[dD]$")  # of columns whose numbers only name something


def number(cell: str) -> float | None:
    """None for what is no finite number."""
    try:
        found = float(cell)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def is_blank(cell: str) -> bool:
    return cell.strip().lower() in BLANK


class Numbers:
    """The values of one column, eight bytes each, for as long as every cell is one or blank."""

    def __init__(self) -> None:
        self.values, self.splits = array("d"), bytearray()
        self.blank = [0, 0, 0]  # images without one, by split

    def add(self, cell: str, split: int) -> bool:
        """False for a cell that is no number: the column makes no such groups."""
        found = number(cell)
        if found is None:
            self.blank[split] += 1
            return is_blank(cell)
        self.values.append(found)
        self.splits.append(split)
        return True

    def told(self, name: str) -> dict[str, Any] | None:
        """{"column", "values": {"18 to 34": [train, validation, test], …}, "lows"}, or None of numbers that make no groups."""
        values, splits = np.asarray(self.values), np.frombuffer(self.splits, np.uint8)
        if not len(values) or (len(np.unique(values)) == len(values) and (values == np.rint(values)).all()):
            return None  # none, or each image's own
        lows = np.unique(np.concatenate(([values.min()], np.quantile(values, SHARES, method="higher"))))
        band = np.searchsorted(lows, values, side="right") - 1
        counts = np.bincount(band * 3 + splits, minlength=3 * len(lows)).reshape(-1, 3).tolist()
        ends = [(values[band == place].min(), values[band == place].max()) for place in range(len(lows))]
        labels = [span(*end) for end in ends]
        if len(lows) < 2 or len(set(labels)) < len(labels):
            return None
        blank = {"": self.blank} if any(self.blank) else {}
        return {"column": name, "values": dict(zip(labels, counts, strict=True)) | blank, "lows": lows.tolist()}


def span(low: float, high: float) -> str:
    """ "18 to 34"."""
    return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"


def reader(told: dict[str, Any], longest: int) -> Callable[[str], str]:
    """What says of a cell in which group of a column it is, as cards have told that."""
    if "lows" not in told:
        return lambda cell: cell[:longest]
    labels, lows = [label for label in told["values"] if label], told["lows"]

    def band(cell: str) -> str:
        found = number(cell)
        return "" if found is None else labels[max(0, bisect_right(lows, found) - 1)]

    return band
