"""Curves, calibration, coverage and speed as Plotly figures: plain values in, plain dictionaries out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.core.words import percent, plural
from webapp.evaluations.figures.told import Bin
from webapp.experiments.figures import ACCENT, FAINT, WARN, Figure, axis, curve, layout, plain, share_ticks

QUARTERS = [0, 0.25, 0.5, 0.75, 1]
SHARES = {"range": [0, 1.02], "tickvals": QUARTERS, "ticktext": [percent(each, 0) for each in QUARTERS]}
MARK = 2  # the trace that shows where the threshold stands, in ROC and precision-recall; of coverage the second


def shares(title: str, **more: Any) -> dict[str, Any]:
    """An axis from 0 to 100 %."""
    return axis(title, grid=True, fixedrange=True, **{**SHARES, **more})


def mark(words: str) -> dict[str, Any]:
    """Where the threshold stands; the page moves it."""
    dot = {"color": WARN, "size": 11, "line": {"color": "var(--card)", "width": 2}}
    return {"type": "scatter", "mode": "markers", "x": [], "y": [], "name": words, "marker": dot, "hoverinfo": "skip"}


def said_of(x: Sequence[float | None], y: Sequence[float | None], words: str) -> dict[str, Any]:
    """What a curve of shares says at each of its points, written as everywhere: no format of Plotly's has the space of "94.1 %"."""
    told = [words.format(x=percent(across), y=percent(up)) for across, up in zip(x, y, strict=True)]
    return {"hovertext": told, "hovertemplate": "%{hovertext}<extra></extra>"}


def reference(x: list[float], y: list[float], name: str) -> dict[str, Any]:
    """What a curve is to be compared with."""
    return curve(x, y, name, FAINT, width=1, dash="dot") | {"hoverinfo": "skip"}


def roc(told: dict[str, Any]) -> Figure:
    """False-positive rate across, true-positive rate up. Traces: chance, the curve, the mark."""
    line = told["roc"]
    words = f"ROC curve of {plain(told['label'])}: area {area_words(line)}."
    hover = said_of(line["x"], line["y"], "{y} found, {x} of the others taken for it")
    data = [reference([0, 1], [0, 1], "chance"), curve(line["x"], line["y"], "ROC", ACCENT) | hover, mark("threshold")]
    return {"data": data, "layout": layout(shares("others taken for it"), shares("found"), words, revision="roc", hovermode="closest")}


def precision_recall(told: dict[str, Any]) -> Figure:
    """Recall across, precision up. Traces: what chance gives, the curve, the mark."""
    line, share = told["pr"], told["own"] / told["n"] if told["n"] else 0
    words = f"Precision-recall curve of {plain(told['label'])}: average precision {area_words(line)}."
    hover = said_of(line["x"], line["y"], "precision {y} at recall {x}")
    data = [reference([0, 1], [share, share], "chance"), curve(line["x"], line["y"], "PR", ACCENT) | hover, mark("threshold")]
    return {"data": data, "layout": layout(shares("recall"), shares("precision"), words, revision="pr", hovermode="closest")}


def area_words(line: dict[str, Any]) -> str:
    """ "0.981 (0.962 to 0.994)"."""
    if line["area"] is None:
        return "not defined"
    between = ends(line["interval"])
    return f"{line['area']:.3f} ({between})" if between else f"{line['area']:.3f}"


def ends(span: tuple[float, float] | None) -> str:
    """ "0.962 to 0.994"; nothing where both read the same: of a few images just short of 1 no interval says how sure that is."""
    low, high = (f"{end:.3f}" for end in span) if span else ("", "")
    return f"{low} to {high}" if low != high else ""


def reliability(bins: Sequence[Bin], ece: float | None, words: str) -> Figure:
    """Certainty across, accuracy up, a bar a bin with its interval; on the dotted line certainty would be right."""
    bar = {
        "type": "bar",
        "x": [(each.low + each.high) / 2 for each in bins],
        "y": [each.accuracy for each in bins],
        "width": [0.92 * (each.high - each.low) for each in bins],
        "marker": {"color": [off(each) for each in bins]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, each.interval[1] - each.accuracy) for each in bins],
            "arrayminus": [max(0.0, each.accuracy - each.interval[0]) for each in bins],
            "color": "var(--text)",
            "thickness": 1.2,
            "width": 3,
        },
        "hovertext": [f"{percent(each.accuracy)} right where {percent(each.confidence)} sure, {plural(each.n, 'image')}" for each in bins],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    summary = f"Reliability {words}: calibration error {percent(ece)}."
    return {
        "data": [bar, reference([0, 1], [0, 1], "as sure as right")],
        "layout": layout(shares("how sure"), shares("how often right"), summary, revision="reliability", hovermode="closest", bargap=0),
    }


def off(each: Bin) -> str:
    """In warn where certainty lies outside of what chance leaves open."""
    return ACCENT if each.interval[0] <= each.confidence <= each.interval[1] else WARN


def coverage(told: dict[str, Any]) -> Figure:
    """Share of images answered across, share of those that is right up. Traces: the curve, the mark."""
    hover = said_of(told["coverage"], told["accuracy"], "{y} right of the surest {x}")
    line = curve(told["coverage"], told["accuracy"], "accuracy", ACCENT) | hover
    low = max(0.0, min(told["accuracy"]) - 0.05)
    upright = axis("right of those", grid=True, range=[low, 1.005], fixedrange=True, **share_ticks(low))
    every = told["accuracy"][-1]
    half = next(place for place, share in enumerate(told["coverage"]) if share >= 0.5)
    surest = f"of the surest {percent(told['coverage'][half], 0)} {percent(told['accuracy'][half])}"
    summary = f"Accuracy by coverage: {percent(every)} of all images are right, {surest}."
    return {
        "data": [line, mark("threshold")],
        "layout": layout(shares("answered"), upright, summary, revision="coverage", hovermode="closest"),
    }


def throughput(rows: Sequence[dict[str, Any]]) -> Figure:
    """Images a second by batch size."""
    bar = {
        "type": "bar",
        "x": [str(row["batch"]) for row in rows],
        "y": [row["images_per_second"] for row in rows],
        "marker": {"color": ACCENT, "cornerradius": 3},
        "hovertemplate": "batches of %{x}: %{y:,.0f} images/s<extra></extra>",
    }
    most = max(rows, key=lambda row: row["images_per_second"])
    words = f"Images a second by batch size; most, {most['images_per_second']:,.0f}, in batches of {most['batch']}."
    across = axis("images in a batch", type="category", fixedrange=True)
    upright = axis("images/s", grid=True, rangemode="tozero", fixedrange=True)
    return {"data": [bar], "layout": layout(across, upright, words, revision="speed", bargap=0.45)}
