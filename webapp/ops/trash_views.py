"""The page of the trash, and the forms that move many things there, back, or out for good."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core import trash as terms
from webapp.core.ids import is_id
from webapp.core.returning import back, say
from webapp.core.words import plural
from webapp.ops import purging, trash

FIELDS = (*trash.KINDS, "archived")
MOST_SENTENCES = 5


@require_safe
@allowed("trash.read")
def trash_page(request: Request) -> HttpResponse:
    """What lies there, newest first."""
    found = trash.lying(request.actor.team, place(request.GET.get("before", "")))
    rows = found[: trash.PAGE]
    following = mark(rows[-1].thing.trashed_at, rows[-1].thing.pk) if len(found) > trash.PAGE else ""
    first, removing = "before" not in request.GET, purging.left(request.actor.team)
    context = {"rows": rows, "next": following, "first": first, "days": terms.term().days, "removing": removing}
    return render(request, "ops/trash.html", context)


def mark(trashed_at: datetime, id: str) -> str:
    """An opaque place in the list."""
    return base64.urlsafe_b64encode(json.dumps([trashed_at.isoformat(), id]).encode()).decode()


def place(text: str) -> tuple[datetime, str] | None:
    """The place; nothing for what this list did not give out."""
    try:
        moment, id = json.loads(base64.urlsafe_b64decode(text.encode("ascii", "replace")))
        at = datetime.fromisoformat(moment)
        within = at.astimezone(UTC)  # as the database is asked: the calendar's first and last hours have none
    except (ValueError, binascii.Error, TypeError, RecursionError, OverflowError):
        return None
    return (within, id) if at.tzinfo is not None and isinstance(id, str) and is_id(id) else None


@require_POST
@allowed("trash.read")
def trash_move(request: Request) -> HttpResponse:
    """What was ticked in a list goes to the trash; the answer says what did not, and offers to undo."""
    outcome = trash.move(request.actor, wanted(request))
    deleted = for_good(request, outcome)
    if told := moved_words(outcome):
        say(request, told, **outcome.done)
    if deleted:
        messages.success(request, f"{plural(deleted, 'evaluation')} without a result deleted for good.")
    complain(request, outcome)
    return HttpResponseRedirect(back(request, reverse("ops:home")))


def for_good(request: Request, outcome: trash.Outcome) -> int:
    """How many of the ticked evaluations were deleted; none until somebody said that they are sure, since none comes back."""
    ticked = request.POST.getlist("evaluation")
    if ticked and request.POST.get("sure") != "yes":
        outcome.refused.append(
            f"{plural(len(ticked), 'evaluation')} not deleted: that is for good, so delete each on its own page, which asks first."
        )
        return 0
    return trash.delete_evaluations(request.actor, ticked, outcome)


def moved_words(outcome: trash.Outcome) -> str:
    """What was moved where."""
    parts = []
    if told := trash.counted(outcome.done):
        parts.append(f"{told} moved to the trash, to be restored within {plural(terms.term().days, 'day')}.")
    if archived := outcome.done.get("archived"):
        parts.append(f"{plural(len(archived), 'dataset')} archived, since runs used {'it' if len(archived) == 1 else 'them'}.")
    return " ".join(parts)


@require_POST
@allowed("trash.read")
def trash_restore(request: Request) -> HttpResponse:
    """Back to where they were."""
    outcome = trash.restore(request.actor, wanted(request))
    if told := trash.counted(outcome.done):
        messages.success(request, f"{told} restored.")
    complain(request, outcome)
    return HttpResponseRedirect(back(request, reverse("ops:trash")))


@require_POST
@allowed("trash.purge")
def trash_purge(request: Request) -> HttpResponse:
    """For good."""
    return purged(request, trash.purge(request.actor, wanted(request)))


@require_POST
@allowed("trash.purge")
def trash_empty(request: Request) -> HttpResponse:
    """All of it for good."""
    return purged(request, trash.empty(request.actor))


def purged(request: Request, outcome: trash.Outcome) -> HttpResponse:
    """Says what goes for good and what stayed."""
    if told := trash.counted(outcome.done):
        count = sum(map(len, outcome.done.values()))
        messages.success(request, f"{told} {'is' if count == 1 else 'are'} being deleted for good.")
    complain(request, outcome)
    return redirect("ops:trash")


def wanted(request: Request) -> trash.Ids:
    """The ids of each kind that the form names."""
    return {name: request.POST.getlist(name) for name in FIELDS}


def complain(request: Request, outcome: trash.Outcome) -> None:
    """A sentence for each thing that stayed as it was, the first few."""
    for sentence in outcome.refused[:MOST_SENTENCES]:
        messages.warning(request, sentence)
    if (more := len(outcome.refused) - MOST_SENTENCES) > 0:
        messages.warning(request, f"{more:,} more stayed as they were.")
    if not any(outcome.done.values()) and not outcome.refused:
        messages.info(request, "Nothing was chosen.")
