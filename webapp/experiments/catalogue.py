"""The catalogue of networks as a page: a table and what accuracy costs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any, NamedTuple

from classifier.spec.catalogue import MODELS, ModelEntry
from classifier.spec.local_weights import at_hand
from webapp.core.words import thousands
from webapp.experiments.figures import ACCENT, Figure, axis, layout
from webapp.experiments.models import Experiment, MetricPoint

RUNS_LOOKED_AT = 200


class Speed(NamedTuple):
    """How fast a network trained on this machine."""

    images: float  # a second
    side: int

    @property
    def words(self) -> str:
        """ "312 at 128 px"."""
        return f"{thousands(self.images)} at {self.side} px"


def accuracy_against(costs: Mapping[str, float], unit: str, axis_words: str) -> Figure:
    """Published top-1 against a cost of each network, by name; one point a network, larger where it has more parameters."""
    known = [entry for entry in MODELS.values() if entry.top1 is not None and costs.get(entry.name)]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [costs[entry.name] for entry in known],
        "y": [entry.top1 for entry in known],
        "hovertext": [f"{entry.name}, {entry.parameters / 1e6:.1f} M parameters" for entry in known],
        "customdata": [entry.name for entry in known],  # models.js leads a click to its row
        "hovertemplate": f"%{{hovertext}}<br>top-1 %{{y:.1f}} %, %{{x:.3g}} {unit}<extra></extra>",
        "marker": {"color": ACCENT, "opacity": 0.75, "size": [6 + min(22.0, (entry.parameters / 1e6) ** 0.5) for entry in known]},
    }
    x = axis(f"{axis_words} (logarithmic)", type="log", dtick=1, ticks="outside")
    y = axis("published top-1, %", grid=True)
    words = f"Published ImageNet top-1 of {len(known)} networks against {axis_words}; larger dots have more parameters."
    return {"data": [dots], "layout": layout(x, y, words, revision=f"models-{unit}", hovermode="closest")}


def figures(speeds: Mapping[str, Speed]) -> dict[str, Figure]:
    """The same against work, size and, once networks were trained here, this machine's own speed."""
    drawn = {
        "work": accuracy_against({entry.name: entry.gflops or 0.0 for entry in MODELS.values()}, "GFLOPs", "GFLOPs of one image"),
        "size": accuracy_against({entry.name: entry.parameters / 1e6 for entry in MODELS.values()}, "M", "million parameters"),
    }
    here = accuracy_against({name: speed.images for name, speed in speeds.items()}, "images/s", "images a second in trainings here")
    return drawn | ({"speed": here} if here["data"][0]["x"] else {})


class Row(NamedTuple):
    """A network of the table."""

    entry: ModelEntry
    speed: Speed | None
    here: bool  # its published weights are on this machine, so that it can classify at once


def measured() -> dict[str, Speed]:
    """The median speed of each network in this machine's newest trainings, at the size that most epochs were measured at.

    Without those of a head alone, whose features are computed once.
    """
    whole = Experiment.objects.filter(config__freeze=None).order_by("-id").values_list("id", flat=True)
    points = MetricPoint.objects.filter(experiment_id__in=list(whole[:RUNS_LOOKED_AT]), name="images_per_second", value__gt=0)
    found: dict[str, dict[int, list[float]]] = {}
    for run, value in points.values_list("experiment__resolved", "value"):
        if run and value:
            found.setdefault(run["model"], {}).setdefault(run["image_size"], []).append(value)
    sides = {model: max(speeds.items(), key=lambda item: len(item[1])) for model, speeds in found.items()}
    return {model: Speed(statistics.median(speeds), side) for model, (side, speeds) in sides.items()}


def models_context() -> dict[str, Any]:
    """What the page shows to every team."""
    speeds, here = measured(), set(at_hand())
    return {"models": [Row(entry, speeds.get(entry.name), entry.name in here) for entry in MODELS.values()], "figures": figures(speeds)}
