"""The audit log: who did what in the team, as a page and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classifier.metrics.predictions import quoted
from webapp.accounts import audit_words, trail
from webapp.accounts.actor import Request
from webapp.accounts.audit import record
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import allowed
from webapp.core.pieces import InPieces, csv_lines

COLUMNS = ("time", "who", "via", "verb", "what", "kind", "id", "thing", "details")
MOST_ID = 2**63 - 1


def asked(request: Request) -> dict[str, str]:
    """The search and the group of the address."""
    group = request.GET.get("group", "")
    return {"search": request.GET.get("q", "")[:200].strip(), "group": group if group in audit_words.GROUPS else ""}


def cursor(request: Request) -> int | None:
    """The id to go on before; nothing for what is no number of the database's."""
    text = request.GET.get("before", "")
    return min(int(text), MOST_ID) if text.isascii() and text.isdigit() and len(text) < 30 else None


@never_cache
@require_safe
@allowed("team.edit")
def audit(request: Request) -> HttpResponse:
    """Newest first; its further rows alone where htmx asks for them."""
    wanted = asked(request)
    found = trail.page(request.actor.team, **wanted, before=cursor(request))
    query = urlencode({"q": wanted["search"], "group": wanted["group"]})
    page = {
        **wanted,
        "rows": [shown(entry) for entry in found.entries],
        "next": f"?{query}&before={found.next}" if found.next is not None else "",
        "query": query,
        "groups": audit_words.GROUPS,
    }
    return render(request, "accounts/_audit_rows.html" if request.headers.get("HX-Request") else "accounts/audit.html", page)


def shown(entry: AuditEntry) -> dict[str, Any]:
    """A row of the page."""
    return {
        "entry": entry,
        "words": audit_words.words(entry),
        "details": audit_words.details(entry),
        "via": audit_words.VIA.get(entry.via, entry.via),
    }


@never_cache
@require_safe
@allowed("team.edit")
def audit_csv(request: Request) -> InPieces:
    """What the page shows with the same search, whole."""
    record(request.actor, "team.export", request.actor.team, **asked(request))
    answer = InPieces(lines(request), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def lines(request: Request) -> Iterator[bytes]:
    """The file, piece by piece."""
    yield csv_lines([COLUMNS])
    for found in trail.batches(request.actor.team, **asked(request)):
        yield csv_lines(row(entry) for entry in found)


def row(entry: AuditEntry) -> list[str]:
    """An entry's cells; none of them starts like a formula."""
    cells = (entry.time.isoformat(), entry.name, entry.via, entry.verb, audit_words.words(entry))
    return [quoted(cell) for cell in (*cells, entry.subject_kind, entry.subject_id, entry.subject, audit_words.details(entry))]
