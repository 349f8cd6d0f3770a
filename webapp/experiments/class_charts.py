"""Figures by class, from a confusion matrix: bars with whiskers, worst first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal

from classifier.metrics import per_class, top1, wilson, wilson_f1
from classifier.metrics.counts import Counts
from webapp.core.words import percent, plural
from webapp.experiments.figures import ACCENT, FAINT, WARN, Figure, axis, layout, named_axis, plain

Span = tuple[float, float] | None  # an interval
Measure = Literal["recall", "precision", "f1"]
MEASURES: tuple[Measure, ...] = ("recall", "precision", "f1")
MOST_BARS = 30  # so many classes are all drawn
WORST = 20  # of more than that: what one sees at once; all of them are in the report's table
BAR_HEIGHT = 29  # pixels
QUARTERS = [0, 0.25, 0.5, 0.75, 1]
APART = "\u2002\u2009"  # between a bar's name and what it comes to


def interval(counts: Counts, index: int, measure: Measure) -> Span:
    """The Wilson interval of one class's recall, precision or F1; None where nothing was counted."""
    right, own, said = int(counts[index, index]), int(counts[index].sum()), int(counts[:, index].sum())
    if measure == "f1":
        return wilson_f1(right, own + said - right) if own or said else None
    whole = own if measure == "recall" else said
    return wilson(right, whole) if whole else None


def by_class(
    counts: Counts,
    names: Sequence[str],
    measure: Measure = "recall",
    *,
    only: Collection[int] | None = None,
    kept: Sequence[Span] | None = None,
) -> Figure:
    """One bar a class, worst on top; in warn where the class lies below the average by more than chance. `only`: of these classes alone.
    `kept`: the interval of each class, where it was not made of the counts, as that of an evaluation's F1."""
    figures = per_class(counts, names)
    known = [
        (value, row["label"], i) for i, row in enumerate(figures) if (value := row[measure]) is not None and (only is None or i in only)
    ]
    worst = sorted(known)[: drawn(len(known))]
    values, order = [value for value, _, _ in worst], [i for _, _, i in worst]
    every = [value for row in figures if (value := row[measure]) is not None]
    average = sum(every) / len(every) if measure == "f1" and every else top1(counts) or 0.0  # of shares the one by images
    spans = [interval(counts, i, measure) if kept is None else kept[i] for i in order]
    exact = [written(value, measure, 1) for value in values]
    lowest = f"; lowest {names[order[0]]} with {exact[0]}" if order else ""
    words = f"{measure.capitalize()} of {len(order)} classes, lowest first{lowest}."
    ticks = [written(share, measure) for share in QUARTERS]
    across = axis(grid=True, range=[0, 1.06], tickvals=QUARTERS, ticktext=ticks, fixedrange=True)
    upright = named_axis(labels([names[i] for i in order], [written(value, measure) for value in values]))
    height = max(200, BAR_HEIGHT * len(order) + 50)
    return {
        "data": [bars(values, spans, average) | hover(counts, names, order, exact)],
        "layout": layout(across, upright, words, revision=f"class-{measure}", bargap=0.3, height=height, hovermode="closest"),
    }


def drawn(classes: int) -> int:
    """How many of so many classes have a bar."""
    return classes if classes <= MOST_BARS else WORST


def bars(values: Sequence[float], spans: Sequence[Span], average: float) -> dict[str, Any]:
    """The bars alone."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(range(len(values))),
        "marker": {"color": [WARN if span and span[1] < average else ACCENT for span in spans], "cornerradius": 3},
        "error_x": whiskers(values, spans),
    }


def written(value: float, measure: Measure, digits: int = 0) -> str:
    """A share as a percent with so many digits; F1, which is none, as a score that is as exact."""
    return f"{value:.{2 + digits}f}" if measure == "f1" else percent(value, digits)


def labels(names: Sequence[str], told: Sequence[str], most: int = 18) -> list[str]:
    """What stands beside each bar: its name and what it comes to, one text. Plotly measures or styles each text of a chart by itself,
    which takes longer than all its bars."""
    return [f"{plain(name, most)}{APART}{words}" for name, words in zip(names, told, strict=True)]


def hover(counts: Counts, names: Sequence[str], order: Sequence[int], told: Sequence[str]) -> dict[str, Any]:
    """What a bar says."""
    lines = [f"{plain(names[i])}, {plural(int(counts[i].sum()), 'image')}: {words}" for i, words in zip(order, told, strict=True)]
    return {"hovertext": lines, "hovertemplate": "%{hovertext}<extra></extra>"}


def whiskers(values: Sequence[float], spans: Sequence[Span]) -> dict[str, Any]:
    """The error bars of shares with their intervals."""
    if not any(spans):
        return {"visible": False}
    above = [max(0.0, span[1] - value) if span else 0.0 for value, span in zip(values, spans, strict=True)]
    below = [max(0.0, value - span[0]) if span else 0.0 for value, span in zip(values, spans, strict=True)]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "color": FAINT, "thickness": 1.2, "width": 3}
