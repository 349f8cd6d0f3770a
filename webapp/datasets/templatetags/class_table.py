"""The table of a dataset's classes, and the choices of one: put together at once, since there may be thousands."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape  # of texts alone: Django's own asks of every number whether it is markup
from typing import Any

from django import template
from django.utils.safestring import SafeString

from webapp.core.words import thousands

register = template.Library()

ROW = (
    '<tr data-drop-class="{}"><td><span class="row__title"><a href="{}">{}</a></span>{}</td>'
    '<td class="end" data-label="Train">{}</td><td class="end{}" data-label="Validation">{}</td><td class="end{}" data-label="Test">{}</td>'
    '<td class="end strong" data-label="All">{}</td>'
    '<td><meter class="share" min="0" max="{}" value="{}" aria-label="{}: {} of at most {}"></meter></td></tr>'
)
OPTION, SELECTED = '<option value="{}"{}>{}</option>', " selected"
NOTE = '<div class="row__note">{}</div>'


@register.simple_tag
def class_options(choices: Iterable[tuple[Any, str]], picked: Any = None) -> SafeString:
    """An option for each (value, name); the picked value is chosen."""
    return SafeString(
        "".join(OPTION.format(escape(str(value)), SELECTED if value == picked else "", escape(name)) for value, name in choices)
    )


@register.simple_tag
def class_rows(rows: Iterable[dict[str, Any]], most: int) -> SafeString:
    """A row a class, put together at once: cell by cell, a thousand of them took most of the page's time."""
    return SafeString("\n".join(ROW.format(*cells(row, most)) for row in rows))


def cells(row: dict[str, Any], most: int) -> tuple[Any, ...]:
    """Its name, its images by split with a warning where there are none, and the whole against the largest class; texts escaped."""
    name = escape(row["name"])
    note = NOTE.format(escape(row["label"])) if row["name"] != row["label"] else ""
    counts = [value for split in ("validation", "test") for value in ("" if row[split] else " warn", thousands(row[split]))]
    whole = (most, row["total"], name, row["total"], most)
    return escape(row["label"]), escape(row["address"]), name, note, thousands(row["train"]), *counts, thousands(row["total"]), *whole
