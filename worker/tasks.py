"""What a poke makes a worker do."""

from __future__ import annotations

import os
from typing import Any

from webapp.jobs import actions, queue
from webapp.jobs.models import Job, State
from webapp.jobs.queries import ORDER
from worker import attempt, slots, stopping
from worker.celery import app


@app.task(name=queue.RUN_JOB, bind=True)
def run_job(task: Any, job_id: str) -> None:
    """Claims the head of the job's queue, runs it to its end and pokes for the next.

    A poke for a job that is unknown, runs or has ended does nothing.
    """
    name = Job.objects.filter(pk=job_id, state=State.QUEUED).values_list("queue", flat=True).first()
    if name is None or stopping.is_stopping():
        return
    with slots.take(name) as slot:
        claim = actions.claim_next(name, f"{task.request.hostname}:{os.getpid()}") if slot else None
        if slot is not None and claim is not None:
            attempt.run(claim, slot.environment)
    poke_next(name)


def poke_next(name: str) -> None:
    """Says that the queue has more, where it has."""
    head = Job.objects.filter(queue=name, state=State.QUEUED).order_by(*ORDER).values_list("pk", flat=True).first()
    if head is not None and not stopping.is_stopping():
        queue.poke(head, name)
