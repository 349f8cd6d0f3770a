"""Things that calls name beside the one in front: a version by its number, an image by its position."""

from __future__ import annotations

from typing import Annotated

from ninja import Path

from webapp.api.errors import ApiError
from webapp.datasets.forms import MOST_POSITION
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.datasets.queries import newest_version, sealed_versions

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Of the sealed version.")]
Position = Annotated[int, Path(ge=0, le=MOST_POSITION, description="Of the image, as the list of images has it.")]
NO_VERSION = "This dataset has no sealed version {number}."
NO_IMAGE = "This dataset has no image at the position {position}."


def version_at(dataset: Dataset, number: int) -> DatasetVersion:
    """ApiError 404 where there is none."""
    version = sealed_versions(dataset).filter(number=number).first()
    if version is None:
        raise ApiError(404, "not_found", NO_VERSION.format(number=number))
    version.dataset = dataset
    return version


def image_at(dataset: Dataset, position: int, number: int | None = None) -> tuple[DatasetVersion, Sample]:
    """(a version that has the image, what it says of it): that of the number, else the newest that has it. ApiError 404 without any."""
    versions = [version_at(dataset, number)] if number is not None else [found] if (found := newest_version(dataset)) else []
    sample = Sample.objects.filter(version__in=versions, position=position).first()
    if sample is None and number is None:
        known = sealed_versions(dataset).filter(samples__position=position).first()
        versions = [known] if known else []
        sample = Sample.objects.filter(version__in=versions, position=position).first()
    if sample is None:
        raise ApiError(404, "not_found", NO_IMAGE.format(position=position))
    version = versions[0]
    version.dataset = dataset
    return version, sample
