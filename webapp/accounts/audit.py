"""Writes down who did what. Every action that changes something a team shares calls `record` in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry, Team, User

SERVER = "Synset"  # by itself, or by a command on its machine
STRANGER = "Somebody"  # with a link


def record(actor: Actor, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """One entry: `verb` as in "dataset.delete", the thing as it is called now, and small values that say how (never a secret)."""
    write(actor.team, actor.user, actor.via, verb, subject, **detail)


def record_of(team: Team, actor: Actor | None, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """As `record`, for what may also happen by itself: without an actor the server did it, as when a term is over."""
    write(team, actor.user if actor else None, actor.via if actor else "command", verb, subject, **detail)


def record_each(actor: Actor | None, verb: str, subjects: Iterable[Any]) -> None:
    """One entry for each of a team's things, as `record_of`."""
    user, via = (actor.user, actor.via) if actor else (None, "command")
    AuditEntry.objects.bulk_create([entry(thing.team_id, user, via, verb, thing) for thing in subjects], batch_size=1000)


def record_for(user: User, via: str, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """What somebody did to their own account, in each of their teams: it opens the data of all of them, whichever they work in."""
    AuditEntry.objects.bulk_create([entry(team, user, via, verb, subject, **detail) for team in teams_of(user)])


def record_server(user: User, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """What the server did about somebody's account, by itself or by a command on its machine, in each of their teams."""
    AuditEntry.objects.bulk_create([entry(team, None, "command", verb, subject, **detail) for team in teams_of(user)])


def record_stranger(team: Team, verb: str, subject: models.Model, **detail: Any) -> None:
    """What somebody did who is known by a link alone."""
    stranger = entry(team.pk, None, "link", verb, subject, **detail)
    stranger.name = STRANGER
    stranger.save(force_insert=True)


def subjects(verb: str, ids: set[str]) -> set[str]:
    """Those of the ids to which it was done, according to the log."""
    done = AuditEntry.objects.filter(verb=verb).values_list("subject_id", flat=True).iterator() if ids else ()
    return {id for id in done if id in ids}


def write(team: Team, user: User | None, via: str, verb: str, subject: models.Model | None, **detail: Any) -> None:
    """One entry in that team."""
    entry(team.pk, user, via, verb, subject, **detail).save(force_insert=True)


def entry(team_id: str, user: User | None, via: str, verb: str, subject: models.Model | None, **detail: Any) -> AuditEntry:
    """The row, not yet written."""
    return AuditEntry(
        team_id=team_id,
        user=user,
        name=user.username if user else SERVER,
        via=via,
        verb=verb,
        subject_kind=subject._meta.model_name or "" if subject is not None else "",
        subject_id=str(subject.pk)[:20] if subject is not None else "",
        subject=str(subject)[:200] if subject is not None else "",
        detail=detail,
    )


def teams_of(user: User) -> list[str]:
    """The ids of all that the person is in."""
    return list(user.memberships.values_list("team_id", flat=True))
