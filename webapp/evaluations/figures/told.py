"""What the file of curves says, as plain values: for pages and programs alike."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import wilson
from webapp.evaluations.models import Evaluation

Span = tuple[float, float] | None
Arrays = dict[str, np.ndarray[Any, Any]]


class ByClass(NamedTuple):
    """One class against all others; None where something is not defined."""

    place: int
    label: str
    n: int
    precision: float | None
    precision_span: Span
    recall: float | None
    recall_span: Span
    f1: float | None
    f1_span: Span
    roc_area: float | None
    roc_span: Span
    pr_area: float | None
    pr_span: Span
    threshold: float | None  # the probability from which on it has its best F1
    best_f1: float | None


def known(value: float) -> float | None:
    """None for NaN."""
    return float(value) if math.isfinite(value) else None


def span(low: float, high: float) -> Span:
    """An interval, or None where it is not defined."""
    return (float(low), float(high)) if math.isfinite(low) and math.isfinite(high) else None


def by_class(evaluation: Evaluation) -> list[ByClass]:
    """Every class of the network, in its order; none where the evaluation is of an earlier release."""
    kept = evaluation.curves("roc_area", "pr_area", "threshold", "f1_span")
    counts = evaluation.counts
    if kept is None or counts is None:
        return []
    said = counts.sum(axis=0).tolist()
    rows = (evaluation.result or {})["per_class"]
    return [class_row(place, row, int(counts[place, place]), said[place], kept) for place, row in enumerate(rows)]


def f1_spans(evaluation: Evaluation) -> list[Span]:
    """The interval of each class's F1, in the network's order; none where the file of curves is not there."""
    kept = evaluation.curves("f1_span")
    return [span(low, high) for low, high in kept["f1_span"].tolist()] if kept else []


def class_row(place: int, row: dict[str, Any], right: int, said: int, kept: Arrays) -> ByClass:
    """One of them; shares have Wilson's interval, which also tells of a class without a mistake how sure that is."""
    roc, pr = kept["roc_area"][place].tolist(), kept["pr_area"][place].tolist()
    threshold, best = map(known, kept["threshold"][place].tolist())
    return ByClass(
        place, row["label"], row["n"],
        row["precision"], wilson(right, said) if said else None,
        row["recall"], wilson(right, row["n"]) if row["n"] else None,
        row["f1"], span(*kept["f1_span"][place].tolist()),
        known(roc[0]), span(roc[1], roc[2]), known(pr[0]), span(pr[1], pr[2]), threshold, best,
    )  # fmt: skip


def curves_of(evaluation: Evaluation, place: int) -> dict[str, Any] | None:
    """The curves of one class, and what is said of it at each threshold of the grid; None as in `by_class`."""
    kept = evaluation.curves("grid", "said", "right", "own", "roc_x", "roc_y", "pr_x", "pr_y", "roc_area", "pr_area", "threshold")
    if kept is None:
        return None
    own, roc, pr = int(kept["own"][place]), kept["roc_area"][place].tolist(), kept["pr_area"][place].tolist()
    return {
        "label": evaluation.classes[place],
        "n": int((evaluation.result or {})["n"]),
        "own": own,
        "roc": points(kept, "roc", place) | {"area": known(roc[0]), "interval": span(roc[1], roc[2])},
        "pr": points(kept, "pr", place) | {"area": known(pr[0]), "interval": span(pr[1], pr[2])},
        "thresholds": kept["grid"].tolist(),
        "said": kept["said"][place].tolist(),
        "right": kept["right"][place].tolist(),
        "best_threshold": known(kept["threshold"][place, 0]),
    }


def points(kept: Arrays, name: str, place: int) -> dict[str, list[float]]:
    """A curve without the points that only fill its row; empty where it is not defined."""
    x, y = kept[f"{name}_x"][place], kept[f"{name}_y"][place]
    if not np.isfinite(x).all():
        return {"x": [], "y": []}
    moved = np.r_[True, (np.diff(x) != 0) | (np.diff(y) != 0)]
    return {"x": rounded(x[moved]), "y": rounded(y[moved])}


def rounded(values: np.ndarray[Any, Any]) -> list[float]:
    """To what no screen shows."""
    return [round(value, 5) for value in values.astype(float).tolist()]


def coverage_of(evaluation: Evaluation) -> dict[str, Any] | None:
    """How many images are answered and how rightly from each probability on, and the curve of it."""
    kept = evaluation.curves("grid", "answered", "answered_right", "coverage", "risk")
    if kept is None or not np.isfinite(kept["coverage"]).all():
        return None
    return {
        "n": int((evaluation.result or {})["n"]),
        "thresholds": kept["grid"].tolist(),
        "answered": kept["answered"].tolist(),
        "right": kept["answered_right"].tolist(),
        "coverage": rounded(kept["coverage"]),
        "accuracy": rounded(1 - kept["risk"]),
        "aurc": (evaluation.result or {}).get("aurc"),
    }


class Bin(NamedTuple):
    """Images of about the same certainty."""

    low: float
    high: float
    n: int
    confidence: float  # mean
    accuracy: float
    interval: tuple[float, float]


def bins_of(kept: np.ndarray[Any, Any]) -> list[Bin]:
    """Those with images, of counts, right ones and summed confidence [3, B]."""
    number = kept.shape[1]
    rows = zip(*kept.tolist(), strict=True)
    return [
        Bin(place / number, (place + 1) / number, int(n), confidence / n, right / n, wilson(int(right), int(n)))
        for place, (n, right, confidence) in enumerate(rows)
        if n
    ]


def calibration_of(evaluation: Evaluation) -> dict[str, Any] | None:
    """Figures and bins before and after the temperature; None as in `by_class`."""
    told = (evaluation.result or {}).get("calibration")
    before = evaluation.curves("bins")
    if not told or before is None:
        return None
    after = evaluation.curves("bins_after") if told["after"] else None
    return {**told, "bins": bins_of(before["bins"]), "bins_after": bins_of(after["bins_after"]) if after else None}
