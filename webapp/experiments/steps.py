"""What every step of a training told, drawn: of a million steps as many points as a screen has columns, and more where one looks closer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import trace
from classifier.metrics.trace import Line
from webapp.core.words import plural, thousands
from webapp.experiments import queries
from webapp.experiments.figures import ACCENT, MUTED, Figure, axis, curve, layout
from webapp.experiments.models import Experiment

Rows = Sequence[dict[str, Any]]
MOST_POINTS = 1600  # of a curve as it came: two for each column of a wide chart
MOST_SMOOTH = 400  # a mean over many steps has no more to show
DIGITS = 5
SMOOTH = 0.02  # share of the run that is averaged over, unless the reader chose another
MOST_SMOOTHING = 0.5
LATELY_STEPS = 200
NOT_KEPT = "Not kept of this training: it ran with an earlier release."
NONE_YET = "Drawn after the first steps."


class Kind(NamedTuple):
    """One quantity."""

    series: str  # of classifier.metrics.trace
    words: str
    upright: dict[str, Any]  # its axis
    factor: float = 1.0
    by_epoch: str = ""  # the figure of an epoch that stands for it where steps were not kept


SHARE = {"ticksuffix": " %", "range": [0, 103], "hoverformat": ".1f"}
KINDS = {
    "steps": Kind("loss", "training loss", {"rangemode": "tozero"}),
    "rate": Kind("rate", "learning rate", {"rangemode": "tozero", "exponentformat": "none", "nticks": 5}, by_epoch="lr"),
    "norm": Kind("norm", "norm of the gradient", {"rangemode": "tozero"}),
    "speed": Kind("speed", "images a second", {"rangemode": "tozero", "hoverformat": ",.0f"}, by_epoch="images_per_second"),
    "waiting": Kind("waiting", "share of the time in which it waited for data", SHARE, 100),
    "use": Kind("use", "share of the device that worked", SHARE, 100),
}
FIRST = ("rate", "speed")  # seen before anything is chosen


class Lately(NamedTuple):
    """Shares of the time of the newest steps; None where nothing tells."""

    waiting: float | None
    use: float | None


class View(NamedTuple):
    """What is looked at: from one step to another (None: all), and over which share of the run is averaged."""

    first: float | None = None
    last: float | None = None
    smooth: float = SMOOTH


def kept(experiment: Experiment) -> trace.Steps:
    """The steps so far."""
    return trace.read(experiment.folder / trace.FILE)


def lately(experiment: Experiment) -> Lately:
    """Over the newest steps, each by the time that it took."""
    newest = kept(experiment)[-LATELY_STEPS:]
    newest = newest[newest["images"] > 0]
    seconds = newest["seconds"].astype(np.float64)
    if not len(newest) or not seconds.sum():
        return Lately(None, None)
    use = float((newest["used"] * seconds).sum() / seconds.sum())
    return Lately(min(1.0, float(newest["waited"].sum() / seconds.sum())), use if np.isfinite(use) else None)


def planned_steps(experiment: Experiment, rows: Rows, epochs: int, told: dict[str, Any], steps: trace.Steps) -> int:
    """The last step's number, as far as it is known: of the epochs so far, of the newest progress, or of what there is."""
    if rows:
        per_epoch = float(rows[-1]["step"] / rows[-1]["epoch"])
        return round(per_epoch * epochs)
    return int(told.get("steps") or 0) or len(steps)


def losses(experiment: Experiment) -> list[tuple[int, float | None]]:
    """(step, training loss), no more than can be seen; of trainings of earlier releases as they were logged."""
    at, values = trace.drawn(trace.series(kept(experiment), "loss"), MOST_POINTS)
    return list(zip(at.tolist(), values.tolist(), strict=True)) or queries.step_losses(experiment)


def figure(name: str, steps: trace.Steps, planned: int, view: View, rows: Rows, looks: Rows) -> Figure:
    """One of KINDS. rows: of the epochs; looks: the validations, which the loss is drawn with. Traces: as it came, validation, smoothed."""
    kind = KINDS[name]
    line = trace.series(steps, kind.series)
    if not len(line[0]):
        line = from_epochs(rows, kind)
    shown = line if view.first is None or view.last is None else trace.within(line, view.first, view.last)
    raw = trace.drawn(shown, MOST_POINTS)
    data = [drawn(raw, kind, kind.words, MUTED if name == "steps" else ACCENT, 1)]
    if name == "steps":
        data.append(validations(looks))
    if smoothed := means(line, shown, view.smooth * planned):
        data[0]["opacity"] = 0.35
        data.append(drawn(smoothed, kind, f"{kind.words}, smoothed", data[0]["line"]["color"], 2))
    return {"data": data, "layout": framed(name, kind, line, planned, missing(steps, line, rows))}


def validations(looks: Rows) -> dict[str, Any]:
    """The validation loss at the step after which it was measured."""
    told = [row for row in looks if row.get("val_loss") is not None]
    return curve([row["step"] for row in told], [row["val_loss"] for row in told], "validation", ACCENT, mode="lines+markers")


def from_epochs(rows: Rows, kind: Kind) -> Line:
    """The same of whole epochs; nothing where epochs do not tell it."""
    told = [(row["step"], row[kind.by_epoch]) for row in rows if kind.by_epoch and row.get(kind.by_epoch) is not None]
    return np.array([step for step, _ in told], np.int64), np.array([value for _, value in told], np.float64)


def means(line: Line, shown: Line, window: float) -> Line | None:
    """The line that is averaged, where that says anything else than the line itself.

    A mean over a window bends little within half of it: it is asked for at as many steps as are drawn, where these lie closer.
    """
    at, _ = shown
    if window < 2 or len(at) < 3:
        return None
    some = at[np.linspace(0, len(at) - 1, min(len(at), MOST_SMOOTH)).astype(np.int64)]
    if np.diff(some).max() <= window / 2:
        return trace.smooth(line, window, some)
    return trace.drawn(trace.smooth(line, window, at), MOST_SMOOTH)


def drawn(line: Line, kind: Kind, name: str, color: str, width: float) -> dict[str, Any]:
    """A line of a chart."""
    at, values = line
    return curve(at.tolist(), [float(f"{kind.factor * value:.{DIGITS}g}") for value in values.tolist()], name, color, width=width)


def missing(steps: trace.Steps, line: Line, rows: Rows) -> str:
    """Why nothing is drawn; empty where something is."""
    if len(line[0]):
        return ""
    if len(steps):
        return "Nothing tells this on this device."
    return NOT_KEPT if rows else NONE_YET


def framed(name: str, kind: Kind, line: Line, planned: int, why: str) -> dict[str, Any]:
    """The layout: all of these share the reader's part of the run, each has a height of its own."""
    at, values = line
    newest = f"newest {kind.factor * values[-1]:.4g}" if len(values) else why
    summary = f"{kind.words.capitalize()} over {thousands(int(at[-1]) if len(at) else 0)} of {plural(planned, 'step')}; {newest}."
    across = axis("step", range=[0, planned]) if planned else axis("step", rangemode="tozero")
    upright = {**axis(grid=True, **kind.upright), "uirevision": name}
    note = {"text": why, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "font": {"color": MUTED, "size": 12}}
    more: dict[str, Any] = {"annotations": [note]} if why else {}
    return layout(across, upright, summary, revision="by-step", hovermode="x unified", **more)
