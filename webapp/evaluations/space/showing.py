"""What the pages of a map say in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifier.metrics import embedding
from webapp.core.words import percent, plural, thousands
from webapp.evaluations.models import EmbeddingMap, Evaluation
from webapp.evaluations.space import reading
from webapp.evaluations.space.reading import PCA, TSNE, Source
from webapp.jobs.models import FINAL, State
from webapp.jobs.queries import position

TITLES = {PCA: "Principal components", TSNE: "t-SNE"}
# The legend's room, in pixels (static/css/map.css): a line, what stands around them, its search, and the most that lines take.
LINE_PX, AROUND_PX, SEARCH_PX, MOST_PX = 28, 4, 44, 288
LEAST_LINES = 4  # of how sure the network is (static/js/map_colours.js)
SEARCHED_FROM = 14  # classes, from which on the legend has a search


def context(evaluation: Evaluation, wanted: str) -> dict[str, Any]:
    """Everything that the page shows before its points are fetched."""
    source, made = reading.source_of(evaluation), reading.newest(evaluation)
    methods = source.methods if source else ()
    method = wanted if wanted in methods else (methods[-1] if methods else PCA)
    return {
        "evaluation": evaluation,
        "experiment": evaluation.experiment,
        "version": evaluation.version,
        "source": source,
        "method": method,
        "methods": [(name, TITLES[name]) for name in methods],
        "words": words(evaluation, source, method) if source else "",
        "other_words": [words(evaluation, source, other) for other in methods if other != method] if source else [],
        "legend": legend(evaluation, source, method) if source else {},
        "whole": bool(source and source.map),
        **underway(made),
    }


def underway(made: EmbeddingMap | None) -> dict[str, Any]:
    """The job of a map: while it is not at its end, or why it came to a bad one."""
    if made is None or made.job.state == State.SUCCEEDED:
        return {"job": None, "failed": None}
    if made.job.state in FINAL:
        return {"job": None, "failed": made.job}
    return {"job": made.job, "failed": None, "position": position(made.job)}


def legend(evaluation: Evaluation, source: Source, method: str) -> dict[str, Any]:
    """What the legend takes before it is there: the splits of its points, where there are several, and the room of its lines."""
    parts, _ = reading.parts_of(source.found.points[reading.numbers_of(source, method)])
    named = [{"name": part_name(part), "shown": part["shown"]} for part in parts] if len(parts) > 1 else []
    classes = len(evaluation.classes)
    searched = classes >= SEARCHED_FROM
    lines = min(MOST_PX, LINE_PX * max(LEAST_LINES, classes, len(parts)) + AROUND_PX)
    return {"parts": named, "room": lines + SEARCH_PX * searched, "searched": searched, "searched_from": SEARCHED_FROM}


def part_name(part: Mapping[str, Any]) -> str:
    """As static/js/map_colours.js calls it."""
    return f"{part['split']} of the other dataset" if part["other"] else str(part["split"])


def words(evaluation: Evaluation, source: Source, method: str) -> str:
    """How many images of which splits, and how much of their differences the plane shows."""
    found = source.found
    if source.map is None:
        of = f"{plural(found.basis.images, f'{evaluation.split} image')}"
    else:
        of = ", ".join(f"{thousands(count)} {name}" for name, count in source.map.images.items()) + " images"
    if method == TSNE and found.layout is not None:
        arranged = f"{thousands(len(found.layout))} of them arranged so that neighbours stay neighbours"
        return f"{of}; {arranged}. How far groups lie apart says little."
    held = float(found.basis.shares[:2].sum())
    few = f"; {thousands(len(embedding.shown(found.points)))} of them drawn, chosen at random" if is_part(source) else ""
    return f"{of}{few}. The two directions in which they differ most hold {percent(held)} of their spread."


def is_part(source: Source) -> bool:
    """Whether some of the images are not drawn."""
    whole = len(source.found.points) if source.map else source.found.basis.images
    return len(embedding.shown(source.found.points)) < whole


def near_context(evaluation: Evaluation, source: Source | None, number: int | None) -> dict[str, Any]:
    """A point with its nearest training images; without a map of those, how it comes about."""
    told: dict[str, Any] = {"evaluation": evaluation, "source": source, "near": None, **underway(reading.newest(evaluation))}
    if source is None or number is None:
        return told
    shown = reading.tiles(evaluation, source, [number])
    told["shown"] = shown[0] if shown else None
    if source.map is not None and shown:
        told["near"] = reading.nearest(evaluation, source, number)
        told["learnt"] = source.found.learnt
        told["agree"] = sum(one.tile["true"] == shown[0]["said"] for one in told["near"])
    return told
