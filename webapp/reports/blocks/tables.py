"""Blocks of figures in rows: each with its interval."""

from __future__ import annotations

from typing import Any

from classifier.metrics import most_confused, per_class, wilson
from webapp.core.words import UNKNOWN, percent, plural, thousands
from webapp.evaluations.figures.showing import SHARE, lines, said, span_words
from webapp.experiments.class_charts import interval
from webapp.reports.blocks import classes
from webapp.reports.blocks.choices import FIGURE_NAMES, TOP
from webapp.reports.blocks.shown import Gone, Line, Source, Where

Content = dict[str, Any]


def table(source: Source, options: dict[str, Any], number: int, where: Where) -> Content:
    """The table that was chosen."""
    return {"figures": figures, "classes": by_class, "pairs": pairs}[options["what"]](source, options)


def figures(source: Source, options: dict[str, Any]) -> Content:
    """Those that were chosen, or all that there are."""
    if not source.n:
        raise Gone(f"The {source.split} split has no images, so there is nothing to show.")
    names, wanted = {name: key for key, name in FIGURE_NAMES.items()}, options.get("figures") or list(FIGURE_NAMES)
    top = [Line([name, *share(source, source.result.get(key))]) for key, name in TOP if key in wanted]
    rest = [Line([line.name, line.value, line.span]) for line in lines(source.result) if names[line.name] in wanted]
    head = [("Figure", False), ("Value", True), ("95 % interval", True)]
    return {"head": head, "rows": [row for row in top + rest if row.cells[1] != UNKNOWN], "note": source.on}


def share(source: Source, value: float | None) -> tuple[str, str]:
    """A share of all images, and its interval."""
    span = wilson(round(value * source.n), source.n) if value is not None else None
    return said(value, SHARE), span_words(span, SHARE)


def by_class(source: Source, options: dict[str, Any]) -> Content:
    """Precision, recall and F1 with their intervals."""
    places, counts = classes.chosen(source, options), source.counts
    rows = per_class(counts, source.names)
    shown = range(len(rows)) if places is None else places
    made = [
        Line([
            source.names[place],
            thousands(rows[place]["n"]),
            with_span(rows[place]["precision"], interval(counts, place, "precision")),
            with_span(rows[place]["recall"], interval(counts, place, "recall")),
            score(rows[place]["f1"], source.f1_spans[place] if source.f1_spans else None),
        ])
        for place in shown
    ]  # fmt: skip
    head = [("Class", False), ("Images", True), ("Precision", True), ("Recall", True), ("F1", True)]
    return {"head": head, "rows": made, "note": f"{classes.note(source, places, options)} · 95 % intervals"}


def score(value: float | None, span: tuple[float, float] | None) -> str:
    """ "0.92 (0.85 to 0.96)"."""
    if value is None:
        return UNKNOWN
    return f"{value:.2f} ({span[0]:.2f} to {span[1]:.2f})" if span else f"{value:.2f}"


def with_span(value: float | None, span: tuple[float, float] | None) -> str:
    """ "92.0 % (84.8 to 95.9)"."""
    if value is None or span is None:
        return UNKNOWN
    return f"{percent(value)} ({100 * span[0]:.1f} to {100 * span[1]:.1f})"


def pairs(source: Source, options: dict[str, Any]) -> Content:
    """The commonest mistakes; of what share of the true class they are."""
    counts, numbered = source.counts, [str(place) for place in range(len(source.labels))]
    found = most_confused(counts, numbered, int(options["most"]))
    if not found:
        return {"note": source.on, "words": ["No image was taken for another class."]}
    rows = []
    for pair in found:
        true, taken, n = int(pair["label"]), int(pair["predicted"]), int(counts[int(pair["label"])].sum())
        words = with_span(pair["share"], wilson(pair["count"], n))
        rows.append(Line([source.names[true], source.names[taken], plural(pair["count"], "image"), words]))
    head = [("Class", False), ("Taken for", False), ("How often", True), ("Of the class", True)]
    return {"head": head, "rows": rows, "note": f"{source.on} · 95 % intervals"}
