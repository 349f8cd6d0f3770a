"""From which probability on a network's answer counts: below it, it says that it is unsure. RUN/unsure.json: {"below": 0.7}."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

FILE = "unsure.json"


def checked(value: Any) -> float:
    """The probability; ValueError for what is none that could be a threshold."""
    wrong = isinstance(value, bool) or not isinstance(value, int | float | str)
    try:
        below = math.nan if wrong else float(value)
    except ValueError:
        below = math.nan
    if not 0 < below < 1:
        raise ValueError(f"must be a probability above 0 and below 1, such as 0.7; {str(value)[:40]!r} came")
    return below


def kept(folder: Path) -> float | None:
    """The one of a RUN; None where it answers always."""
    try:
        return checked(json.loads((folder / FILE).read_text(encoding="utf-8"))["below"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, below: float | None) -> None:
    """Writes it into a RUN, or takes it away. Raises OSError."""
    file = folder / FILE
    if below is None:
        file.unlink(missing_ok=True)
        return
    part = file.with_name(f".{FILE}.{os.getpid()}.tmp")
    try:
        part.write_text(json.dumps({"below": below}) + "\n", encoding="utf-8")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
