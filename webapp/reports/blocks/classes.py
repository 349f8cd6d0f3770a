"""Which classes a block is about."""

from __future__ import annotations

from typing import Any

import numpy as np

from classifier.metrics.counts import Counts
from webapp.core.words import plural, thousands
from webapp.reports.blocks.shown import Gone, Source


def chosen(source: Source, options: dict[str, Any]) -> list[int] | None:
    """Their places among the network's; None for all. Raises Gone where none of those that were chosen is known."""
    of = options.get("of", "all")
    if of == "worst":
        return worst(source.counts, int(options["most"]))
    if of != "chosen":
        return None
    known = [place for place, label in enumerate(source.labels) if label in set(options["labels"])]
    if not known:
        raise Gone("The network knows none of the classes that were chosen.")
    return known


def worst(counts: Counts, most: int) -> list[int]:
    """Those of least recall that have images at all, the worst first."""
    n = counts.sum(axis=1)
    recall = np.where(n > 0, np.diag(counts) / np.maximum(n, 1), np.inf)
    order = np.argsort(recall, kind="stable")[:most].tolist()
    return [place for place in order if n[place]]


def words(source: Source, places: list[int] | None, options: dict[str, Any]) -> str:
    """ "", "the 10 worst of 100 classes", "3 of 100 classes"."""
    if places is None:
        return ""
    of = f"of {plural(len(source.labels), 'class')}"
    return f"the {len(places)} worst {of} by recall" if options["of"] == "worst" else f"{thousands(len(places))} {of}"


def note(source: Source, places: list[int] | None, options: dict[str, Any]) -> str:
    """ "test split, 450 images · the 10 worst of 100 classes"."""
    return " · ".join(part for part in (source.on, words(source, places, options)) if part)
