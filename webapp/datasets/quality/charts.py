"""How sizes, shapes and light are spread → Plotly figures as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from webapp.datasets.charts import whole_ticks

HEIGHT = 190
TITLES = {
    "size": ("Longer side", "pixels", ",.0f"),
    "aspect": ("Width by height", "", ".2f"),
    "brightness": ("Mean brightness", "of 255", ".0f"),
}


def spreads(distributions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """{what: a histogram}, of those that the check told."""
    return {name: histogram(name, distributions[name]) for name in TITLES if name in distributions}


def histogram(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Bars without gaps, the median as a line; each bar says from where to where it goes."""
    _, unit, form = TITLES[name]
    edges, counts = told["edges"], told["counts"]
    ranges = [f"{edge:{form}} to {following:{form}} {unit}".strip() for edge, following in pairwise(edges)]
    bars = {
        "type": "bar",
        "x": list(range(len(counts))),
        "y": counts,
        "customdata": ranges,
        "marker": {"color": "var(--accent)"},
        "hovertemplate": "%{customdata}: %{y:,} images<extra></extra>",
    }
    return {"data": [bars], "layout": layout(name, edges, counts, told["median"])}


def once(texts: list[str]) -> list[str]:
    """A mark that says the same as the one before it says nothing: where all images are of one size, the edges lie within a pixel."""
    return [text if place == 0 or text != texts[place - 1] else "" for place, text in enumerate(texts)]


def layout(name: str, edges: list[float], counts: list[int], median: float) -> dict[str, Any]:
    """Quiet axes, with four marks below that name the edges there."""
    title, unit, form = TITLES[name]
    quiet = {"zeroline": False, "tickfont": {"color": "var(--muted)", "size": 12}, "fixedrange": True}
    marks = [round(step * len(counts) / 4) for step in range(5)]
    return {
        "height": HEIGHT,
        "bargap": 0.06,
        "margin": {"l": 8, "r": 20, "t": 4, "b": 24, "pad": 4},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {
            **quiet,
            "tickmode": "array",
            "range": [-0.51, len(counts) - 0.49],  # both ends have their mark
            "tickvals": [mark - 0.5 for mark in marks],
            "ticktext": once([f"{edges[m]:{form}}" for m in marks]),
        },
        "yaxis": {
            **quiet,
            "gridcolor": "var(--line)",
            **whole_ticks(max(counts, default=0)),
            "tickformat": ",d",
            "rangemode": "tozero",
            "automargin": True,
            "title": {"text": "images", "standoff": 10, "font": {"color": "var(--muted)", "size": 12}},
        },
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": "var(--line-strong)", "font": {"color": "var(--text)", "size": 12}},
        "uirevision": name,
        "meta": {"summary": f"{title}: {sum(counts):,} images, half of them below {median:{form}} {unit}".strip() + "."},
    }
