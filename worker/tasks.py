"""What a poke makes a worker do."""

from __future__ import annotations

import logging
import os
from typing import Any

from classifier.spec.faults import fault
from webapp.core import schema
from webapp.jobs import actions, queue
from webapp.jobs.models import Job, State
from webapp.jobs.queries import ORDER
from webapp.jobs.room import lacking
from worker import attempt, slots, stopping
from worker.celery import app
from worker.claim import now

logger = logging.getLogger(__name__)


@app.task(name=queue.RUN_JOB, bind=True)
def run_job(task: Any, job_id: str) -> None:
    """Claims the head of the job's queue, runs it to its end and pokes for the next.

    A poke for a job that is unknown, runs or has ended does nothing, nor does one that finds every slot taken: who holds
    a slot pokes when it is free again, and the keeper pokes for whatever is left. A worker whose code does not fit the
    database's tables claims nothing: it would write rows by rules that hold no more. Nor does one whose disk is full: the keeper
    pokes again, and the queue page says what is waited for.
    """
    name = Job.objects.filter(pk=job_id, state=State.QUEUED).values_list("queue", flat=True).first()
    if name is None or stopping.is_stopping():
        return
    if differs := schema.mismatch():
        logger.error("Job %s is not taken, since this worker's %s", job_id, differs)
        return
    if lacking():
        return
    if run_next(name, f"{task.request.hostname}:{os.getpid()}"):
        fault("between_claims")
        poke_next(name)


def run_next(name: str, owner: str) -> bool:
    """Runs the head of a queue on a free slot; False where there was no slot or nothing to claim."""
    with slots.take(name) as slot:
        claimed_at = now()
        claim = actions.claim_next(name, owner) if slot else None
        if slot is None or claim is None:
            return False
        if attempt.run(claim, slot.environment, claimed_at=claimed_at) == attempt.DEVICE_LOST:
            logger.error("%s stopped working; it takes no further job until this worker is started anew", slot.name)
            slots.drain(slot)
    return True


def poke_next(name: str) -> None:
    """Says that the queue has more, where it has."""
    head = Job.objects.filter(queue=name, state=State.QUEUED).order_by(*ORDER).values_list("pk", flat=True).first()
    if head is not None and not stopping.is_stopping():
        queue.poke(head, name)
