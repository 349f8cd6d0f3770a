"""The live page's curves as Plotly figures: rows in, plain dicts out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from classifier.metrics import trace
from classifier.spec.config import TrainConfig
from classifier.spec.schedules import share, words
from webapp.core.words import percent, plural
from webapp.experiments.figures import ACCENT, CURVE_MARKERS_UNTIL, GOOD, MUTED, Figure, axis, curve, layout
from webapp.experiments.summaries import thinned

Row = dict[str, Any]
SCHEDULE_POINTS = 120
MOST_DRAWN = 2000  # of one curve: no screen has more columns, and 100,000 epochs would be a page of megabytes


def done(rows: Sequence[Row]) -> int:
    """Epochs so far, also of those that are not drawn."""
    return int(rows[-1]["epoch"]) if rows else 0


def column(rows: Sequence[Row], name: str) -> list[float | None]:
    """One figure of each epoch."""
    return [row.get(name) for row in rows]


def percents(shares: Sequence[float | None]) -> list[float | None]:
    """Shares of 1 as percent, rounded where rounding cannot be seen."""
    return [None if share is None else round(100 * share, 4) for share in shares]


def epochs_axis(epochs: int, inside: bool, **more: Any) -> dict[str, Any]:
    """From the first to the last planned epoch, so that the space still to come is seen; from 0 where something lies inside the first."""
    room = 0.5 if epochs == 1 else 0.02 * (epochs - 1)
    first = min(1 - room, 0 if inside else 1)
    tick: dict[str, Any] = {"tick0": 1, "dtick": 1} if epochs <= 12 else {}
    return axis("epoch", range=[first, epochs + room], **tick, **more)


def mode_for(epochs: int) -> str:
    """Few epochs are marked one by one; many would be a smear."""
    return "lines+markers" if epochs <= CURVE_MARKERS_UNTIL else "lines"


def latest(rows: Sequence[Row], name: str) -> str:
    """The newest value in words."""
    value = next((row[name] for row in reversed(rows) if row.get(name) is not None), None)
    return "not known yet" if value is None else f"{value:.3g}"


def told(figure: Figure, words: str, **figures: str) -> Figure:
    """The figure with its text alternative, and with the sentence that the live page fills anew when points come (curve_words.js)."""
    figure["layout"]["meta"] = {"summary": words.format(**figures), "words": words}
    return figure


def drawn(x: list[Any], y: list[float | None]) -> tuple[list[Any], list[float | None]]:
    """At most MOST_DRAWN points of a curve, as curves by step have them, so that the spike of one epoch is seen however many there are."""
    if len(x) <= MOST_DRAWN:
        return x, y
    values = np.array([np.nan if value is None else value for value in y], np.float64)
    known = np.flatnonzero(np.isfinite(values))
    kept, _ = trace.drawn((known, values[known]), MOST_DRAWN)
    return [x[place] for place in kept], [y[place] for place in kept]


def validated(rows: Sequence[Row], name: str, by: str = "at") -> tuple[list[Any], list[float | None]]:
    """(where, what) of each validation that there was: no gap where is validated rarely, several points where it is often."""
    told = [row for row in rows if row.get(name) is not None]
    return [row[by] for row in told], column(told, name)


def loss(rows: Sequence[Row], epochs: int, validations: Sequence[Row] = (), *, inside: bool = False) -> Figure:
    """Training and validation loss over epochs. Traces: train_loss, val_loss."""
    x, mode = column(rows, "epoch"), mode_for(epochs)
    data = [
        curve(*drawn(x, column(rows, "train_loss")), "train", MUTED, width=1, mode=mode),
        curve(*drawn(*validated(validations, "val_loss")), "validation", ACCENT, mode=mode),
    ]
    shown = layout(epochs_axis(epochs, inside), axis(grid=True, rangemode="tozero"), "", revision="loss", hovermode="x unified")
    words = f"Loss over {{done}} of {plural(epochs, 'epoch')}; newest: train {{train}}, validation {{validation}}."
    newest = {"train": latest(rows, "train_loss"), "validation": latest(validations, "val_loss")}
    return told({"data": data, "layout": shown}, words, done=f"{done(rows):,}", **newest)


def loss_by_step(rows: Sequence[Row], steps: Sequence[tuple[int, float | None]], last_step: int, validations: Sequence[Row]) -> Figure:
    """The training loss as it was logged, and the validation loss at the step after which it was measured."""
    summary = f"Training loss at {plural(len(steps), 'step')} and validation loss of {plural(done(rows), 'epoch')}."
    train = curve([step for step, _ in steps], [value for _, value in steps], "train", MUTED, width=1)
    validation = curve(*drawn(*validated(validations, "val_loss", "step")), "validation", ACCENT, mode="lines+markers")
    x = axis("step", range=[0, last_step]) if last_step else axis("step", rangemode="tozero")
    return {
        "data": [train, validation],
        "layout": layout(x, axis(grid=True, rangemode="tozero"), summary, revision="steps", hovermode="x unified"),
    }


ACCURACIES = (
    ("val_top1", "validation top-1", ACCENT, 2.0, "solid"),
    ("val_top5", "validation top-5", GOOD, 1.5, "solid"),
    ("train_top1", "train", MUTED, 1.0, "dot"),
)


def accuracy(rows: Sequence[Row], epochs: int, validations: Sequence[Row] = (), *, inside: bool = False, top5: bool = True) -> Figure:
    """Validation top-1 and top-5 and training top-1, in percent of the images. Traces in the order of ACCURACIES; without `top5`, which
    says nothing of five classes and fewer, that one is not seen."""
    mode, trained = mode_for(epochs), (column(rows, "epoch"), column(rows, "train_top1"))
    data = []
    for name, text, color, width, dash in ACCURACIES:
        x, shares = trained if name == "train_top1" else validated(validations, name)
        seen = {} if top5 or name != "val_top5" else {"visible": False}
        data.append(curve(*drawn(x, percents(shares)), text, color, width=width, dash=dash, mode=mode) | seen)
    newest = validations[-1].get("val_top1") if validations else None
    y = axis(grid=True, range=[0, 104], ticksuffix=" %", hoverformat=".1f")
    words = f"Accuracy over {{done}} of {plural(epochs, 'epoch')}; newest validation top-1 {{top1}}."
    shown = layout(epochs_axis(epochs, inside), y, "", revision="accuracy", hovermode="x unified")
    return told({"data": data, "layout": shown}, words, done=f"{done(rows):,}", top1=percent(newest))


def error(rows: Sequence[Row], epochs: int, validations: Sequence[Row] = (), *, inside: bool = False, top5: bool = True) -> Figure:
    """The same as errors on a logarithmic scale, where progress near the top still shows; an error of zero has no place there."""
    shown = accuracy(rows, epochs, validations, inside=inside, top5=top5)
    for line in shown["data"]:
        line["y"] = [None if value is None or value >= 100 else 100 - value for value in line["y"]]
    y = axis(grid=True, type="log", ticksuffix=" %", hoverformat=".2f", dtick="D2", exponentformat="none")
    words = f"Error (share of wrong images) over {{done}} of {plural(epochs, 'epoch')}, logarithmic."
    upright = layout(epochs_axis(epochs, inside), y, "", revision="error", hovermode="x unified")
    return told({"data": shown["data"], "layout": upright}, words, done=f"{done(rows):,}")


def curves(
    rows: Sequence[Row],
    steps: Sequence[tuple[int, float | None]],
    epochs: int,
    validations: Sequence[Row] | None = None,
    *,
    inside: bool = False,
    top5: bool = True,
) -> dict[str, Figure]:
    """Every curve of the live page. `validations` are those of the epochs unless others come; `inside`: some may lie in the first epoch;
    `top5`: as in `accuracy`."""
    looked = [{**row, "at": row["epoch"]} for row in rows] if validations is None else validations
    steps = thinned(steps, MOST_DRAWN)
    per_epoch = next((row["step"] / row["epoch"] for row in rows), 0)
    return {
        "loss": loss(rows, epochs, looked, inside=inside),
        "steps": loss_by_step(rows, steps, round(per_epoch * epochs), looked),
        "accuracy": accuracy(rows, epochs, looked, inside=inside, top5=top5),
        "error": error(rows, epochs, looked, inside=inside, top5=top5),
    }


def schedule(config: TrainConfig, *, picked: bool = False) -> Figure:
    """The learning rate over a training, by the function that trains with it; `picked`: nobody typed the rate. Nothing is empty."""
    rate, epochs = config.learning_rate or 0.0, config.epochs
    x = [epochs * step / (SCHEDULE_POINTS - 1) for step in range(SCHEDULE_POINTS)]
    y = [rate * share(config, step, SCHEDULE_POINTS / epochs) for step in range(SCHEDULE_POINTS)]
    fill = {"fill": "tozeroy", "fillcolor": "var(--accent-weak)", "hovertemplate": "%{y:.3g}<extra></extra>"}
    origin = ", picked by model, optimiser and batch size" if picked else ""
    summary = f"Learning rate over the run: {words(config)}; highest {rate:.3g}{origin}."
    upright = axis(grid=True, rangemode="tozero", nticks=4, exponentformat="none")
    return {
        "data": [{**curve(x, y, "learning rate", ACCENT), **fill}],
        "layout": layout(axis("epoch", range=[0, epochs]), upright, summary, revision="schedule", hovermode="x"),
    }
