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
    '<tr data-drop-class="{}">{}<td><span class="row__title"><a href="{}">{}</a></span>{}</td>'
    '<td class="end" data-label="Train">{}</td><td class="end{}" data-label="Validation">{}</td><td class="end{}" data-label="Test">{}</td>'
    '<td class="end strong" data-label="All">{}</td>'
    '<td><meter class="share" min="0" max="{}" value="{}" aria-label="{}: {} of at most {}"></meter></td>{}</tr>'
)
TICK = '<td class="tick"><input type="checkbox" name="classes" value="{}" aria-label="Choose {}"></td>'
CHANGE = (
    '<td class="act"><button class="button button--small" type="button" id="change-{0}" data-dialog="change-class" data-change-class="{1}"'
    ' aria-label="Change {2}">Change</button></td>'
)
OPTION, SELECTED = '<option value="{}"{}>{}</option>', " selected"
BECOMES = '<div class="row__note warn">{}</div>'
NOTE = '<div class="row__note">{}</div>'


@register.simple_tag
def class_options(choices: Iterable[tuple[Any, str]], picked: Any = None) -> SafeString:
    """An option for each (value, name); the picked value is chosen."""
    return SafeString(
        "".join(OPTION.format(escape(str(value)), SELECTED if value == picked else "", escape(name)) for value, name in choices)
    )


@register.simple_tag
def class_rows(rows: Iterable[dict[str, Any]], most: int, changeable: bool = False) -> SafeString:
    """A row a class, put together at once: cell by cell, a thousand of them took most of the page's time."""
    return SafeString("\n".join(ROW.format(*cells(row, most, changeable)) for row in rows))


def cells(row: dict[str, Any], most: int, changeable: bool) -> tuple[Any, ...]:
    """A box to choose it, its name and what the draft makes of it, its images by split with a warning where there are none, the whole
    against the largest class, and the button that changes it; texts escaped."""
    name, label, become = escape(row["name"]), escape(row["label"]), row.get("become")
    notes = NOTE.format(label) if row["name"] != row["label"] else ""
    notes += BECOMES.format(escape(become)) if become else ""
    counts = [value for split in ("validation", "test") for value in ("" if row[split] else " warn", thousands(row[split]))]
    whole = (most, row["total"], name, row["total"], most)
    change = CHANGE.format(row["number"], label, name) if changeable else ""
    tick = TICK.format(label, name) if changeable else ""
    return label, tick, escape(row["address"]), name, notes, thousands(row["train"]), *counts, thousands(row["total"]), *whole, change
