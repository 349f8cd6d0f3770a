"""Rows → Plotly figures; colours are token names that the browser resolves (static/js/charts.js)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_CLASSES = 40
BAR_PIXELS, FRAME_PIXELS, LEAST_PIXELS = 21, 44, 120
LABEL_LENGTH = 22
FEW_TICKS = 4
SPLIT_TOKENS = {"train": "var(--split-train)", "validation": "var(--split-validation)", "test": "var(--split-test)"}


def images_by_class(classes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Horizontal bars of each class, stacked by split, the smallest class first; at most MOST_CLASSES of them."""
    shown = sorted(classes, key=lambda entry: sum(entry[split] for split in SPLIT_TOKENS))[:MOST_CLASSES]
    places = list(range(len(shown)))
    return {"data": [bars(shown, split, places) for split in SPLIT_TOKENS], "layout": layout(shown, places)}


def bars(classes: Sequence[dict[str, Any]], split: str, places: list[int]) -> dict[str, Any]:
    """One split's part of every bar."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": split,
        "x": [entry[split] for entry in classes],
        "y": places,
        "customdata": [plain(entry["name"]) for entry in classes],
        "marker": {"color": SPLIT_TOKENS[split]},
        "hovertemplate": f"%{{customdata}}: %{{x:,}} {split}<extra></extra>",
    }


def layout(classes: Sequence[dict[str, Any]], places: list[int]) -> dict[str, Any]:
    """Quiet axes; the height follows the number of bars."""
    quiet = {"zeroline": False, "tickfont": {"color": "var(--muted)", "size": 12}, "fixedrange": True}
    names = [plain(entry["name"], LABEL_LENGTH) for entry in classes]
    most = max((sum(entry[split] for split in SPLIT_TOKENS) for entry in classes), default=0)
    return {
        "barmode": "stack",
        "bargap": 0.32,
        "height": max(LEAST_PIXELS, BAR_PIXELS * len(places) + FRAME_PIXELS),
        "margin": {"l": 8, "r": 8, "t": 4, "b": 24, "pad": 4},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**quiet, "gridcolor": "var(--line)", **whole_ticks(most), "tickformat": ",d"},
        "yaxis": {
            **quiet,
            "autorange": "reversed",
            "tickmode": "array",
            "tickvals": places,
            "ticktext": names,
            "ticks": "",
            "automargin": True,
        },
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": "var(--line-strong)", "font": {"color": "var(--text)", "size": 12}},
        "uirevision": "classes",
        "meta": {"summary": summary(classes)},
    }


def whole_ticks(most: int) -> dict[str, int]:
    """Of an axis that counts up to that: no mark between whole numbers, which would say one of them twice."""
    return {"dtick": 1} if most <= FEW_TICKS else {"nticks": FEW_TICKS}


def summary(classes: Sequence[dict[str, Any]]) -> str:
    """The chart in words."""
    totals = [sum(entry[split] for split in SPLIT_TOKENS) for entry in classes]
    if not totals:
        return "No classes."
    return f"Images a class by split: {len(totals)} classes, from {min(totals):,} to {max(totals):,} images."


def plain(text: str, most: int = 60) -> str:
    """A user's text where Plotly reads markup, cut where it is long."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
