"""What a gallery sorts and filters by, made of versions that were sealed before there was such a file: `manage.py index`."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.datasets.browsing import columns, order
from webapp.datasets.models import DatasetVersion


def lacking() -> Iterator[DatasetVersion]:
    """Sealed versions whose files are here and that lack the order of their paths, or the counts of their metadata; oldest first."""
    for version in DatasetVersion.objects.filter(ready=True).select_related("dataset").order_by("id").iterator():
        if lacks(version, "paths.txt", "order.bin") or lacks(version, "metadata.jsonl", "columns.json"):
            yield version


def lacks(version: DatasetVersion, source: str, made: str) -> bool:
    return (version.folder / source).exists() and not (version.folder / made).exists()


def build(version: DatasetVersion) -> None:
    """Both, while galleries are looked at."""
    columns.build(version.folder)
    order.build(version.folder)
