"""Filters and tags of the whole interface; loaded everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from webapp.core import words
from webapp.core.zones import zone_of

register = template.Library()

FILTERS = (
    words.percent,
    words.thousands,
    words.bytes_size,
    words.duration,
    words.ordinal,
    words.initials,
    words.plural,
    words.kind_words,
    words.role_words,
    words.worker_name,
)
for filter_function in FILTERS:
    register.filter(filter_function.__name__, filter_function)


@register.filter
def took(job: Any) -> str:
    """How long a job's last attempt ran."""
    if not job.started_at or not job.finished_at:
        return words.UNKNOWN
    return words.duration((job.finished_at - job.started_at).total_seconds())


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite in components/_icons.html; decoration, so hidden from screen readers."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def pill(text: str, tone: str = "", dot: bool = False) -> SafeString:
    """A word of state; tone is "", accent, good, warn or bad."""
    return format_html('<span class="pill{}{}">{}</span>', f" pill--{tone}" if tone else "", " pill--dot" if dot else "", text)


@register.simple_tag
def state_pill(job: Any, position: int | None = None) -> SafeString:
    """The pill of a job: Waiting with its position, Training, Done, Failed, Cancelled."""
    text, tone = words.state(job.kind, job.state, position, cancelling=bool(job.cancel_requested_at))
    return pill(text, tone, dot=True)


@register.simple_tag
def progress(fraction: float | None, label: str, size: str = "") -> SafeString:
    """A progress bar; without a fraction its length is unknown."""
    css = f"progress progress--{size}" if size else "progress"
    if fraction is None:
        return format_html('<progress class="{}" max="1" aria-label="{}"></progress>', css, label)
    return format_html('<progress class="{}" max="1" value="{}" aria-label="{}"></progress>', css, f"{fraction:.4f}", label)


@register.simple_tag(takes_context=True)
def when(context: template.Context, moment: datetime | None, form: str = "auto") -> SafeString | str:
    """A time in the reader's zone: `clock` (14:02), `day` (24 November 14:02), `auto` (the clock alone on the same day)."""
    if moment is None:
        return "–"
    zone = zone_of(context.get("request"))
    local, now = timezone.localtime(moment, zone), timezone.localtime(timezone.now(), zone)
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), words.moment(local, now, form))


@register.simple_tag(takes_context=True)
def ends(context: template.Context, eta_seconds: float | None) -> SafeString | str:
    """The clock time in that many seconds."""
    return "–" if eta_seconds is None else when(context, timezone.now() + timedelta(seconds=eta_seconds), "clock")


@register.inclusion_tag("components/empty.html")
def empty(title: str, words: str, picture: str = "image", url: str = "", button: str = "") -> dict[str, str]:
    """What belongs here, why it is worth it, and the one button that starts it."""
    return {"title": title, "words": words, "picture": picture, "url": url, "button": button}


@register.inclusion_tag("components/figure.html")
def figure(label: str, value: Any, unit: str = "", note: Any = "", tone: str = "", id: str = "") -> dict[str, Any]:
    """A key figure: its name, value, unit or interval, and what it was measured on."""
    return {"label": label, "value": value, "unit": unit, "note": note, "tone": tone, "id": id}


@register.inclusion_tag("components/field.html")
def field(bound: Any) -> dict[str, Any]:
    """A form field: label above, hint below, the error in the hint's place."""
    return {"field": bound}


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Iterable[float | None], label: str = "") -> dict[str, str]:
    """A line of stored values, 110 × 28, highest on top; nothing with fewer than two."""
    return {"points": words.spark_points([value for value in values if value is not None]), "label": label}
