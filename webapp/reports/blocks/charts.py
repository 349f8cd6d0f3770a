"""Blocks that draw: curves of the training, figures by class, ROC and precision-recall, calibration, coverage, speed; and the matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from classifier.metrics.counts import Counts
from webapp.core.words import percent, plural
from webapp.evaluations.figures import charts as drawn
from webapp.evaluations.figures import told
from webapp.experiments import charts as curves
from webapp.experiments import class_charts, live, matrix_charts, queries
from webapp.experiments.figures import Figure
from webapp.reports.blocks import classes
from webapp.reports.blocks.shown import Gone, Source, Where

EARLIER = "This was measured by an earlier release, which kept no curves. Evaluate it again to have them."
OTHERS = "all others"
Content = dict[str, Any]


def chart(source: Source, options: dict[str, Any], number: int, where: Where) -> Content:
    """The chart that was chosen."""
    return CHARTS[options["what"]](source, options)


def training(source: Source, options: dict[str, Any]) -> Content:
    """Loss or accuracy, epoch by epoch."""
    experiment, what = source.experiment, options["what"]
    rows, validations = queries.history(experiment), queries.validations(experiment)
    if not rows:
        raise Gone("No epoch of this training is kept.")
    planned, how = live.planned_epochs(experiment, rows), {"inside": live.looks_inside(experiment), "top5": live.has_top5(experiment)}
    figure = curves.curves(rows, [], planned, validations, **how)[what]
    figure["data"] = [trace for trace in figure["data"] if trace.get("visible", True)]
    tones = {"loss": [("train", ""), ("validation", "accent")]}
    five = [("validation top-5", "good")] if how["top5"] else []
    tones["accuracy"] = [("validation top-1", "accent"), *five, ("train", "dots")]
    note = f"train and validation splits, {plural(queries.validated_on(experiment), 'validation image')}"
    return {"figure": figure, "legend": tones[what], "note": note}


def by_class(source: Source, options: dict[str, Any]) -> Content:
    """A bar a class with its interval, worst first."""
    places, measure = classes.chosen(source, options), options["what"]
    unkept = measure == "f1" and not source.f1_spans  # of an earlier release's evaluation
    kept = (source.f1_spans or [None] * len(source.names)) if measure == "f1" else None
    figure = class_charts.by_class(source.counts, source.names, cast(class_charts.Measure, measure), only=places, kept=kept)
    note = classes.note(source, places, options)
    asked = len(source.labels if places is None else places)
    drawn = class_charts.drawn(asked)
    words = [f"The {drawn} lowest are drawn; {plural(asked - drawn, 'other')} are not."] if asked > drawn else []
    interval = "Its intervals were not kept." if unkept else "Whiskers: 95 % interval. Amber: below the average for sure."
    return {"figure": figure, "size": "classes", "note": note, "words": [*words, interval]}


def of_class(source: Source, options: dict[str, Any]) -> Content:
    """ROC or precision-recall of one class against all others."""
    place = source.place(options["label"])
    found = told.curves_of(source.evaluation, place)
    if found is None:
        raise Gone(EARLIER)
    name, what = source.names[place], options["what"]
    if not found[what]["x"]:
        raise Gone(f"Of {name} there are no images, or no others, in the {source.split} split: it has no such curve.")
    draw, area = (drawn.roc, "area") if what == "roc" else (drawn.precision_recall, "average precision")
    note = f"{name} · {source.split} split, {plural(found['own'], 'image')} of it among {plural(found['n'], 'image')}"
    said, span = drawn.area_words(found[what]), " with its 95 % interval" if drawn.ends(found[what]["interval"]) else ""
    words = [f"{area.capitalize()} {said}{span}. Dotted: what chance gives."]
    return {"figure": draw(found | {"label": name}), "size": "scatter", "note": note, "words": words}


def reliability(source: Source, options: dict[str, Any]) -> Content:
    """How sure against how often right, as it was trained."""
    found = told.calibration_of(source.evaluation)
    if found is None or not found["bins"]:
        raise Gone(EARLIER)
    error = percent(found["before"]["ece"])
    words = [f"Calibration error {error}. Whiskers: 95 % interval. Amber: certainty lies outside of it. Dotted: as sure as right."]
    return {"figure": drawn.reliability(found["bins"], found["before"]["ece"], "as trained"), "note": source.on, "words": words}


def coverage(source: Source, options: dict[str, Any]) -> Content:
    """How right it is on the images that it is surest of."""
    found = told.coverage_of(source.evaluation)
    if found is None:
        raise Gone(EARLIER)
    return {"figure": drawn.coverage(found), "note": source.on}


def speed(source: Source, options: dict[str, Any]) -> Content:
    """As it was measured after the evaluation."""
    found = source.result.get("speed") or {}
    if not found.get("batches"):
        raise Gone("Its speed was not measured.")
    note = f"{found['device']} · {found['precision']} · {found['image_size']} px · the network alone, without reading images"
    return {"figure": drawn.throughput(found["batches"]), "size": "low", "note": note}


def matrix(source: Source, options: dict[str, Any], number: int, where: Where) -> Content:
    """Of all classes, or of some with all others as one."""
    places, by_row = classes.chosen(source, options), options["what"] == "rows"
    counts, names = (source.counts, source.names) if places is None else among(source.counts, source.names, places)
    figure: Figure = matrix_charts.confusion(counts, names, by_row=by_row)
    many = len(names) > matrix_charts.MOST_CELLS
    drawn_as = "its commonest mistakes" if many else "true classes down, predicted across"
    return {"figure": figure, "size": "matrix", "note": f"{classes.note(source, places, options)} · {drawn_as}"}


def among(counts: Counts, names: list[str], places: list[int]) -> tuple[Counts, list[str]]:
    """The matrix of those classes in their order, the others added up as a last row and column, so that no image is left out."""
    size = len(names)
    number = np.full(size, len(places))
    number[places] = np.arange(len(places))
    merged = np.zeros((len(places) + 1, len(places) + 1), counts.dtype)
    true, said = np.nonzero(counts)
    np.add.at(merged, (number[true], number[said]), counts[true, said])
    shown = [names[place] for place in places]
    return (merged, [*shown, OTHERS]) if len(places) < size else (merged[:-1, :-1], shown)


CHARTS: dict[str, Callable[[Source, dict[str, Any]], Content]] = {
    **dict.fromkeys(("loss", "accuracy"), training),
    **dict.fromkeys(class_charts.MEASURES, by_class),
    **dict.fromkeys(("roc", "pr"), of_class),
    "reliability": reliability,
    "coverage": coverage,
    "speed": speed,
}
