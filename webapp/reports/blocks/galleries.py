"""Blocks of images: looked up among the predictions at each look, so that one that was erased is in none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics.scored import FORGOTTEN
from classifier.spec.events import finite
from webapp.core.words import plural, thousands
from webapp.datasets import packs
from webapp.evaluations.images.listing import Asked, Unscored, kept_of, made
from webapp.evaluations.images.showing import samples_at
from webapp.evaluations.images.wanted import Wanted
from webapp.reports.blocks.choices import SHOWN
from webapp.reports.blocks.shown import Found, Gone, Picture, Source, Where

UNKEPT = "Of this evaluation single predictions are not kept, so it has no images to show. Evaluate it again, and they are."
NO_FILES = "The images of this dataset are not on this server any more."
NONE = {
    "unsure": "No image was measured.",
    "right": "No image was named rightly.",
    "cell": "No image of it was taken for that class.",
}


class Kind(NamedTuple):
    """Which images, in which order, and what they are called."""

    wanted: Wanted
    words: str  # of all that match
    order: str


def kind_of(source: Source, options: dict[str, Any]) -> Kind:
    """Raises Gone where the network knows no such class."""
    what = options["what"]
    if what in ("class", "cell"):
        true = source.place(options["true"])
        if what == "class":
            return Kind(Wanted(true=(true,), right=False), f"mistakes on {source.names[true]}", "highest loss first")
        said = source.place(options["said"])
        words = f"images of {source.names[true]} that are called {source.names[said]}"
        return Kind(Wanted(true=(true,), said=(said,)), words, "highest loss first")
    return {
        "worst": Kind(Wanted(right=False), "mistakes", "highest loss first"),
        "sure": Kind(Wanted(right=False, sort="sure"), "mistakes", "most confident first"),
        "unsure": Kind(Wanted(sort="unsure"), "images", "least confident first"),
        "right": Kind(Wanted(right=True, sort="sure"), "images that are named rightly", "most confident first"),
    }[what]


@lru_cache(maxsize=128)
def first(asked: Asked) -> tuple[list[int], int]:
    """The rows of the first images of a list, as many as a gallery may show, and how many it has: whoever looks at a report asks for each
    picture by itself, and to put together a list of a million predictions takes as long as all else of an answer."""
    every = made(asked).rows
    there = np.flatnonzero(asked.file.rows()["position"][every] != FORGOTTEN)
    return every[there[: max(SHOWN)]].tolist(), len(every)


def found(source: Source, options: dict[str, Any]) -> tuple[list[Found], int]:
    """The images, and of how many; erased ones are not among them. Raises Gone."""
    evaluation = source.evaluation
    try:
        kept = kept_of(evaluation)
        rows = kept.rows()
        every, n = first(Asked(kept, evaluation.version.folder, evaluation.version.erased, kind_of(source, options).wanted))
        some = every[: int(options["shown"])]
        samples = samples_at(evaluation.version, rows["position"][some].tolist())
        gone = packs.erased(evaluation.version, [sample.image for sample in samples.values()])
    except Unscored as error:
        raise Gone(UNKEPT) from error
    except packs.Missing as error:
        raise Gone(NO_FILES) from error
    images = []
    for row in some:
        sample = samples.get(int(rows["position"][row]))
        if sample is not None and sample.image not in gone:
            images.append(one(source, row, rows[row], sample.image, sample.path))
    return images, n


def one(source: Source, row: int, cells: np.void, image: int, path: str) -> Found:
    true, said = (name(source.names, int(cells[column])) for column in ("label", "predicted"))
    return Found(row, image, path, true, said, finite(float(cells["probability"])), finite(float(cells["loss"])))


def name(names: Sequence[str], number: int) -> str:
    """A network may say a class that the data does not have."""
    return names[number] if 0 <= number < len(names) else f"class {number}"


def gallery(source: Source, options: dict[str, Any], number: int, where: Where) -> dict[str, Any]:
    """The images with what was said of each."""
    images, n = found(source, options)
    kind = kind_of(source, options)
    if not images:
        return {"note": source.on, "words": [NONE.get(options["what"], "No mistake, so no image.")]}
    of = f"{len(images)} of {thousands(n)} {kind.words}" if len(images) < n else f"{plural(n, 'image')}, all there are"
    pictures = [
        Picture(
            true=image.true,
            said=image.said,
            right=image.true == image.said,
            probability=image.probability,
            loss=image.loss,
            thumb=where.thumb(number, place, image),
            link=where.page(image),
            path=where.path(image),
        )
        for place, image in enumerate(images)
    ]
    return {"pictures": pictures, "small": source.evaluation.version.small, "note": f"{source.split} split, {of} · {kind.order}"}
