"""What lists show of a finished training, kept on its row: nothing is computed for each line of a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from webapp.experiments.models import Experiment, MetricPoint

CURVES = ("train_loss", "val_top1")
CURVE_POINTS = 60
Curves = dict[str, list[float | None]]
T = TypeVar("T")


def kept(result: dict[str, Any]) -> dict[str, Any]:
    """The columns of an Experiment that RUN/result.json fills."""
    best, history, test = result["best_epoch"], result["history"], result["test"]
    return {
        "resolved": result["config"],
        "best_epoch": best,
        "best_top1": next((row["val_top1"] for row in history if row["epoch"] == best), None),
        "test_top1": test["top1"],
        "test_images": test["n"],
        "test_f1": mean(row["f1"] for row in test["per_class"]),
        "curves": {name: thinned([row.get(name) for row in history]) for name in CURVES},
    }


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that there are: of the classes' F1 it is the macro F1, as classifier.metrics.macro_f1 counts it."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def thinned(values: Sequence[T], most: int = CURVE_POINTS) -> list[T]:
    """At most so many at even distances, the last one always."""
    if len(values) <= most:
        return list(values)
    last = len(values) - 1
    return [values[round(last * step / (most - 1))] for step in range(most)]


def curves_of(experiments: Iterable[Experiment]) -> dict[str, Curves]:
    """{experiment: its small curves}: the kept ones, and of those that are not done what they told so far, in one query."""
    found: dict[str, Curves] = {}
    open_ones = []
    for experiment in experiments:
        if experiment.curves is None:
            open_ones.append(experiment.id)
        else:
            found[experiment.id] = experiment.curves
    return found | (told_so_far(open_ones) if open_ones else {})


def told_so_far(ids: list[str]) -> dict[str, Curves]:
    """The curves of trainings that have no result."""
    points = MetricPoint.objects.filter(experiment_id__in=ids, name__in=CURVES).order_by("experiment_id", "name", "step")
    told: dict[str, Curves] = defaultdict(lambda: {name: [] for name in CURVES})
    for id, name, value in points.values_list("experiment_id", "name", "value"):
        told[id][name].append(value)
    return {id: {name: thinned(values) for name, values in curves.items()} for id, curves in told.items()}
