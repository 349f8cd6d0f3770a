"""Comments: everybody of the team may say something, change and take back their own; an owner may take away any."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.accounts.models import Role
from webapp.accounts.permissions import Forbidden
from webapp.core.texts import can_be_seen
from webapp.reports.actions.moving import held, moved
from webapp.reports.actions.rendering import rendered
from webapp.reports.actions.words import is_printable
from webapp.reports.models import Comment, Report

COMMENT_LENGTH = 5_000
REPEAT = timedelta(minutes=10)


def clean(text: str) -> str:
    """The comment as it is kept; ConfigError with what is wrong."""
    text = text.replace("\r\n", "\n").strip()
    if not text or not can_be_seen(text):
        raise ConfigError({"text": f"must have 1 to {COMMENT_LENGTH:,} characters that can be seen; none came"})
    if len(text) > COMMENT_LENGTH or not is_printable(text):
        raise ConfigError({"text": f"must have 1 to {COMMENT_LENGTH:,} printable characters; {len(text):,} came"})
    return text


@transaction.atomic
def comment(actor: Actor, report: Report, text: str) -> Comment:
    """Says something about a report; a second click, or a repeat whose first answer got lost, finds what was said. Raises ConfigError."""
    actor.require("report.comment")
    words = rendered(clean(text))
    held(report)
    if (newest := Comment.everything.filter(report=report).order_by("-id").first()) and is_repeat(newest, actor, words["text"]):
        return newest
    made = Comment.everything.create(team=actor.team, report=report, author=actor.user, author_name=actor.user.username, **words)
    audit.record(actor, "report.comment", report)
    moved(report)
    return made


def is_repeat(newest: Comment, actor: Actor, text: str) -> bool:
    """Whether the same person said the same just before, with nothing in between."""
    same = Comment.everything.filter(pk=newest.pk, author=actor.user, text=text, created_at__gt=Now() - REPEAT)
    return same.exists()


@transaction.atomic
def edit_comment(actor: Actor, made: Comment, text: str) -> None:
    """Says it otherwise. Raises ConfigError; Forbidden for somebody else's."""
    actor.require("report.comment")
    if made.author_id != actor.user.pk:
        raise Forbidden(f"This comment is {made.author_name}'s; only its author changes it.")
    words = rendered(clean(text))
    held(made.report)
    Comment.everything.filter(pk=made.pk).update(**words, edited_at=Now())
    audit.record(actor, "report.comment", made.report, change="edited")
    moved(made.report)


def may_delete(actor: Actor, made: Comment) -> bool:
    """Its author and the team's owners."""
    return actor.can("report.comment") and (made.author_id == actor.user.pk or actor.role == Role.OWNER)


@transaction.atomic
def delete_comment(actor: Actor, made: Comment) -> None:
    """Takes it away. Raises Forbidden for somebody else's, unless one is an owner."""
    actor.require("report.comment")
    if not may_delete(actor, made):
        raise Forbidden(f"This comment is {made.author_name}'s; only its author or an owner of the team deletes it.")
    report = made.report
    held(report)
    Comment.everything.filter(pk=made.pk).delete()
    audit.record(actor, "report.comment", report, change="deleted", of=made.author_name)
    moved(report)
