"""Answers about layers as pages tell them."""

from __future__ import annotations

from typing import Any, NamedTuple

from webapp.core.words import UNKNOWN, percent, plural, thousands

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
HEIGHT = 48  # of a histogram, in units of its drawing


class Bar(NamedTuple):
    """One part of a histogram: how far from the left, and how high."""

    x: int
    y: float
    height: float


def shape_words(shape: list[int]) -> str:
    """[64, 56, 56] → "64 × 56 × 56"."""
    return " × ".join(map(str, shape)) or "one value"


def figure(value: float | None) -> str:
    """Three digits that count, with a real minus: "−0.0512", "4.2 × 10⁻⁵"."""
    if not value:
        return UNKNOWN if value is None else "0"
    digits, _, power = f"{value:.3g}".partition("e")
    scale = f" × 10{str(int(power)).translate(RAISED)}" if power else ""
    return f"{digits.replace('-', '−')}{scale}"


def few(share: float) -> str:
    """A share that is not 0, and is not said to be."""
    return "fewer than 0.1 %" if share < 0.0005 else percent(share)


def bars(counts: list[int]) -> list[Bar]:
    """By the square root, so that a peak at zero does not hide the rest."""
    most = max(counts, default=0) ** 0.5 or 1.0
    heights = [round(HEIGHT * count**0.5 / most, 2) for count in counts]
    return [Bar(at, round(HEIGHT - height, 2), height) for at, height in enumerate(heights) if height]


def row(told: dict[str, Any]) -> dict[str, Any]:
    """One line of the list."""
    kind = "weights" if told["kind"] == "Parameter" else told["kind"]
    return told | {
        "kind_words": kind,
        "shape_words": shape_words(told["shape"]),
        "mean_words": figure(told["mean"]),
        "deviation_words": figure(told["deviation"]),
        "silent_words": f"{percent(told['silent'] / told['channels'], 0)} silent" if told["silent"] and told["channels"] > 1 else "",
    }


def tensor(told: dict[str, Any]) -> dict[str, Any]:
    """Figures of weights or of what a layer gives, with their histogram."""
    words = {name: figure(told[name]) for name in ("mean", "deviation", "least", "most")}
    zeros = "" if not told["zeros"] else f"{few(told['zeros'])} are exactly 0"
    broken = f"{plural(told['broken'], 'value')} not finite" if told["broken"] else ""
    return told | {"words_of": words, "bars": bars(told["histogram"]), "zeros_words": zeros, "broken_words": broken}


def layer(told: dict[str, Any]) -> dict[str, Any]:
    """One layer in full."""
    seen = row(told)
    if told["given"]:
        many = f"{told['given']['shown']} of {thousands(told['channels'])} maps" if told["channels"] > 1 else "as one map"
        seen["given"] = tensor(told["given"]) | {"maps_words": many}
    seen["weights"] = [tensor(each) | {"shape_words": shape_words(each["shape"])} for each in told["weights"]]
    return seen
