"""An image that is erased goes from the archives in which corrections wait: they tell by hashes what they hold."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress

from django.db import transaction
from django.db.models import F

from webapp.accounts.models import Team
from webapp.datasets import files
from webapp.datasets.draft_models import Addition, Draft
from webapp.datasets.drafts import peeks, together, waiting
from webapp.datasets.models import Dataset
from webapp.jobs.models import Job

TRIES = 5  # while others correct at the same time


def holding(team: Team, digests: Collection[str]) -> list[Addition]:
    """Those of open drafts that hold such an image, also those that were taken back: an edit may be undone."""
    rows = Addition.objects.filter(draft__dataset__team=team, draft__closed_at=None, corrected=True)
    return [row for row in rows.select_related("draft__dataset", "draft__job").order_by("pk") if held_by(row) & set(digests)]


def held_by(row: Addition) -> set[str]:
    """The hashes of what lies in it; none of one that lies here no more."""
    with suppress(together.Overtaken):
        return set(together.digests(peeks.archive(row)))
    return set()


def sealed_by(rows: Collection[Addition]) -> Job | None:
    """A job that waits or runs to read one of them."""
    return next((row.draft.job for row in rows if row.draft.job is not None and not row.draft.job.is_final), None)


def forget(team: Team, digests: Collection[str], fence: Callable[[], None]) -> None:
    """Of each another archive without the image takes the place; what was said of it goes, and what was seen of it. May be done again."""
    for row in holding(team, digests):
        for _ in range(TRIES):
            with suppress(together.Overtaken):
                replace(Addition.objects.select_related("draft__dataset").get(pk=row.pk), digests, fence)
                break
        for digest in digests:
            waiting.forget(row.draft.dataset, digest)


def replace(row: Addition, digests: Collection[str], fence: Callable[[], None]) -> None:
    """Overtaken where a correction has another archive in its place meanwhile."""
    if held_by(row) <= set(digests):
        with transaction.atomic():
            lock(row, fence)
            remove(row)
        return

    def kept() -> bool:
        return Addition.objects.filter(file=path.name).exists()

    with (
        together.without(peeks.archive(row), digests) as archive,
        files.arriving(row.draft.dataset.folder, archive, archive.path.name, kept, where=peeks.FOLDER) as path,
        transaction.atomic(),
    ):
        lock(row, fence)
        if not Addition.objects.filter(pk=row.pk, file=row.file).update(file=path.name, bytes=files.check_size(archive)):
            raise together.Overtaken
        peeks.remove_archive(row.draft, row.file)


def lock(row: Addition, fence: Callable[[], None]) -> None:
    """Until the transaction ends nobody else changes its draft."""
    fence()
    Dataset.everything.select_for_update().filter(pk=row.draft.dataset_id).first()


def remove(row: Addition) -> None:
    """The whole addition, of which nothing would be left. Overtaken as `replace`."""
    rows = Addition.objects.filter(pk=row.pk, file=row.file)
    if (found := rows.first()) is None:
        raise together.Overtaken
    if not found.taken_back:
        Draft.objects.filter(pk=row.draft_id).update(added=F("added") - 1)
    rows.delete()
    peeks.remove_archive(row.draft, row.file)
