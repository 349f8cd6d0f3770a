"""Writes down who did what. Every action that changes something a team shares calls `record` in its own transaction."""

from __future__ import annotations

from typing import Any

from django.db import models

from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry, Team


def record(actor: Actor, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """One entry: `verb` as in "dataset.delete", the thing as it is called now, and small values that say how (never a secret)."""
    record_of(actor.team, actor, verb, subject, **detail)


def record_of(team: Team, actor: Actor | None, verb: str, subject: models.Model | None = None, **detail: Any) -> None:
    """As `record`, for what may also happen by itself: without an actor the server did it, as when a term is over."""
    AuditEntry.objects.create(
        team=team,
        user=actor.user if actor else None,
        name=actor.user.username if actor else "Synset",
        via=actor.via if actor else "command",
        verb=verb,
        subject_kind=subject._meta.model_name or "" if subject is not None else "",
        subject_id=str(subject.pk)[:20] if subject is not None else "",
        subject=str(subject)[:200] if subject is not None else "",
        detail=detail,
    )
