"""The images on which two networks part: mended, broken, and those that both get wrong; some at a time, the largest change first."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from django.urls import reverse

from classifier.metrics.comparison import BOTH_WRONG, BROKEN, FIXED
from classifier.metrics.scored import Scored
from classifier.spec.events import finite
from webapp.datasets.models import Sample
from webapp.evaluations.comparing.pairs import Joined, Numbers
from webapp.evaluations.images.showing import samples_at
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import image_addresses, names_of

AT_ONCE = 48
CODES = {"broken": BROKEN, "fixed": FIXED, "both_wrong": BOTH_WRONG}
WORDS = {"broken": "Broken", "fixed": "Fixed", "both_wrong": "Both wrong"}
NOTES = {
    "broken": "right before, wrong now; what it is surest of first",
    "fixed": "wrong before, right now; what was worst before first",
    "both_wrong": "the second one's highest loss first",
}


class Said(NamedTuple):
    """What a network says of an image."""

    name: str
    probability: float | None  # None where it was no number
    right: bool


class Flip(NamedTuple):
    """One image; `position` is its place in the dataset."""

    position: int
    true: str
    first: Said
    second: Said
    path: str
    thumb: str  # where its picture is; empty where it was erased, or its dataset is gone
    link: str  # the page of the image


class Page(NamedTuple):
    """Some of them, and where the next begin; 0 at the end."""

    rows: list[Flip]
    n: int
    following: int


def places(found: Joined, show: str, label: int | None, first: Scored, second: Scored) -> Numbers:
    """The places in `found` of one outcome, in the order in which they are shown; of one true class alone where that is named. They are
    kept with it."""
    order = found.orders.get((show, label))
    if order is None:
        order = found.orders[show, label] = ordered(found, show, label, first, second)
    return order


def ordered(found: Joined, show: str, label: int | None, first: Scored, second: Scored) -> Numbers:
    """The same, anew."""
    wanted = found.codes == CODES[show]
    if label is not None:
        wanted &= found.labels == label
    some = np.flatnonzero(wanted)
    now, before = second["loss"][found.second_rows[some]], first["loss"][found.first_rows[some]]
    worse = {"broken": now - before, "fixed": before - now, "both_wrong": now}[show]
    return some[np.argsort(-np.nan_to_num(worse, nan=np.inf, posinf=np.inf), kind="stable")].astype(np.int32)


def page(found: Joined, first: Evaluation, second: Evaluation, show: str, label: str = "", start: int = 0) -> Page:
    """Up to AT_ONCE images from `start` on; of a class that neither knows, none."""
    before, now = first.scored, second.scored
    if before is None or now is None or (label and label not in found.classes):
        return Page([], 0, 0)
    every = places(found, show, found.classes.index(label) if label else None, before, now)
    some = every[start : start + AT_ONCE]
    following = start + AT_ONCE if start + AT_ONCE < len(every) else 0
    return Page(rows(found, some, (first, before), (second, now)), len(every), following)


def rows(found: Joined, some: Numbers, first: tuple[Evaluation, Scored], second: tuple[Evaluation, Scored]) -> list[Flip]:
    """The images at those places: pictures as the first one's version has them, pages as the second measured them."""
    (evaluation, before), (other, now) = first, second
    names = names_in(found, first[0], second[0])
    positions = before["position"][found.first_rows[some]].tolist()
    samples = samples_at(evaluation.version, positions)
    made = [
        flip(evaluation, samples.get(position), position, names[found.labels[at]], *said(found, at, before, now, names))
        for at, position in zip(some.tolist(), positions, strict=True)
    ]
    beside = f"?beside={evaluation.experiment_id}"  # its explanation begins with both networks
    pages = [reverse("evaluations:image", args=[other.pk, row]) + beside for row in found.second_rows[some].tolist()]
    return [each._replace(link=address) if each.thumb else each for each, address in zip(made, pages, strict=True)]


def said(found: Joined, at: int, before: Scored, now: Scored, names: list[str]) -> tuple[Said, Said]:
    """What both say of the image at that place."""
    true = found.labels[at]
    one, other = before[found.first_rows[at]], now[found.second_rows[at]]
    return (
        Said(names[found.first[at]], finite(float(one["probability"])), bool(found.first[at] == true)),
        Said(names[found.second[at]], finite(float(other["probability"])), bool(found.second[at] == true)),
    )


def flip(evaluation: Evaluation, sample: Sample | None, position: int, true: str, first: Said, second: Said) -> Flip:
    return Flip(
        position, true, first, second, sample.path if sample else "", **image_addresses(evaluation, sample.image if sample else None)
    )


def names_in(found: Joined, first: Evaluation, second: Evaluation) -> list[str]:
    """Readable names of the classes that both know together."""
    known = names_of(second) | names_of(first)
    return [known.get(label, label) for label in found.classes]


def label_of(found: Joined, first: Evaluation, second: Evaluation, text: str) -> str | None:
    """The label that a text names, by itself or, where one class alone is called so, by its readable name; None where it names none."""
    if not text or text in found.classes:
        return text
    called = [label for label, name in zip(found.classes, names_in(found, first, second), strict=True) if name == text]
    return called[0] if len(called) == 1 else None


def told(flip: Flip) -> dict[str, Any]:
    """For programs."""
    return {
        "position": flip.position,
        "path": flip.path,
        "label": flip.true,
        "first": {"label": flip.first.name, "probability": flip.first.probability},
        "second": {"label": flip.second.name, "probability": flip.second.probability},
    }
