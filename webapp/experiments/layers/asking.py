"""Which image a network is watched on, which of its checkpoints, and what the resident worker is asked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from django.http import Http404

from classifier.spec.errors import InputError
from classifier.spec.packfile import ERASED
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import get_for
from webapp.datasets import packs
from webapp.datasets.models import Dataset, DatasetVersion, Sample, Split
from webapp.experiments import why_client
from webapp.experiments.models import Experiment

NO_IMAGES = "No image of this dataset is left on this server, so no layer can be watched on one."
GONE = "That image was erased, or its files are not on this server. Choose another one."
NO_VERSION = "This dataset has no such version."
NO_IMAGE = "This dataset version has no image at the position {position}."
NAME_LENGTH = 200
MOST_POSITION = 2**31 - 1


class Shown(NamedTuple):
    """The image that the network is watched on, with its neighbours in its split (None at the ends)."""

    version: DatasetVersion
    position: int
    sample: Sample
    label: str
    before: int | None
    behind: int | None


def number(fields: Any, name: str) -> int | None:
    """A whole number of an address; None where there is none."""
    text = str(fields.get(name) if fields.get(name) is not None else "")
    return min(int(text), MOST_POSITION) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def version_of(actor: Actor, experiment: Experiment, fields: Any) -> DatasetVersion:
    """The version that an address names by `of` and `version`, else the training's. Http404 for what the team does not have."""
    if not fields.get("of"):
        return experiment.version
    dataset = get_for(actor, Dataset, str(fields["of"]), "dataset.read")
    found = dataset.versions.filter(ready=True, number=number(fields, "version") or 1).first()
    if found is None:
        raise Http404(NO_VERSION)
    found.dataset = dataset
    return found


def living(version: DatasetVersion, split: int | None) -> np.ndarray:
    """Positions of a split's images (None: of all) that were not erased."""
    try:
        samples = packs.table(version.folder)
        storage = packs.index(version.folder)["storage"] if version.erased else None
    except packs.Missing:
        return np.zeros(0, np.int64)
    kept = samples["split"] <= max(Split.values) if split is None else samples["split"] == split
    if storage is not None:
        kept = kept & (storage[samples["image"]] & ERASED == 0)
    return np.flatnonzero(kept)


def shown(version: DatasetVersion, position: int | None) -> Shown:
    """That image, or the first of validation; Http404 for a position that there is not, InputError where no image is left."""
    if position is None:
        some = living(version, Split.VALIDATION)
        some = some if len(some) else living(version, None)
        if not len(some):
            raise InputError(NO_IMAGES)
        position = int(some[0])
    sample = Sample.objects.filter(version=version, position=position).first()
    if sample is None:
        raise Http404(NO_IMAGE.format(position=position))
    beside = living(version, sample.split)
    at = int(np.searchsorted(beside, position))
    behind = at + 1 if at < len(beside) and beside[at] == position else at
    entry = version.classes[sample.label]
    neighbours = (int(beside[at - 1]) if at else None, int(beside[behind]) if behind < len(beside) else None)
    return Shown(version, position, sample, entry["name"] or entry["label"], *neighbours)


def picture(found: Shown) -> why_client.Picture:
    """What the network is shown; InputError where it is gone."""
    try:
        return why_client.Picture(found.sample.path, packs.picture(found.version, found.sample.image)[0])
    except packs.Missing:
        raise InputError(GONE) from None


def checkpoint_in(fields: Any) -> str:
    """best, last or an epoch's number."""
    return str(fields.get("checkpoint") or "best").replace("\0", "")[:20]


def raw_in(fields: Any) -> bool:
    """Whether the weights themselves are meant, where the checkpoint keeps an average of them."""
    return str(fields.get("raw") or "") in ("1", "true", "True")


def question(fields: Any) -> dict[str, Any]:
    """What is asked: about layers, about one of them, or about one of its filters."""
    about = str(fields.get("about") or "layers")
    if about not in ("layers", "layer", "filter"):
        raise InputError(f"It must be about layers, layer or filter; {about[:40]} came.")
    return {"about": about, "layer": str(fields.get("layer") or "")[:NAME_LENGTH], "filter": str(fields.get("filter") or "0")[:20]}
