"""How jobs go for good, with the thing that they made."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from webapp.jobs.models import FINAL, Job, JobEvent


def told_by(job_id: str) -> tuple[QuerySet[JobEvent], tuple[str, ...]]:
    """What a job told, and the order in which an index gives it: there may be more than one transaction should delete."""
    return JobEvent.objects.filter(job=job_id), ("seq",)


def forget(ids: Collection[str]) -> None:
    """Deletes ended jobs, with their attempts and events; nothing refers to them any more."""
    Job.objects.filter(pk__in=ids, state__in=FINAL).delete()
