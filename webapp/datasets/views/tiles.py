"""What a tile of a gallery shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404

from webapp.core.addresses import numbered
from webapp.datasets import packs, queries
from webapp.datasets.addresses import image_url, shown_size, thumb_url
from webapp.datasets.models import DatasetVersion, Sample


def tiles_of(version: DatasetVersion, found: Sequence[Sample]) -> list[dict[str, Any]]:
    """Each sample's picture at a size known beforehand, class and split."""
    try:
        sizes = packs.sizes(version, [sample.image for sample in found])
    except packs.Missing as error:  # deleted for good while this page was made
        raise Http404("The images of this dataset are not on this server.") from error
    gone = packs.erased(version, sizes)
    return [tile(version, sample, *sizes[sample.image]) | {"erased": sample.image in gone} for sample in found]


def tile(version: DatasetVersion, sample: Sample, width: int, height: int) -> dict[str, Any]:
    return {
        "thumb": thumb_url(version, sample.image),
        "image": image_url(version, sample.image),
        **shown_size(width, height, small=version.small)._asdict(),
        "pixels": f"{width} × {height}",
        "name": version.classes[sample.label]["name"],
        "split": queries.SPLIT_NAMES[sample.split],
        "path": sample.path,
        "position": sample.position,
        "history": numbered("datasets:history", version.dataset_id, sample.position),
    }
