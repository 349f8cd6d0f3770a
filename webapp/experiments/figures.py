"""What every Plotly figure shares. Colours are the tokens of static/css/tokens.css by name, resolved in the browser for light and dark."""

from __future__ import annotations

import math
from typing import Any

from webapp.core.words import percent

Figure = dict[str, Any]

ACCENT, MUTED, FAINT, GOOD, WARN = "var(--accent)", "var(--muted)", "var(--faint)", "var(--good)", "var(--warn)"
INSET, LINE, CARD = "var(--inset)", "var(--line)", "var(--card)"
CLEAR = "rgba(0,0,0,0)"
SHARE_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
CURVE_MARKERS_UNTIL = 60  # planned epochs: with few points each is marked, so that a first one shows


def axis(title: str = "", grid: bool = False, **more: Any) -> dict[str, Any]:
    """One axis: quiet, without zero line; only the axes asked for have grid lines."""
    words = {"title": {"text": title, "standoff": 6, "font": {"color": MUTED, "size": 12}}} if title else {}
    quiet = {"showgrid": grid, "gridcolor": LINE, "zeroline": False, "linecolor": LINE, "tickcolor": LINE}
    # With automargin no label reaches beyond the chart; to look whether one does takes Plotly half of its time.
    quiet |= {"automargin": True, "ticklabeloverflow": "allow"}
    return {**quiet, "tickfont": {"color": MUTED, "size": 12}, **words, **more}


def share_ticks(low: float, high: float = 1.0) -> dict[str, Any]:
    """Ticks of an axis of shares as they are written everywhere, "94 %": round ones, at most seven."""
    step = next(step for step in SHARE_STEPS if (high - low) / step <= 6)
    places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    shares = [round(place * step, 4) for place in places]
    return {"tickvals": shares, "ticktext": [percent(share, 0 if step >= 0.01 else 1) for share in shares]}


def named_axis(names: list[str]) -> dict[str, Any]:
    """A vertical axis of bars at 0, 1, …, the first on top; half a bar beyond the last one it ends."""
    places, ends = list(range(len(names))), [max(1, len(names)) - 0.5, -0.5]
    return axis(range=ends, autorange=False, tickmode="array", tickvals=places, ticktext=names, ticks="", fixedrange=True)


def layout(x: dict[str, Any], y: dict[str, Any], summary: str, *, revision: str, **more: Any) -> dict[str, Any]:
    """A figure's layout; `summary` is its text alternative, `revision` keeps the reader's zoom as long as it stays the same."""
    return {
        "xaxis": x,
        "yaxis": y,
        "uirevision": revision,
        "meta": {"summary": summary},
        "showlegend": False,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8, "pad": 4},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": MUTED, "size": 12},
        "hoverlabel": {"bgcolor": CARD, "bordercolor": "var(--line-strong)", "font": {"color": "var(--text)", "size": 12}},
        **more,
    }


def curve(
    x: list[Any], y: list[Any], name: str, color: str, *, width: float = 2, dash: str = "solid", mode: str = "lines"
) -> dict[str, Any]:
    """One line of a chart."""
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "scatter", "x": x, "y": y, "name": name, "mode": mode, "line": line, "marker": {"color": color, "size": width + 3}}


def plain(text: str, most: int = 60) -> str:
    """A user's text where Plotly would read markup, so that < and & stay what they are; cut where it is very long."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
