"""The ways in which a version is given out, by the word that an address names them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.text import slugify

from webapp.datasets.downloads import archives, tables, zips
from webapp.datasets.downloads.zips import Members
from webapp.datasets.models import DatasetVersion


class Content(NamedTuple):
    """What is sent, and its bytes where they are known beforehand."""

    parts: Iterator[bytes]
    length: int | None


class Way(NamedTuple):
    """One of them, as menus name it."""

    title: str
    hint: str
    ending: str
    media_type: str
    make: Callable[[DatasetVersion], Content]


def zipped(members: Callable[[DatasetVersion], Members]) -> Callable[[DatasetVersion], Content]:
    """A zip of those files."""

    def make(version: DatasetVersion) -> Content:
        found = members(version)
        return Content(zips.written(found, version.sealed_at), zips.length(found))

    return make


WAYS: dict[str, Way] = {
    "folders": Way(
        "Class folders (zip)", "the images, a folder a split and class", ".zip", "application/zip", zipped(archives.class_folders)
    ),
    "imagefolder": Way(
        "imagefolder (zip)", "as HuggingFace's datasets reads it", "-imagefolder.zip", "application/zip", zipped(archives.imagefolder)
    ),
    "csv": Way(
        "Table (CSV)", "a row an image, without the images", ".csv", "text/csv; charset=utf-8", lambda it: Content(tables.as_csv(it), None)
    ),
    "jsonl": Way(
        "Table (JSON lines)",
        "an object an image, without the images",
        ".jsonl",
        "application/jsonl",
        lambda it: Content(tables.as_json_lines(it), None),
    ),
}


def file_name(version: DatasetVersion, way: Way) -> str:
    """ "pets-v3.zip": the dataset, the version, and what it is; plain letters, for every file system."""
    return f"{slugify(version.dataset.name)[:80] or 'dataset'}-v{version.number}{way.ending}"
