"""What the page tells of learning curves: which class gains the most from more images, and how sure that is."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics.growth import fitted
from classifier.metrics.intervals import Z_95
from classifier.metrics.pairs import balanced_error
from webapp.core.words import give_or_take, percent, plural, points, thousands
from webapp.evaluations.studies import actions
from webapp.evaluations.studies.probes import waits
from webapp.evaluations.study_models import Study, What
from webapp.experiments.figures import ACCENT, MUTED, Figure, axis, curve, layout, plain, share_ticks
from webapp.experiments.live import KeyFigure
from webapp.experiments.models import Experiment

LEAST_JUDGED = 10  # images of a class of which something is said
WORTH = 0.01  # a gain that is worth images
CURVE_POINTS = 60


class Row(NamedTuple):
    """A class, with what twice as many images of all classes would bring it."""

    label: str
    name: str
    images: float  # that were learnt from
    judged: int
    now: float | None
    doubled: float | None
    gain: float | None
    low: float | None
    high: float | None
    recall: list[float | None]  # after each share of the images

    @property
    def verdict(self) -> tuple[str, str]:
        """(words, tone)."""
        if not self.images:
            return "no image to learn from", ""
        if self.gain is None or self.low is None or self.high is None:
            return ("no image to learn it from" if self.judged else "no image judges it"), ""
        if self.judged < LEAST_JUDGED:
            return f"judged by {plural(self.judged, 'image')}: too few to say", ""
        if self.low >= WORTH:
            return "needs images", "warn"
        if self.high < WORTH:
            return "has enough", "good"
        return "not sure", ""


def context(experiment: Experiment, picked: str) -> dict[str, Any]:
    """All of the page."""
    newest = actions.newest(experiment, What.GROWTH)
    done = actions.newest_done(experiment, What.GROWTH)
    job = newest.job if newest and newest.result is None else None
    shown = {"experiment": experiment, "version": experiment.version, "job": job, "position": waits(job), "study": done}
    return shown | (found(done, picked) if done and done.result else {})


def found(study: Study, picked: str) -> dict[str, Any]:
    result, rows = study.result or {}, rows_of(study)
    one = next((row for row in rows if row.label == picked), None)
    figure = learning(result, one)
    return {
        "rows": rows,
        "picked": one,
        "unknown": bool(picked) and one is None,
        "figure": figure,
        "key_figures": key_figures(result, rows),
        "looked": result["looked"],
        "whole": result["whole"],
        "turns": result["turns"],
        "judged": result["judged"],
        "network": result["network"],
        "own": result["own"],
    }


def rows_of(study: Study) -> list[Row]:
    """The class that gains most for sure first; those that nothing judges last."""
    names = {entry["label"]: entry["name"] or entry["label"] for entry in study.version.classes}
    made = [
        Row(
            one["label"],
            names.get(one["label"], one["label"]),
            one["images"][-1],
            one["judged"],
            one["now"],
            one["doubled"],
            one["gain"],
            one["low"],
            one["high"],
            one["recall"],
        )
        for one in (study.result or {})["classes"]
    ]
    return sorted(made, key=lambda row: (row.low is None, -(row.low or 0.0), -(row.gain or 0.0)))


def key_figures(result: dict[str, Any], rows: list[Row]) -> list[KeyFigure]:
    """The mean now, what doubling brings, how many classes need images, and the one that needs them most."""
    mean, known = result["mean"], [row for row in rows if row.gain is not None]
    gain, need = mean["doubled"] - mean["now"], [row for row in known if row.verdict[0] == "needs images"]
    told = [
        KeyFigure(
            "Mean recall now",
            percent(mean["now"]),
            mean_half(known, mean["now"]),
            f"of heads on {result['network']}, judged by {plural(result['judged'], 'image')}",
        ),
        KeyFigure(
            "Twice the images",
            points(gain),
            "points",
            f"95 % interval {points(mean['low'])} to {points(mean['high'])}",
        ),
        KeyFigure(
            "Classes that need images",
            thousands(len(need)),
            f"of {thousands(len(known))}",
            "surely a point of recall or more",
            "warn" if need else "",
        ),
    ]
    if need and need[0].low is not None and need[0].high is not None:
        first = need[0]
        told.append(KeyFigure("First of all", first.name, "", f"{100 * need[0].low:.1f} to {100 * need[0].high:.1f} points of recall"))
    return told


def mean_half(rows: list[Row], now: float) -> str:
    """ "± 1.3": half of the 95 % interval of the classes' mean recall, in points, as `give_or_take`; empty without a class."""
    if not rows:
        return ""
    hits = [round((row.recall[-1] or 0.0) * row.judged) for row in rows]
    misses = [row.judged - right for row, right in zip(rows, hits, strict=True)]
    counts = np.diag([*hits, 0])  # all mistakes as one class more, of which there is no image
    counts[:-1, -1] = misses
    half = Z_95 * balanced_error(counts)
    return give_or_take(now, max(0.0, now - half), min(1.0, now + half))


def learning(result: dict[str, Any], row: Row | None) -> Figure:
    """The mean over the classes, and the class that was picked: points as measured, lines as fitted, up to twice as many images."""
    mean = result["mean"]
    data = lines(mean["images"], mean["recall"], result["power"], "mean of the classes", MUTED if row else ACCENT)
    most = 2 * mean["images"][-1]
    if row is not None:
        images = next(one["images"] for one in result["classes"] if one["label"] == row.label)
        data += lines(images, row.recall, result["power"], plain(row.name, 30), ACCENT)
        most = max(most, 2 * images[-1])
    whom = f"{plain(row.name)} and the mean" if row else "the mean of the classes"
    words = f"Recall of {whom} by training images a class, measured up to {mean['images'][-1]:.0f} and fitted beyond."
    x = axis("training images a class", range=[0, most * 1.02])
    lowest = min((value for trace in data if trace["mode"] == "markers" for value in trace["y"]), default=0.0)
    low = max(0.0, math.floor(10 * lowest - 0.5) / 10)
    y = axis(grid=True, range=[low, 1.02], fixedrange=True, **share_ticks(low))
    return {"data": data, "layout": layout(x, y, words, revision="growing", hovermode="closest")}


def lines(images: list[float], recall: list[float | None], power: float, name: str, color: str) -> list[dict[str, Any]]:
    """The points, and the curve through them: dashed where nothing was measured."""
    known = [(n, value) for n, value in zip(images, recall, strict=True) if value is not None and n > 0]
    points = {
        **curve([n for n, _ in known], [value for _, value in known], name, color, mode="markers"),
        "marker": {"color": color, "size": 7},
        "hovertext": [f"{name}: recall {percent(value)} of {n:,.0f} training images a class" for n, value in known],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if len(known) < 2:
        return [points]
    numbers, values = (np.array(part) for part in zip(*known, strict=True))
    line = fitted(numbers, 1 - values, power, np.sqrt(numbers / numbers.max()))
    made = [points]
    for low, high, dash in ((numbers.min(), numbers.max(), "solid"), (numbers.max(), 2 * numbers.max(), "dash")):
        x = np.linspace(low, high, CURVE_POINTS)
        y = (1 - line.error(x)).round(5).tolist()
        made.append({**curve(x.round(2).tolist(), y, name, color, width=1.5, dash=dash), "hoverinfo": "skip"})
    return made
