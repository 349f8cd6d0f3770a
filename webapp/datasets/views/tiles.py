"""What a tile of a gallery shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse

from webapp.datasets import packs, queries
from webapp.datasets.models import DatasetVersion, Sample

SMALL_SIDE = 112  # pixels on the page that a small image fills at a whole multiple: 28 × 4


def tiles_of(version: DatasetVersion, found: Sequence[Sample]) -> list[dict[str, Any]]:
    """Each sample's picture at a size known beforehand, class and split."""
    try:
        sizes = packs.sizes(version, [sample.image for sample in found])
    except packs.Missing as error:  # deleted for good while this page was made
        raise Http404("The images of this dataset are not on this server.") from error
    gone = packs.erased(version, sizes)
    return [tile(version, sample, *sizes[sample.image]) | {"erased": sample.image in gone} for sample in found]


def tile(version: DatasetVersion, sample: Sample, width: int, height: int) -> dict[str, Any]:
    times = max(1, SMALL_SIDE // max(width, height)) if version.small else 1
    return {
        "thumb": thumb_url(version, sample.image),
        "image": reverse("datasets:image", args=[version.dataset_id, version.number, sample.image]),
        "width": width * times,
        "height": height * times,
        "pixels": f"{width} × {height}",
        "name": version.classes[sample.label]["name"],
        "split": queries.SPLIT_NAMES[sample.split],
        "path": sample.path,
        "position": sample.position,
        "history": reverse("datasets:history", args=[version.dataset_id, sample.position]),
    }


def thumb_url(version: DatasetVersion | None, image: int) -> str:
    return reverse("datasets:thumb", args=[version.dataset_id, version.number, image]) if version else ""


def links(version: DatasetVersion, image: int) -> dict[str, str]:
    """Where a member sees an image: its thumbnail and the whole."""
    return {"thumb": thumb_url(version, image), "link": reverse("datasets:image", args=[version.dataset_id, version.number, image])}
