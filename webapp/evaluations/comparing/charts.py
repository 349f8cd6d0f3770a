"""What is drawn of a comparison: curves over each other, what each class gains or loses, and one confusion matrix minus the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db.models import F, Max
from django.db.models.functions import Mod
from numpy.typing import NDArray

from classifier.metrics.comparison import Paired
from classifier.metrics.counts import Counts, largest
from webapp.core.words import plural, points
from webapp.evaluations.comparing.asked import LETTERS
from webapp.experiments.charts import epochs_axis, mode_for
from webapp.experiments.class_charts import whiskers
from webapp.experiments.figures import ACCENT, FAINT, WARN, Figure, axis, curve, layout, named_axis, plain
from webapp.experiments.matrix_charts import (
    BAR_HEIGHT,
    CELL_HEIGHT,
    EMPTY,
    MOST_CELLS,
    MOST_PAIRS,
    MOST_TEXTS,
    RIGHT,
    WRONG,
    cells,
    class_axes,
)
from webapp.experiments.models import Experiment, MetricPoint

SERIES = {
    "val_top1": ("Validation top-1", "accuracy"),
    "val_loss": ("Validation loss", "loss"),
    "train_loss": ("Training loss", "train loss"),
}
COLOURS = 8  # tokens --series-1 … of static/css/tokens.css; the next eight are dashed, the rest dotted
DASHES = ("solid", "dash", "dot")
MOST_EPOCHS = 1000  # drawn of each curve
MOST_BARS = 15  # on each side
Rows = dict[str, dict[str, list[tuple[int, float | None]]]]  # {experiment: {series: [(epoch, value)]}}


def told(experiments: Sequence[Experiment]) -> Rows:
    """What each told an epoch; every so many epochs alone where there are very many of them."""
    rows = MetricPoint.objects.filter(experiment__in=[each.pk for each in experiments], name__in=SERIES)
    step = (rows.aggregate(most=Max("epoch"))["most"] or 0) // MOST_EPOCHS + 1
    if step > 1:
        rows = rows.annotate(place=Mod(F("epoch"), step)).filter(place=0)
    found: Rows = defaultdict(lambda: defaultdict(list))
    for id, name, epoch, value in rows.order_by("epoch").values_list("experiment_id", "name", "epoch", "value"):
        found[id][name].append((epoch, value))
    return found


class Curve(NamedTuple):
    """One series, by a short name."""

    words: str
    figure: Figure


def curves(experiments: Sequence[Experiment]) -> dict[str, Curve]:
    """{series: its figure}, of those that anybody told."""
    rows = told(experiments)
    there = [name for name in SERIES if any(name in each for each in rows.values())]
    return {name: Curve(SERIES[name][1], overlaid(name, experiments, rows)) for name in there}


def overlaid(name: str, experiments: Sequence[Experiment], rows: Rows) -> Figure:
    """One series of all experiments; traces in their order."""
    longest = max((epoch for each in rows.values() for epoch, _ in each.get(name, ())), default=1)
    shares = name.endswith("top1")
    data = []
    for place, experiment in enumerate(experiments):
        known = rows.get(experiment.pk, {}).get(name, [])
        y = [None if value is None else round(100 * value, 4) if shares else value for _, value in known]
        told_as = f"{LETTERS[place]} {plain(experiment.name, 40)}"
        width, dash = (2.5 if place == 0 else 1.75), DASHES[place // COLOURS]
        data.append(curve([epoch for epoch, _ in known], y, told_as, colour(place), width=width, dash=dash, mode=mode_for(longest)))
    y_axis = axis(grid=True, ticksuffix=" %", hoverformat=".1f") if shares else axis(grid=True, rangemode="tozero", hoverformat=".3g")
    words = f"{SERIES[name][0]} of {plural(len(experiments), 'experiment')} over up to {plural(longest, 'epoch')}."
    return {"data": data, "layout": layout(epochs_axis(longest, False), y_axis, words, revision=name, hovermode="x unified")}


def colour(place: int) -> str:
    """The token of an experiment's line."""
    return f"var(--series-{place % COLOURS + 1})"


def by_class(each: Sequence[Paired], names: Sequence[str]) -> Figure:
    """What each class gains or loses in recall, with its 95 % interval: the largest losses and gains; in warn and in full where it is
    more than chance."""
    shown = largest_changes(changes(each))
    values, spans = [value for value, _ in shown], [each[place].interval for _, place in shown]
    sure = [low > 0 or high < 0 for low, high in spans]
    tones = [(WARN if value < 0 else ACCENT) if certain else FAINT for value, certain in zip(values, sure, strict=True)]
    told = [f"{plain(names[place])}: {points(value)} points of {each[place].n:,} images" for value, place in shown]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": [100 * value for value in values],
        "y": list(range(len(shown))),
        "marker": {"color": tones, "cornerradius": 3},
        "hovertext": told,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "error_x": in_points(whiskers(values, spans)),
    }
    height = max(200, BAR_HEIGHT * len(shown) + 60)
    zero = {"zeroline": True, "zerolinecolor": "var(--line-strong)"}
    across = axis("points of recall", grid=True, fixedrange=True, **zero)
    words = summary(shown, names)
    named = named_axis([plain(names[place], 18) for _, place in shown])
    return {"data": [bar], "layout": layout(across, named, words, revision="class-change", bargap=0.3, height=height, hovermode="closest")}


def changes(each: Sequence[Paired]) -> list[tuple[float, int]]:
    """(change of recall, place) of each class that changed, the largest loss first."""
    return sorted((pair.difference, place) for place, pair in enumerate(each) if pair.difference)


def largest_changes(every: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """As many as are drawn: of losses and gains each the largest, and more of one where there are fewer of the other."""
    most = 2 * MOST_BARS
    if len(every) <= most:
        return list(every)
    lost = sum(value < 0 for value, _ in every)
    low = min(lost, max(MOST_BARS, most - (len(every) - lost)))
    return [*every[:low], *every[len(every) - (most - low) :]]


def left_out(each: Sequence[Paired]) -> str:
    """How many classes changed less than those that are drawn, in words; empty where none did."""
    more = len(changes(each)) - 2 * MOST_BARS
    return f"The {2 * MOST_BARS} largest changes are drawn; {plural(more, 'class')} changed less. " if more > 0 else ""


def in_points(error: dict[str, Any]) -> dict[str, Any]:
    """Whiskers of shares, for bars in points."""
    return error | {name: [100 * value for value in error[name]] for name in ("array", "arrayminus") if name in error}


def summary(shown: Sequence[tuple[float, int]], names: Sequence[str]) -> str:
    """The bars in a sentence."""
    if not shown:
        return "No class gains or loses anything."
    (low, worst), (high, best) = shown[0], shown[-1]
    fell = f"; most lost by {names[worst]} ({points(low)} points)" if low < 0 else ""
    rose = f"; most gained by {names[best]} ({points(high)} points)" if high > 0 else ""
    return f"Change of recall of {plural(len(shown), 'class')}{fell}{rose}."


def difference(first: Counts, second: Counts, names: Sequence[str]) -> Figure:
    """The second's matrix minus the first's on the same images: better in the accent, worse in orange; for many classes the pairs that
    changed most."""
    change = second - first
    if len(names) > MOST_CELLS:
        return changed_pairs(change, names)
    diagonal, few = np.eye(len(names), dtype=bool), len(names) <= MOST_TEXTS
    better = np.where(diagonal, change > 0, change < 0)
    size = np.abs(change).astype(np.float64)
    told = hover(change, names)
    data = [
        {**cells(np.zeros_like(size), EMPTY, few), "hoverinfo": "skip"},
        {**layer(size, better & (change != 0), RIGHT, few), **told, **texts(change, better, few)},
        {**layer(size, ~better & (change != 0), WRONG, few), **told, **texts(change, ~better, few)},
    ]
    height = min(680, max(300, CELL_HEIGHT * len(names) + 90)) if few else 560
    x, y = class_axes(names, few)
    return {"data": data, "layout": layout(x, y, said(change, names), revision="matrix-change", height=height, hovermode="closest")}


def layer(size: NDArray[np.float64], where: NDArray[np.bool_], scale: list[list[Any]], few: bool) -> dict[str, Any]:
    """The cells of one tone; both tones on one scale, so that as many images are as bright."""
    return cells(np.where(where, size, np.nan), scale, few) | {"zmax": float(size.max(initial=0)) or 1.0}


def texts(change: Counts, where: NDArray[np.bool_], few: bool) -> dict[str, Any]:
    """A number in each cell of one tone; none in the others', which would be drawn over theirs."""
    if not few:
        return {}
    own = np.where(where, change, 0)
    return {"text": [[signed(value) for value in row] for row in own.tolist()], "texttemplate": "%{text}", "textfont": {"size": 12}}


def signed(value: int) -> str:
    """ "+3", "−2"; nothing for 0."""
    return f"{value:+,}".replace("-", "−") if value else ""


def hover(change: Counts, names: Sequence[str]) -> dict[str, Any]:
    """What a cell says: "Melon taken for Orange: −3"."""
    told = [plain(name) for name in names]
    words = [[""] * len(told) for _ in told]
    for i, j in np.argwhere(change).tolist():
        words[i][j] = f"{told[i] if i == j else f'{told[i]} taken for {told[j]}'}: {signed(int(change[i, j]))}"
    return {"hovertext": words, "hovertemplate": "%{hovertext}<extra></extra>"}


def mistakes_of(change: Counts) -> Counts:
    """Without the diagonal."""
    wrong = change.copy()
    np.fill_diagonal(wrong, 0)
    return wrong


def said(change: Counts, names: Sequence[str]) -> str:
    """The change in a sentence."""
    wrong = mistakes_of(change)
    found = largest(np.abs(wrong), 1)
    most = f"; most changed: {names[found[0][0]]} taken for {names[found[0][1]]} ({signed(int(wrong[found[0]]))})" if found else ""
    return f"Change of the confusion matrix of {len(names)} classes: {signed(int(np.trace(change))) or 'as many'} images right{most}."


def changed_pairs(change: Counts, names: Sequence[str]) -> Figure:
    """The mistakes whose number changed most, one bar each."""
    wrong = mistakes_of(change)
    found = largest(np.abs(wrong), MOST_PAIRS)
    values = [int(wrong[place]) for place in found]
    texts = [f"{plain(names[i], 24)} → {plain(names[j], 24)}" for i, j in found]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(found))),
        "marker": {"color": ["var(--mistake)" if value > 0 else ACCENT for value in values], "cornerradius": 3},
        "hovertext": [f"{text}: {signed(value)}" for text, value in zip(texts, values, strict=True)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    across = axis("mistakes more or fewer", grid=True, fixedrange=True, zeroline=True, zerolinecolor="var(--line-strong)")
    height = max(200, BAR_HEIGHT * len(found) + 60)
    words = said(change, names)
    return {"data": [bar], "layout": layout(across, named_axis(texts), words, revision="pairs-change", bargap=0.3, height=height)}
