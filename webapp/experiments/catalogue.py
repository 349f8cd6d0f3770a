"""The catalogue of networks as a page: a table and what accuracy costs."""

from __future__ import annotations

from typing import Any

from classifier.spec.catalogue import MODELS
from webapp.experiments.figures import ACCENT, Figure, axis, layout


def accuracy_against_work() -> Figure:
    """Published top-1 against GFLOPs, one point a network."""
    known = [entry for entry in MODELS.values() if entry.top1 is not None and entry.gflops is not None]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [entry.gflops for entry in known],
        "y": [entry.top1 for entry in known],
        "hovertext": [f"{entry.name}, {entry.parameters / 1e6:.1f} M parameters" for entry in known],
        "hovertemplate": "%{hovertext}<br>top-1 %{y:.1f} %, %{x:.3g} GFLOPs<extra></extra>",
        "marker": {"color": ACCENT, "opacity": 0.75, "size": [6 + min(22.0, (entry.parameters / 1e6) ** 0.5) for entry in known]},
    }
    x = axis("GFLOPs of one image (logarithmic)", type="log", dtick=1, ticks="outside")
    y = axis("published top-1, %", grid=True)
    words = f"Published ImageNet top-1 of {len(known)} networks against the work for one image; larger dots have more parameters."
    return {"data": [dots], "layout": layout(x, y, words, revision="models", hovermode="closest")}


def models_context() -> dict[str, Any]:
    """What the page shows to every team."""
    return {"models": list(MODELS.values()), "figure": accuracy_against_work()}
