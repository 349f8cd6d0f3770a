"""The table of an evaluation by class, and differences of shares."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from webapp.core.words import UNKNOWN, thousands
from webapp.evaluations.showing import ClassRow

register = template.Library()

ROW = (
    '<tr><td class="wrap">{}</td><td class="end" data-value="{}">{}</td><td class="end" data-value="{}">{}</td>'
    '<td class="end" data-value="{}">{}</td><td class="end strong" data-value="{}">{}</td></tr>'
)


@register.simple_tag
def class_rows(rows: Iterable[ClassRow]) -> SafeString:
    """A row a class, put together at once: cell by cell, those of a thousand classes took two thirds of the page's time."""
    return format_html_join("\n", ROW, map(cells, rows))


def cells(row: ClassRow) -> tuple[object, ...]:
    """Its name, then each figure as it is sorted and as it is read."""
    return row.name, row.n, thousands(row.n), *share(row.precision), *share(row.recall), *share(row.f1)


def share(value: float | None) -> tuple[float | str, str]:
    """A share of 1, or what stands for none."""
    return ("", UNKNOWN) if value is None else (value, f"{value:.2f}")


@register.filter
def points(value: float | None) -> str:
    """A difference of shares in points: 0.123 → "12.3"."""
    return UNKNOWN if value is None else f"{100 * value:.1f}".replace("-", "−").replace("−0.0", "0.0")
