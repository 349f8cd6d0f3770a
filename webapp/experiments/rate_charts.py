"""The curve of a search for a learning rate, and how a search reads while it waits, runs and is done."""

from __future__ import annotations

from typing import Any

from webapp.core.words import duration, ordinal
from webapp.experiments.figures import ACCENT, GOOD, Figure, axis, curve, layout
from webapp.experiments.models import RateSearch
from webapp.jobs.models import FINAL, State
from webapp.jobs.queries import position


def rates(points: list[dict[str, float]], suggested: float) -> Figure:
    """The smoothed training loss by learning rate, on a logarithmic axis, with the suggestion marked."""
    x, y = [point["rate"] for point in points], [point["loss"] for point in points]
    near = min(range(len(x)), key=lambda place: abs(x[place] - suggested))
    low, high = min(y), max(y)
    mark = {**curve([suggested, suggested], [low, high], "suggested", GOOD, width=1.5, dash="dash"), "hoverinfo": "skip"}
    line = {**curve(x, y, "loss", ACCENT), "hovertemplate": "rate %{x:.3g}<br>loss %{y:.3g}<extra></extra>"}
    dot = {
        **curve([suggested], [y[near]], "suggested", GOOD, width=5, mode="markers"),
        "hovertemplate": "suggested %{x:.3g}<extra></extra>",
    }
    across = axis("learning rate", type="log", dtick=1, exponentformat="e")
    summary = f"Training loss by learning rate over {len(points)} steps, from {x[0]:.3g} to {x[-1]:.3g}; suggested {suggested:.3g}."
    upright = axis("loss, smoothed", grid=True, nticks=5)
    return {"data": [mark, line, dot], "layout": layout(across, upright, summary, revision="rates", hovermode="closest")}


def told(search: RateSearch) -> dict[str, Any]:
    """What the form shows of a search: whether it goes on, how far it is, a sentence, and what it found."""
    job = search.job
    shown: dict[str, Any] = {"id": search.id, "live": job.state not in FINAL, "progress": job.progress, "words": words(search)}
    if job.state == State.SUCCEEDED and search.suggested is not None:
        shown |= {"suggested": f"{search.suggested:g}", "figure": rates(search.curve, search.suggested)}
    return shown


def words(search: RateSearch) -> str:
    """Where it stands, as a sentence."""
    job = search.job
    if job.state == State.QUEUED:
        place = position(job)
        return "It begins as soon as a device is free." if place == 1 else f"It waits for a device, {ordinal(place)} in line."
    if job.state == State.RUNNING:
        left = f", about {duration(job.eta_seconds)} left" if job.eta_seconds else ""
        return f"{(job.stage or 'starting').capitalize()}{left}."
    if job.state == State.FAILED:
        return job.error
    if job.state == State.CANCELLED or search.suggested is None:
        return "Cancelled; nothing was found."
    return f"Suggested: {search.suggested:g}, a tenth of the rate at which the loss was lowest. The network of the search is not kept."
