"""Reads of the audit log: searched and filtered, newest first, by pages that cost the same however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from webapp.accounts.audit_words import GROUPS, verbs_of
from webapp.accounts.models import AuditEntry, Team

PAGE = 50
LOOKED_AT = 20_000  # entries that one page searches through at most; what is older is a page further on
MOST_WORDS = 8
BATCH = 2000


@dataclass(frozen=True)
class Found:
    """One page, and the id to go on before; None where the log ends."""

    entries: list[AuditEntry]
    next: int | None


def matching(team: Team, search: str = "", group: str = "") -> QuerySet[AuditEntry]:
    """The team's entries in which every word of the search stands in who, what or thing."""
    rows = AuditEntry.objects.filter(team=team).order_by("-id")
    if group in GROUPS:
        rows = rows.filter(verb__startswith=f"{group}.")
    for word in search.replace("\0", "").split()[:MOST_WORDS]:
        rows = rows.filter(Q(name__icontains=word) | Q(subject__icontains=word) | Q(verb__in=verbs_of(word)))
    return rows


def page(team: Team, search: str = "", group: str = "", before: int | None = None) -> Found:
    """The newest entries before that id which match, out of the next LOOKED_AT."""
    oldest = bound(team, before)
    rows = earlier(matching(team, search, group), before)
    if oldest is not None:
        rows = rows.filter(id__gte=oldest)
    found = list(rows[: PAGE + 1])
    if len(found) > PAGE:
        return Found(found[:PAGE], found[PAGE - 1].pk)
    return Found(found, oldest)


def bound(team: Team, before: int | None) -> int | None:
    """The id of the last entry that a page looks at; None where the log ends sooner. Read from the index alone."""
    rows = earlier(AuditEntry.objects.filter(team=team).order_by("-id"), before)
    return rows.values_list("id", flat=True)[LOOKED_AT : LOOKED_AT + 1].first()


def earlier(rows: QuerySet[AuditEntry], before: int | None) -> QuerySet[AuditEntry]:
    """Those before an id."""
    return rows if before is None else rows.filter(id__lt=before)


def batches(team: Team, search: str, group: str) -> Iterator[list[AuditEntry]]:
    """All that match, a batch at a time, so that no answer holds the whole log in memory."""
    before: int | None = None
    while found := list(earlier(matching(team, search, group), before)[:BATCH]):
        yield found
        before = found[-1].pk
