"""Writes down who did what. Every action that changes something a team shares calls `record` in its own transaction."""

from __future__ import annotations

from typing import Any

from django.db import models

from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry, Team, User

SERVER = "Synset"  # by itself, or by a command on its machine


def record(actor: Actor, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """One entry: `verb` as in "dataset.delete", the thing as it is called now, and small values that say how (never a secret)."""
    write(actor.team, actor.user, actor.via, verb, subject, **detail)


def record_of(team: Team, actor: Actor | None, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """As `record`, for what may also happen by itself: without an actor the server did it, as when a term is over."""
    write(team, actor.user if actor else None, actor.via if actor else "command", verb, subject, **detail)


def record_for(user: User, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """One entry in each team of somebody who changed something of their own without being signed in to any."""
    for membership in user.memberships.select_related("team"):
        write(membership.team, user, "link", verb, subject, **detail)


def record_command(user: User, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """One entry in each team of the person whom a command on the server was about."""
    for membership in user.memberships.select_related("team"):
        write(membership.team, None, "command", verb, subject, **detail)


def write(team: Team, user: User | None, via: str, verb: str, subject: models.Model | None, **detail: Any) -> None:
    """The row itself."""
    AuditEntry.objects.create(
        team=team,
        user=user,
        name=user.username if user else SERVER,
        via=via,
        verb=verb,
        subject_kind=subject._meta.model_name or "" if subject is not None else "",
        subject_id=str(subject.pk)[:20] if subject is not None else "",
        subject=str(subject)[:200] if subject is not None else "",
        detail=detail,
    )
