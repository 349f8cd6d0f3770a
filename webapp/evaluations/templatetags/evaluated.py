"""The table of an evaluation by class, and differences of shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from webapp.core.words import UNKNOWN, thousands
from webapp.evaluations.choices import suffix
from webapp.evaluations.figures.charts import ends
from webapp.evaluations.figures.showing import Row, others
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import ClassRow
from webapp.experiments.checkpoints import at_length
from webapp.experiments.models import Experiment

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


LISTED = (
    '<tr><td class="wrap"><button type="button" data-class="{}" aria-pressed="{}">{}</button></td><td class="end" data-value="{}">{}</td>'
    '<td class="end" data-value="{}">{}<span class="pairs__note">{}</span></td>'
    '<td class="end" data-value="{}">{}<span class="pairs__note">{}</span></td></tr>'
)


@register.simple_tag
def listed_classes(rows: Sequence[Row]) -> SafeString:
    """A row a class with its areas; its name chooses it for the curves beside the list. The first is chosen."""
    return format_html_join("\n", LISTED, (listed(row, place == 0) for place, row in enumerate(rows)))


def listed(row: Row, on: bool) -> tuple[object, ...]:
    """Its cells as they are sorted and read."""
    areas = (*area(row.roc, row.roc_span), *area(row.pr, row.pr_span))
    return row.place, "true" if on else "false", row.name, row.n, thousands(row.n), *areas


def area(value: float | None, span: tuple[float, float] | None) -> tuple[object, ...]:
    """As it is sorted, as it is read, and its interval below it."""
    between = ends(span)
    return ("", UNKNOWN, "") if value is None else (value, f"{value:.3f}", between)


@register.simple_tag
def evaluations_of(experiment: Experiment) -> list[dict[str, Any]]:
    """Every evaluation of its network, newest first."""
    return others(experiment)


@register.filter
def checkpoint(evaluation: Evaluation) -> str:
    """ "Best checkpoint", "Checkpoint of epoch 7"."""
    return at_length(evaluation.checkpoint).capitalize()


@register.filter
def how(evaluation: Evaluation) -> str:
    """ ", with its mirror image": what sets it apart from another evaluation of the same checkpoint on the same split."""
    return suffix(evaluation.views, evaluation.raw)


def share(value: float | None) -> tuple[float | str, str]:
    """A share of 1, or what stands for none."""
    return ("", UNKNOWN) if value is None else (value, f"{value:.2f}")


@register.filter
def points(value: float | None) -> str:
    """A difference of shares in points: 0.123 → "12.3"."""
    return UNKNOWN if value is None else f"{100 * value:.1f}".replace("-", "−").replace("−0.0", "0.0")
