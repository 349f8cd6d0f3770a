"""What was found of a checkpoint's filters, and the images behind it. From files alone: an answer takes no network."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import excited
from classifier.metrics.excited import Excited, Layer
from classifier.metrics.scored import FORGOTTEN
from classifier.spec.errors import InputError
from classifier.spec.exciting import frame
from classifier.spec.packfile import STORAGE_PIXELS
from classifier.spec.viewing import part_seen
from webapp.datasets import packs
from webapp.datasets.addresses import links
from webapp.datasets.models import Sample
from webapp.evaluations.study_models import Study, What
from webapp.experiments import checkpoints
from webapp.experiments.models import Experiment

NO_LAYER = "Of the layer {layer!r} nothing is known: it has no filters, or this network has no such layer."
NO_FILTER = "The layer {layer} has the filters 0 to {last}; {number} came."
NO_NUMBER = "The filter must be a number from 0; {came} came."
GONE = "What was found is not on this server any more. Look at the validation images again."
NO_FILES = "The images of this dataset are not on this server."


class Found(NamedTuple):
    """A filter and its images, the strongest first."""

    layer: Layer
    filter: int
    mean: float | None  # of each image's strongest value
    tiles: list[dict[str, Any]]
    same: float | None  # what it gives on every image, where that is the same of all: none of them excites it


def looked(experiment: Experiment, checkpoint: str, *, raw: bool) -> Study | None:
    """The newest look at that very network that found something: a training that went on has another one under the same name."""
    entry = checkpoints.entry(experiment, checkpoint)
    if entry is None:
        return None
    rows = Study.objects.filter(experiment=experiment, what=What.FILTERS, raw=raw, result__isnull=False).exclude(files="")
    rows = rows.select_related("job", "created_by", "experiment", "version__dataset").order_by("-id")
    return next((study for study in rows if (study.result or {}).get("checkpoint") == entry.get("sha256")), None)


def newest(experiment: Experiment, checkpoint: str, *, raw: bool) -> Study | None:
    """The newest that was asked for by that name, however it stands; none by a name that PostgreSQL refuses to look for."""
    if "\0" in checkpoint:
        return None
    rows = Study.objects.filter(experiment=experiment, what=What.FILTERS, checkpoint=checkpoint, raw=raw)
    return rows.select_related("job", "created_by").order_by("-id").first()


def filter_in(text: str) -> int:
    """A filter's number; InputError for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(NO_NUMBER.format(came=text[:40] or "nothing"))
    return int(text)


def of_filter(study: Study, layer: str, number: int) -> Found:
    """InputError for a layer or a filter that there is not, and where files are gone."""
    whole = excited.read(study.stem)
    if whole is None:
        raise InputError(GONE)
    entry = whole.layer(layer)
    if entry is None:
        raise InputError(NO_LAYER.format(layer=layer[:80]))
    if not 0 <= number < entry["filters"]:
        raise InputError(NO_FILTER.format(layer=layer[:80], last=entry["filters"] - 1, number=number))
    told = whole.filter(entry, number)
    best = [one for one in told["best"] if one["position"] != FORGOTTEN]
    several = whole.about["images"] > 1  # a single one is the same as itself
    same = float(told["least"]) if several and best and float(best[0]["value"]) == float(told["least"]) else None
    tiles = [] if same is not None else tiles_of(study, whole, entry, best)
    return Found(entry, number, float(told["mean"]) if np.isfinite(told["mean"]) else None, tiles, same)


def tiles_of(study: Study, whole: Excited, layer: Layer, best: list[np.void]) -> list[dict[str, Any]]:
    """What a page shows of these images, in their order; erased ones are left out."""
    version = study.version
    rows = Sample.objects.filter(version=version, position__in=[int(one["position"]) for one in best])
    samples = {sample.position: sample for sample in rows}
    shown = [(one, samples[int(one["position"])]) for one in best if int(one["position"]) in samples]
    try:
        gone = packs.erased(version, [sample.image for _, sample in shown])
        index = packs.index(version.folder)
    except packs.Missing:
        raise InputError(NO_FILES) from None
    made = []
    for one, sample in shown:
        if sample.image in gone:
            continue
        entry, named = index[sample.image], version.classes[sample.label]
        width, height, small = int(entry["width"]), int(entry["height"]), int(entry["storage"]) == STORAGE_PIXELS
        part = part_seen(width, height, whole.about["side"], resize=whole.about["resize"], small=small)
        place = None if layer["grid"] is None else (int(one["down"]), int(one["across"]))
        made.append(
            {
                "position": sample.position,
                "path": sample.path,
                "label": named["label"],
                "name": named["name"] or named["label"],
                "value": float(one["value"]),
                "place": place,
                "frame": None if place is None or layer["grid"] is None else frame(*place, layer["grid"], part, width, height),
                "width": width,
                "height": height,
                "small": small,
                **links(version, sample.image),
            }
        )
    return made
