"""Every component with each of its states, light and dark, and how well its colours are read; on a developer's machine alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core import contrast

KINDS = ("plain", "primary", "danger", "quiet")
TONES = ("", "accent", "good", "warn", "bad")
JOBS = (
    ("import", "queued", 2),
    ("train", "queued", None),
    ("import", "running", None),
    ("train", "running", None),
    ("evaluate", "running", None),
    ("train", "succeeded", None),
    ("train", "failed", None),
    ("train", "cancelled", None),
    ("train", "paused", None),
)
LOSSES = [2.1, 1.4, 1.0, 0.8, 0.66, 0.6, 0.57, 0.55]


class Example(forms.Form):
    """Two fields: one as it should be, one with an error."""

    label_suffix = ""
    name = forms.CharField(label="Name", help_text="how you find it again", initial="ResNet-18, warm start", required=False)
    rate = forms.FloatField(
        label="Learning rate", help_text="usual 0.0001 to 0.1", min_value=0, error_messages={"min_value": "A number above 0."}
    )


@require_safe
@allowed("job.read")
def styleguide(request: Request) -> HttpResponse:
    """The page; where DEBUG is off there is none."""
    if not settings.DEBUG:
        raise Http404("The style guide is shown with DEBUG=on alone.")
    return render(request, "ops/styleguide.html", examples())


def examples() -> dict[str, Any]:
    """What the components show."""
    return {
        "themes": ("light", "dark"),
        "kinds": KINDS,
        "tones": TONES,
        "jobs": [(job(*each), each[2]) for each in JOBS] + [(job("train", "running", cancelling=True), None)],
        "losses": LOSSES,
        "chart": curve(),
        "colours": colours(),
        "pairs": pairs(),
        "forms": {theme: example_form(theme) for theme in ("light", "dark")},
    }


def job(kind: str, state: str, position: int | None = None, *, cancelling: bool = False) -> SimpleNamespace:
    """What a pill reads of a job."""
    return SimpleNamespace(kind=kind, state=state, cancel_requested_at=cancelling or None)


def example_form(theme: str) -> Example:
    """The form after it was sent with a wrong number; ids differ between the two halves of the page."""
    return Example({"name": "ResNet-18, warm start", "rate": "-0.01"}, auto_id=f"{theme}_%s")


def curve() -> dict[str, Any]:
    """A figure as charts.py make them."""
    quiet = {"zeroline": False, "gridcolor": "var(--line)", "tickfont": {"color": "var(--muted)", "size": 12}}
    trace = {"type": "scatter", "mode": "lines", "x": list(range(1, 9)), "y": LOSSES, "line": {"color": "var(--accent)", "width": 2}}
    layout = {
        "margin": {"l": 36, "r": 8, "t": 8, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**quiet, "showgrid": False, "title": {"text": "epoch", "font": {"size": 12, "color": "var(--muted)"}}, "range": [1, 12]},
        "yaxis": quiet,
        "meta": {"summary": "Validation loss falls from 2.1 to 0.55 in 8 of 12 epochs."},
    }
    return {"data": [trace], "layout": layout}


def colours() -> list[tuple[str, str, str]]:
    """Each token that is a colour, with its light and dark value."""
    values = contrast.read()
    return [(name, values["light"][name], dark) for name, dark in values["dark"].items() if contrast.HEX.fullmatch(dark)]


def pairs() -> list[dict[str, Any]]:
    """Each pair that is used, with what it needs and what it has."""
    values = contrast.read()
    return [
        {**pair._asdict(), "light": contrast.measured(pair, values["light"]), "dark": contrast.measured(pair, values["dark"])}
        for pair in contrast.PAIRS
    ]
