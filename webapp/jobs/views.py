"""The queue page, and what every page needs of a job: its events and a way to stop it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.actor import Request
from webapp.accounts.models import Team
from webapp.accounts.permissions import allowed, get_for
from webapp.core.ids import is_id
from webapp.core.returning import back
from webapp.core.words import plural
from webapp.jobs import actions, queries, room
from webapp.jobs.clock import database_time
from webapp.jobs.hosts import hosts
from webapp.jobs.models import FINAL, Attempt, Job
from webapp.jobs.nodes import seen
from webapp.jobs.services import services
from webapp.jobs.subjects import SUBJECTS

MOST_WAITING = 100
RECENT = 12
MOST_CANCELLED = 500  # jobs in one call
LARGEST_SEQ = 2**62
CANCEL_WORDS = {
    "cancelled": (messages.SUCCESS, "cancelled"),
    "requested": (messages.INFO, "told to stop, which takes a few seconds"),
    "ended": (messages.WARNING, "not there to cancel any more"),
}


@require_safe
@allowed("job.read")
def queue(request: Request) -> HttpResponse:
    """What runs, what waits and in which position, what ended lately, and whether the services live."""
    template = "jobs/_queue.html" if request.headers.get("HX-Request") else "jobs/queue.html"
    return render(request, template, queue_context(request.actor.team))


def queue_context(team: Team) -> dict[str, Any]:
    """Everything on the queue page; other teams' jobs count, their names stay theirs."""
    waiting = ranked(list(queries.waiting().select_related(*SUBJECTS)[: MOST_WAITING + 1]))
    paused = with_subjects(queries.outside_trash(queries.paused(team)))[:RECENT]
    recent = with_subjects(queries.outside_trash(Job.objects.filter(team=team, state__in=FINAL))).order_by("-id")[:RECENT]
    now = database_time()
    nodes = seen(now)
    parts = services(nodes)
    full = next(part.sentence if not part.ok else "" for part in parts if part.name == "disk")
    running = list(with_subjects(queries.heard(queries.running())))
    return {
        "running": [{"job": job, "silence": queries.silence(job, now)} for job in running],
        "waiting": [row | {"why": room.why(row["job"].error, full)} for row in waiting[:MOST_WAITING]],
        "more_waiting": len(waiting) > MOST_WAITING,
        "paused": [{"job": job, "why": room.why(job.error, "")} for job in paused],  # they wait for somebody, not for room
        "recent": list(recent),
        "services": parts,
        "hosts": hosts(nodes, running),
        "team": team,
    }


def with_subjects(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Jobs with what they belong to and their attempts, in a fixed number of queries."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("number"))
    return jobs.select_related(*SUBJECTS, "created_by").prefetch_related(attempts, "evaluations")


def ranked(waiting: list[Job]) -> list[dict[str, Any]]:
    """Jobs with their place in their own queue, 1 for the next; `waiting` is in order, the next first."""
    places: dict[str, int] = {}
    rows = []
    for job in waiting:
        places[job.queue] = places.get(job.queue, 0) + 1
        rows.append({"job": job, "position": places[job.queue]})
    return rows


@require_safe
@allowed("job.read")
def events(request: Request, id: str) -> JsonResponse:
    """The job's events after `since`, as the API gives them; pages fill the gaps of the socket here."""
    job = get_for(request.actor, Job, id, "job.read")
    found = queries.events_since(job, number(request.GET.get("since", "0")))
    rows = [{"seq": event.seq, "kind": event.kind, "data": event.data, "time": event.time} for event in found.events]
    return JsonResponse({"events": rows, "next": found.next})


def number(text: str) -> int:
    """A sequence number from an address; what is none counts as the beginning."""
    return min(int(text), LARGEST_SEQ) if text.isdecimal() and len(text) < 25 else 0


@require_POST
@allowed("job.edit")
def cancel(request: Request, id: str) -> HttpResponse:
    """Asks a job to stop, and goes back to where the button was."""
    job = get_for(request.actor, Job, id, "job.edit")
    outcome = actions.request_cancel(job, request.actor)
    if outcome == "ended":
        messages.warning(request, f"{job.title} had ended already.")
    elif outcome == "requested":
        messages.info(request, f"{job.title} stops within a few seconds.")
    else:
        messages.success(request, f"{job.title} is cancelled.")
    return HttpResponseRedirect(back(request, reverse("jobs:queue")))


@require_POST
@allowed("job.edit")
def cancel_many(request: Request) -> HttpResponse:
    """Asks each of the team's jobs that were ticked to stop, and says what became of how many."""
    ids = list(dict.fromkeys(filter(is_id, request.POST.getlist("job"))))[:MOST_CANCELLED]
    jobs = Job.objects.filter(team=request.actor.team, pk__in=ids)
    told: Counter[str] = Counter(actions.request_cancel(job, request.actor) for job in jobs)
    told["ended"] += len(ids) - told.total()  # gone since the page was drawn, or never the team's
    for outcome, (level, words) in CANCEL_WORDS.items():
        if told[outcome]:
            messages.add_message(request, level, f"{plural(told[outcome], 'job')} {words}.")
    if not ids:
        messages.info(request, "Nothing was chosen.")
    return HttpResponseRedirect(back(request, reverse("ops:home")))
