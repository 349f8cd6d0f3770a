"""Removes uploads that nobody goes on with, and files that no upload needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from webapp.datasets.files import is_free
from webapp.datasets.models import Upload
from webapp.jobs.clock import ago

DAY_SECONDS = 86_400.0


def over_term() -> list[Path]:
    """Removes the rows whose term is over, finished ones too, and gives the files that go with them."""
    paths = []
    for upload in Upload.objects.filter(touched_at__lte=ago(settings.UPLOAD_DAYS * DAY_SECONDS)):
        free = not upload.path.exists() or is_free(upload.path)
        if free and Upload.objects.filter(pk=upload.pk, touched_at=upload.touched_at).delete()[0]:  # else somebody goes on with it
            paths.append(upload.path)
    return [path for path in paths if path.exists()]


def without_row(home: Path) -> Iterator[Path]:
    """Files of uploads that were discarded, or became a dataset, by a process that died before it removed them."""
    there = {path.name: path for path in (home / "uploads").glob("*")}
    needed = set(Upload.objects.filter(pk__in=there, finished_at=None).values_list("pk", flat=True))
    return (path for name, path in there.items() if name not in needed)
