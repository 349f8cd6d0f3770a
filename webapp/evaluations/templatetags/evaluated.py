"""The table of an evaluation by class, and differences of shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from webapp.core.words import UNKNOWN, percent, thousands
from webapp.evaluations.choices import suffix
from webapp.evaluations.figures.charts import ends
from webapp.evaluations.figures.showing import Row, others
from webapp.evaluations.figures.told import Span
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import ClassRow
from webapp.experiments.checkpoints import at_length
from webapp.experiments.models import Experiment

register = template.Library()

ROW = (
    '<tr><td class="wrap">{}</td><td class="end" data-value="{}">{}</td>'
    '<td class="end" data-value="{}">{}<span class="pairs__note">{}</span></td>'
    '<td class="end" data-value="{}">{}<span class="pairs__note">{}</span></td>'
    '<td class="end strong" data-value="{}">{}<span class="pairs__note">{}</span></td></tr>'
)


@register.simple_tag
def class_rows(rows: Iterable[ClassRow]) -> SafeString:
    """A row a class, put together at once: cell by cell, those of a thousand classes took two thirds of the page's time."""
    return format_html_join("\n", ROW, map(cells, rows))


def cells(row: ClassRow) -> tuple[object, ...]:
    """Its name, then each figure as it is sorted and as it is read, with its interval."""
    figures = ((row.precision, row.precision_span), (row.recall, row.recall_span), (row.f1, row.f1_span))
    return row.name, row.n, thousands(row.n), *(cell for value, span in figures for cell in (*share(value), span_of(span)))


BEST = '<span class="best__one{}" role="listitem"><span class="best__name">{}</span> <span class="best__share">{}</span></span>'


@register.simple_tag
def best_classes(best: Iterable[dict[str, Any]]) -> SafeString:
    """The best classes of an image, put together at once: of sixty images they were half of the time that their tiles took."""
    cells = ((" best__one--true" if one["true"] else "", one["name"], percent(one["share"], 0)) for one in best)
    return format_html('<span class="best" role="list">{}</span>', format_html_join("", BEST, cells))


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


def span_of(span: Span) -> str:
    """ "0.71 to 0.86"; nothing where there is none."""
    return "" if span is None else f"{span[0]:.2f} to {span[1]:.2f}"


@register.filter
def points(value: float | None) -> str:
    """A difference of shares in points: 0.123 → "12.3"."""
    return UNKNOWN if value is None else f"{100 * value:.1f}".replace("-", "−").replace("−0.0", "0.0")
