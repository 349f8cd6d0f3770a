"""Filters, icons and times of the whole interface; loaded everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from webapp.core import form_keys, returning, times, trash, words
from webapp.core.context import full_dates
from webapp.core.plotly import map_style_id
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
register.simple_tag(map_style_id)


@register.filter
def took(job: Any) -> str:
    """How long a job's last attempt ran."""
    if not job.started_at or not job.finished_at:
        return words.UNKNOWN
    return words.duration((job.finished_at - job.started_at).total_seconds())


@register.filter("is")
def is_(value: Any, other: Any) -> bool:
    """Whether both are equal, for a tag's argument."""
    return bool(value == other)


@register.filter
def at(values: dict[str, Any], key: str) -> Any:
    """values[key], for a key that is only known while the page is made."""
    return values.get(key)


@register.simple_tag
def form_key() -> SafeString:
    """The hidden field that makes two clicks on a form one, see webapp.core.form_keys."""
    return format_html('<input type="hidden" name="{}" value="{}">', form_keys.FIELD, form_keys.new_key())


@register.simple_tag
def phrase(pattern: str, *values: Any) -> str:
    """Words with values in them, for a part's argument: {% phrase "Revoke {}, {}" name place as words %}."""
    return pattern.format(*values)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite in components/_icons.html; decoration, so hidden from screen readers."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag(takes_context=True)
def when(context: template.Context, moment: datetime | None, form: str = "auto") -> SafeString | str:
    """A time in the reader's zone: `auto` (3 min ago; yesterday, 14:02), `clock`, `day` (with its clock), `date`.

    In full it stands in the tip for a mouse. A tip cannot be had by keyboard, finger or screen reader, and a stop of Tab or
    unseen words at each of a hundred dates would be in everybody's way: so "Full dates" in the account menu writes every date
    out. A cookie keeps that, so that the server writes them so and nothing moves. static/js/times.js keeps them true.
    """
    if moment is None:
        return "–"
    request = context.get("request")
    zone = zone_of(request)
    local, now = timezone.localtime(moment, zone), timezone.localtime(timezone.now(), zone)
    full = times.full(local)
    told = full if full_dates(request) else times.moment(local, now, form)
    return format_html('<time datetime="{}" title="{}" data-time="{}">{}</time>', moment.isoformat(), full, form, told)


@register.simple_tag(takes_context=True)
def ends(context: template.Context, eta_seconds: float | None) -> SafeString | str:
    """The clock time in that many seconds."""
    return "–" if eta_seconds is None else when(context, timezone.now() + timedelta(seconds=eta_seconds), "clock")


@register.filter
def undo_fields(message: Any) -> list[list[Any]]:
    """The fields of a message's Undo button."""
    return returning.undo_fields(message)


@register.simple_tag(takes_context=True)
def trash_until(context: template.Context, trashed_at: datetime | None = None) -> SafeString | str:
    """The day until when what is deleted now, or was at that time, can be restored."""
    return when(context, trash.until(trashed_at or timezone.now()), "date")
