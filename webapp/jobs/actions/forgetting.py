"""How jobs go for good, with the thing that they made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from webapp.jobs.models import FINAL, Attempt, Job, JobEvent

SENTENCES = ("state", "log", "problem", "progress")  # kinds of events that say something in words

STAGE_LENGTH = 200  # of the row: what stands in a name's place may be longer than it


def told_by(job_id: str) -> tuple[QuerySet[JobEvent], tuple[str, ...]]:
    """What a job told, and the order in which an index gives it: there may be more than one transaction should delete."""
    return JobEvent.objects.filter(job=job_id), ("seq",)


def forget(ids: Collection[str]) -> None:
    """Deletes ended jobs, with their attempts and events; nothing refers to them any more."""
    Job.objects.filter(pk__in=ids, state__in=FINAL).delete()


def reword(jobs: QuerySet[Job], texts: Sequence[str], reworded: Callable[[str], str]) -> None:
    """What these jobs told or failed with, where one of the texts is in it: events, errors, stages, and how attempts ended."""
    for job in jobs.filter(either("error__contains", texts) | either("stage__contains", texts)).only("error", "stage"):
        Job.objects.filter(pk=job.pk).update(error=reworded(job.error), stage=reworded(job.stage)[:STAGE_LENGTH])
    for attempt in Attempt.objects.filter(either("outcome__contains", texts), job__in=jobs):
        Attempt.objects.filter(pk=attempt.pk).update(outcome=reworded(attempt.outcome))
    held = either("data__file", texts) | either("data__message__icontains", texts) | either("data__error__icontains", texts)
    held |= either("data__stage__icontains", texts)
    for event in JobEvent.objects.filter(held, job__in=jobs, kind__in=SENTENCES):
        told = {name: reworded(value) if isinstance(value, str) else value for name, value in event.data.items()}
        JobEvent.objects.filter(pk=event.pk).update(data=told)


def either(lookup: str, texts: Sequence[str]) -> Q:
    """Whether one of them is there."""
    return reduce(or_, (Q(**{lookup: text}) for text in texts))
