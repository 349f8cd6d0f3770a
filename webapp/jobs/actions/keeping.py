"""What the keeper does for jobs whose worker or message was lost, and how processes report themselves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from webapp.jobs import queue
from webapp.jobs.actions.ending import give_up
from webapp.jobs.clock import ago, later, node_alive_seconds
from webapp.jobs.models import Job, Node, Queue, State

LOST = "The worker that ran this job stopped answering."
WAITING_SECONDS = 2.0  # a younger job's own poke is still on its way
MOST_LEASES = 10  # no lease is for so long: one that ends later was given before the clock was set back


def reap() -> list[str]:
    """Ends every running attempt whose lease is over by the database's clock; gives the jobs' ids. Two at once have one effect.

    Over is also one from before the clock was set back by hours: its worker has not renewed it since.
    """
    over = Q(state=State.RUNNING) & (Q(lease_until__lt=Now()) | Q(lease_until__gt=later(MOST_LEASES * settings.JOB_LEASE_SECONDS)))
    reaped = []
    for job_id, fence, owner in Job.objects.filter(over).values_list("id", "fence", "owner"):
        if give_up(job_id, fence, over & Q(fence=fence), f"{LOST} It was {owner}.", "lost", retry=True) is not None:
            reaped.append(job_id)
    return reaped


def dispatch() -> list[str]:
    """Pokes the head of each queue that has free slots, for whatever message got lost; gives the jobs' ids."""
    poked = []
    for name in Queue.values:
        free = free_slots(name)
        old = Q(queued_at__lt=ago(WAITING_SECONDS)) | Q(queued_at__gt=later(WAITING_SECONDS))  # or the clock was set back meanwhile
        waiting = Job.objects.filter(old, queue=name, state=State.QUEUED)
        for job_id in waiting.order_by("-priority", "queued_at", "id").values_list("id", flat=True)[:free]:
            queue.poke(job_id, name)
            poked.append(job_id)
    return poked


def free_slots(name: str) -> int:
    """Slots of living workers that run nothing. With none alive a message would only lie there; one that refuses reports none."""
    alive = Node.objects.filter(role=name, beat_at__gte=ago(node_alive_seconds()))
    return max(0, sum(alive.values_list("slots", flat=True)) - Job.objects.filter(queue=name, state=State.RUNNING).count())


def beat(name: str, role: str, host: str, slots: int = 1, info: dict[str, Any] | None = None) -> None:
    """A process reports that it lives."""
    facts: dict[str, Any] = {"role": role, "host": host, "slots": slots, "info": info or {}, "beat_at": Now()}
    if not Node.objects.filter(pk=name).update(**facts):
        Node.objects.bulk_create([Node(name=name, **(facts | {"beat_at": Now()}))], ignore_conflicts=True)


def leave(name: str) -> None:
    """A process ends in good order."""
    Node.objects.filter(pk=name).delete()


def forget_host(host: str) -> None:
    """Before the processes of a host start: what an earlier start left there lives no more, however fresh its last beat."""
    Node.objects.filter(host=host).delete()


def forget_nodes(seconds: float = 86_400.0) -> None:
    """Drops processes that have been silent for a day."""
    Node.objects.filter(beat_at__lt=ago(seconds)).delete()
