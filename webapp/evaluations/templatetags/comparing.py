"""Parts of the page that compares experiments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from webapp.core.words import percent, points, thousands
from webapp.evaluations.comparing.asked import LETTERS, Asked
from webapp.evaluations.comparing.charts import COLOURS
from webapp.evaluations.comparing.page import ClassChange, chance

register = template.Library()
register.filter("chance", chance)

ROW = (
    '<tr><td class="wrap"><a href="{}">{}</a></td><td class="end" data-value="{}">{}</td><td class="end" data-value="{}">{}</td>'
    '<td class="end" data-value="{}">{}</td><td class="end strong{}" data-value="{}">{}</td><td class="end muted">{}</td>'
    '<td class="end" data-value="{}">{}</td><td class="end" data-value="{}">{}</td></tr>'
)


@register.simple_tag
def letter(number: int) -> SafeString:
    """An experiment's letter in the colour of its lines."""
    return format_html('<b class="letter letter--{}">{}</b>', (number - 1) % COLOURS + 1, LETTERS[number - 1])


@register.filter
def place(values: Sequence[Any], index: int) -> Any:
    """values[index]."""
    return values[index]


@register.simple_tag
def changed_classes(rows: Iterable[ClassChange], asked: Asked) -> SafeString:
    """A row a class, put together at once, since there may be a thousand."""
    return format_html_join("\n", ROW, (cells(row, f"?{asked.query(**{'class': row.label})}#flips") for row in rows))


def cells(row: ClassChange, address: str) -> tuple[object, ...]:
    """Its name, then each figure as it is sorted and as it is read."""
    counts, gap = row.counts, row.counts.difference or 0.0
    low, high = counts.interval
    tone = " good" if low > 0 else " warn" if high < 0 else ""
    figures = (row.first, percent(row.first), row.second, percent(row.second), tone, gap, points(gap) if gap else "0")
    images = (counts.fixed, thousands(counts.fixed), counts.broken, thousands(counts.broken))
    return address, row.name, counts.n, thousands(counts.n), *figures, f"{points(low)} to {points(high)}", *images
