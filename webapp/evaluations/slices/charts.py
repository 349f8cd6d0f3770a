"""The groups of one slicing as bars with their intervals, the worst on top."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.core.words import percent, plural
from webapp.evaluations.slices.figures import Slice
from webapp.experiments import class_charts
from webapp.experiments.class_charts import BAR_HEIGHT, QUARTERS
from webapp.experiments.figures import ACCENT, MUTED, WARN, Figure, axis, layout, named_axis, plain

HALVES = (0, 0.5, 1)
MOST_BARS = 16  # the worst; the others are in the table below


def by_group(name: str, found: Sequence[Slice], overall: float) -> Figure:
    """One bar a group; in warn where it lies below the rest by more than chance would give; the share of all images is the dashed line."""
    worst = found[:MOST_BARS]
    values, spans = [one.group.accuracy for one in worst], [one.group.interval for one in worst]
    names = [plain(one.group.value or "(empty)", 22) for one in worst]
    lowest = f"; lowest {names[0]} with {percent(values[0])}" if worst else ""
    words = f"Top-1 of {len(worst)} groups by {plain(name)}, lowest first{lowest}; all images {percent(overall)}."
    told_across = [percent(share, 0) if share in HALVES else "" for share in QUARTERS]  # five lie aslant on a phone, beside long names
    across = axis(grid=True, range=[0, 1.06], tickvals=QUARTERS, ticktext=told_across, tickangle=0, fixedrange=True)
    line = {"color": MUTED, "width": 1.2, "dash": "dash"}
    mark = {"type": "line", "x0": overall, "x1": overall, "y0": -0.5, "y1": len(worst) - 0.5, "line": line}
    told = [f"{names[place]}, {plural(one.group.n, 'image')}: {percent(values[place])}" for place, one in enumerate(worst)]
    bars = class_charts.bars(values, spans, overall) | {"hovertext": told, "hovertemplate": "%{hovertext}<extra></extra>"}
    bars["marker"] = {**bars["marker"], "color": [WARN if one.is_behind else ACCENT for one in worst]}
    height = max(160, BAR_HEIGHT * len(worst) + 50)
    upright = named_axis(class_charts.labels([one.group.value or "(empty)" for one in worst], [percent(value, 0) for value in values], 22))
    shown = layout(across, upright, words, revision="groups", bargap=0.3, height=height, hovermode="closest", shapes=[mark])
    return {"data": [bars], "layout": shown}
