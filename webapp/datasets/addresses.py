"""Where members of a team see the images of a version, by their place in the pack."""

from __future__ import annotations

from typing import NamedTuple

from webapp.core.addresses import numbered
from webapp.datasets.models import DatasetVersion

SMALL_SIDE = 112  # pixels on the page that a small image fills at a whole multiple: 28 × 4


class Size(NamedTuple):
    """In pixels on a page."""

    width: int
    height: int


def thumb_url(version: DatasetVersion | None, image: int) -> str:
    """Its thumbnail."""
    return numbered("datasets:thumb", version.dataset_id, version.number, image) if version else ""


def image_url(version: DatasetVersion, image: int) -> str:
    """The whole."""
    return numbered("datasets:image", version.dataset_id, version.number, image)


def links(version: DatasetVersion, image: int) -> dict[str, str]:
    """Both."""
    return {"thumb": thumb_url(version, image), "link": image_url(version, image)}


def shown_size(width: int, height: int, *, small: bool, side: int = SMALL_SIDE) -> Size:
    """How large a page shows an image of so many pixels: of a version of `small` ones as many times as large as fits the side."""
    times = max(1, side // max(width, height)) if small else 1
    return Size(width * times, height * times)
