"""The confusion matrix as a Plotly figure: diagonal in the accent, mistakes alone in orange on their own scale, zeros empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics import most_confused
from classifier.metrics.counts import Counts
from webapp.experiments.figures import INSET, Figure, axis, layout, named_axis, plain

MOST_TEXTS = 30  # classes a side with a number in each cell
MOST_CELLS = 120  # classes a side drawn as a matrix; above, the commonest mistakes are listed
MOST_PAIRS = 20
CELL_HEIGHT, BAR_HEIGHT = 30, 26  # pixels

EMPTY = [[0, INSET], [1, INSET]]


def shades(name: str) -> list[list[Any]]:
    """A scale of tokens with a step at half of the highest: between its sides lie the colours on which neither dark nor light numbers are
    read (webapp/core/contrast.py)."""
    return [[0, f"var(--{name}-low)"], [0.5, f"var(--{name}-half)"], [0.5, f"var(--{name}-over)"], [1, f"var(--{name}-high)"]]


RIGHT, WRONG = shades("matrix"), shades("mistake")


def confusion(counts: Counts, names: Sequence[str], *, by_row: bool = False) -> Figure:
    """The matrix [C, C] in counts, or each row as shares of its true class; for very many classes the commonest mistakes."""
    if len(names) > MOST_CELLS:
        return confused_pairs(counts, names)
    values = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) if by_row else counts.astype(np.float64)
    diagonal, few = np.eye(len(names), dtype=bool), len(names) <= MOST_TEXTS
    text = {"texttemplate": "%{z:.0%}" if by_row else "%{z:,d}", "textfont": {"size": 12}} if few else {}
    told = hover(counts, names)
    data = [
        {**cells(np.zeros_like(values), EMPTY, few), "hoverinfo": "skip"},
        {**cells(np.where(diagonal & (counts > 0), values, np.nan), RIGHT, few), **told, **text},
        {**cells(np.where(~diagonal & (counts > 0), values, np.nan), WRONG, few), **told, **text},
    ]
    height = min(680, max(300, CELL_HEIGHT * len(names) + 90)) if few else 560
    x, y = class_axes(names, few)
    return {"data": data, "layout": layout(x, y, summary(counts, names), revision="matrix", height=height, hovermode="closest")}


def both_ways(counts: Counts, names: Sequence[str]) -> tuple[Figure, Figure]:
    """In counts, and by row; a list of mistakes is the same either way."""
    figure = confusion(counts, names)
    return figure, figure if len(names) > MOST_CELLS else confusion(counts, names, by_row=True)


def class_axes(names: Sequence[str], few: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Predicted classes across, true ones down; with many classes only every so many is named."""
    step = 1 if few else len(names) // 25 + 1
    places = list(range(0, len(names), step))
    texts = [plain(names[i], 16) for i in places]
    ticks: dict[str, Any] = {"tickmode": "array", "tickvals": places, "ticktext": texts, "ticks": "", "showline": False, "fixedrange": few}
    slant = -40 if len(names) > 5 and max(map(len, texts), default=0) > 3 else 0
    return axis("predicted", tickangle=slant, **ticks), axis(autorange="reversed", **ticks)


def cells(values: NDArray[np.float64], scale: list[list[Any]], few: bool) -> dict[str, Any]:
    """One layer of cells; those that are NaN are empty (null in JSON) and let the layer below through."""
    empty = np.isnan(values)
    highest = float(np.nanmax(values)) if not empty.all() else 0.0
    shown = values.astype(object)  # Python's numbers
    shown[empty] = None
    return {
        "type": "heatmap",
        "z": shown.tolist(),
        "zmin": 0,
        "zmax": highest or 1.0,
        "colorscale": scale,
        "showscale": False,
        "hoverongaps": False,
        "xgap": 2 if few else 0,
        "ygap": 2 if few else 0,
    }


def hover(counts: Counts, names: Sequence[str]) -> dict[str, Any]:
    """What a cell says: "Melon taken for Orange: 5"."""
    told = [plain(name) for name in names]
    words = [[""] * len(told) for _ in told]
    for i, j in np.argwhere(counts).tolist():  # most cells of a large matrix are empty
        words[i][j] = f"{told[i] if i == j else f'{told[i]} taken for {told[j]}'}: {int(counts[i, j]):,}"
    return {"hovertext": words, "hovertemplate": "%{hovertext}<extra></extra>"}


def summary(counts: Counts, names: Sequence[str]) -> str:
    """The matrix in one sentence."""
    right, every = int(np.trace(counts)), int(counts.sum())
    return f"Confusion matrix of {len(names)} classes: {right:,} images right, {every - right:,} wrong{top_mistake(counts, names)}."


def top_mistake(counts: Counts, names: Sequence[str]) -> str:
    """The commonest mistake as the end of a sentence."""
    worst = most_confused(counts, names, 1)
    return f"; most often {worst[0]['label']} taken for {worst[0]['predicted']} ({worst[0]['count']})" if worst else ""


def confused_pairs(counts: Counts, names: Sequence[str]) -> Figure:
    """Where a matrix would have too many cells to read: the commonest mistakes, one bar each."""
    pairs = most_confused(counts, names, MOST_PAIRS)
    texts = [f"{plain(pair['label'], 24)} → {plain(pair['predicted'], 24)}" for pair in pairs]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": [pair["count"] for pair in pairs],
        "y": list(range(len(pairs))),
        "marker": {"color": "var(--mistake)", "cornerradius": 3},
        "hovertext": texts,
        "hovertemplate": "%{hovertext}: %{x:,d}<extra></extra>",
    }
    words = f"The {len(pairs)} commonest mistakes among {len(names)} classes{top_mistake(counts, names)}."
    across = axis("images", grid=True, rangemode="tozero", fixedrange=True)
    height = max(200, BAR_HEIGHT * len(pairs) + 60)
    return {"data": [bar], "layout": layout(across, named_axis(texts), words, revision="pairs", bargap=0.3, height=height)}
