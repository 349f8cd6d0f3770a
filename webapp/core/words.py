"""Figures, times and states in words: one way to say each, for templates and sentences alike."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.spec.words import plural as plural
from classifier.spec.words import shortened as shortened

UNKNOWN = "–"
RUNNING_WORDS = {
    "import": "Importing",
    "train": "Training",
    "evaluate": "Evaluating",
    "weights": "Checking",
    "find_lr": "Searching",
    "seal": "Sealing",
    "inspect": "Looking",
    "quality": "Checking",
    "suggest": "Suggesting",
    "erase": "Erasing",
    "study": "Studying",
    "space": "Mapping",
    "classify": "Classifying",
}
ENDED = {"succeeded": ("Done", "good"), "failed": ("Failed", "bad"), "cancelled": ("Cancelled", ""), "paused": ("Paused", "")}
KIND_WORDS = {
    "import": "import",
    "train": "training",
    "evaluate": "evaluation",
    "weights": "check of weights",
    "find_lr": "search for a learning rate",
    "seal": "new version",
    "inspect": "look at an archive",
    "quality": "check of a dataset",
    "suggest": "suggestions of labels",
    "erase": "erasure",
    "study": "study of a network",
    "space": "map of images",
    "classify": "classification",
}
ROLE_WORDS = {"device": "Trains and evaluates", "host": "Imports", "interactive": "Classifies", "keeper": "Keeps the queue"}
ROUNDING = 1e-9  # of a sum of two figures
SPARK_WIDTH, SPARK_HEIGHT = 110, 28


def percent(fraction: float | None, digits: int = 1) -> str:
    """0.934 → "93.4 %"."""
    return UNKNOWN if fraction is None else f"{100 * fraction:.{digits}f} %"


def give_or_take(value: float, low: float, high: float, *, unit: float = 100, digits: int = 1, most: float = 1.0) -> str:
    """ "± 2.1": half of an interval around a figure between 0 and `most`. Where so much to both sides would go beyond these ends, the
    interval itself, which is far from even there: "63.0 to 100.0"."""
    half = (high - low) / 2
    if value - half < -ROUNDING or value + half > most + ROUNDING:
        return f"{unit * low:.{digits}f} to {unit * high:.{digits}f}"
    return f"± {unit * half:.{digits}f}"


def points(share: float) -> str:
    """0.013 → "+1.3", with a real minus; what rounds to nothing has no sign."""
    words = f"{100 * share:+.1f}".replace("-", "−")
    return "0.0" if words in ("+0.0", "−0.0") else words


def thousands(number: float | None) -> str:
    """1041 → "1,041"."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def bytes_size(number: float | None) -> str:
    """23000000 → "23 MB" (powers of ten, as file managers show)."""
    if number is None:
        return UNKNOWN
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:,.1f} {unit}"


def duration(seconds: float | None) -> str:
    """192 → "3 min 12 s"; at most two units, so that it stays short."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    first = next(index for index, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)


def ordinal(number: int | None) -> str:
    """1 → "1st"."""
    if number is None:
        return UNKNOWN
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def initials(name: str) -> str:
    """ "Retail vision" → "RV"."""
    parts = name.split()
    letters = parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else parts[0][1:2]) if parts else "?"
    return letters.upper()


def state(kind: str, job_state: str, position: int | None = None, *, asked: str = "") -> tuple[str, str]:
    """The word for a job's state and its tone; `asked`: what a running job is about to do (Cancelling, Pausing, Finishing)."""
    if (kind, job_state) == ("import", "paused"):  # its archive was looked at, and somebody is to agree
        return "Waits for you", "accent"
    if job_state in ENDED:
        return ENDED[job_state]
    if job_state == "running" and asked:
        return asked, "warn"
    if job_state == "running":
        return RUNNING_WORDS.get(kind, "Running"), "accent"
    return (f"Waiting, {ordinal(position)}" if position else "Waiting"), "warn"


def kind_words(kind: str) -> str:
    """A job's kind as a noun."""
    return KIND_WORDS.get(kind, kind)


def role_words(role: str) -> str:
    """What a process does."""
    return ROLE_WORDS.get(role, role.capitalize())


def worker_name(owner: str) -> str:
    """A job's owner without what only machines need: "device@host:123:abc" → "device@host"."""
    return owner.split(":")[0] or UNKNOWN


def spark_points(values: Sequence[float]) -> str:
    """The points of an SVG polyline over all values, or nothing with fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span, last = (high - low) or 1.0, len(values) - 1
    return " ".join(f"{SPARK_WIDTH * i / last:.1f},{1 + (SPARK_HEIGHT - 2) * (high - value) / span:.1f}" for i, value in enumerate(values))
