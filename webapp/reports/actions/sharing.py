"""Links that show a report without login: made, revoked, counted."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actions import digest, still_may
from webapp.accounts.actor import Actor
from webapp.accounts.limits import Limit
from webapp.accounts.models import Team, User
from webapp.core.notes import note_surely
from webapp.reports.actions.moving import held, moved
from webapp.reports.models import Report, ShareLink

DAYS = (7, 30, 90)
CODE_BYTES = 24  # 192 bits
TOLD = Limit("told of a download", 1, 3600)


@transaction.atomic
def share(
    actor: Actor, report: Report, days: int, *, with_model: bool = False, with_groups: bool = False, key: str | None = None
) -> tuple[ShareLink, str]:
    """A new link and its code, which nobody can read again. Raises ConfigError.

    The same `key` (that of a form, see webapp.core.form_keys) of the same person gives the first one's again while it is live: the
    report is held meanwhile, so that of two clicks the slower one finds what the quicker has made.
    """
    actor.require("report.edit")
    still_may(actor, "report.edit")
    if days not in DAYS:
        raise ConfigError({"days": f"must be one of {', '.join(map(str, DAYS))}; {days} came"})
    held(report)
    code = code_of(actor, report, key)
    first = ShareLink.everything.filter(digest=digest(code)).first()
    if first is not None and first.is_live:
        return first, code
    if first is not None:  # it ended since: the form asks for another one
        code = code_of(actor, report, None)
    link = ShareLink.everything.create(
        team=actor.team,
        report=report,
        created_by=actor.user,
        digest=digest(code),
        expires_at=timezone.now() + timedelta(days=days),
        with_model=with_model,
        with_groups=with_groups,
    )
    audit.record(actor, "report.share", report, days=days, with_model=with_model, with_groups=with_groups)
    moved(report)
    return link, code


def code_of(actor: Actor, report: Report, key: str | None) -> str:
    """192 bits: random ones, or those that a form's key gives this person, which come out again and of which nothing has to be kept."""
    if key is None:
        return secrets.token_urlsafe(CODE_BYTES)
    bits = salted_hmac("synset share link", f"{actor.user.pk} {report.pk} {key}", algorithm="sha256").digest()
    return urlsafe_b64encode(bits[:CODE_BYTES]).decode()


@transaction.atomic
def revoke(actor: Actor, link: ShareLink) -> bool:
    """Ends a link at once; False where it had been revoked before."""
    actor.require("report.edit")
    if not ShareLink.everything.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now()):
        return False
    audit.record(actor, "report.revoke", link.report)
    moved(link.report)
    return True


def end_links(user: User, team: Team) -> int:
    """Ends every living link that this person made in the team: who may no longer share must not go on sharing. How many."""
    links = ShareLink.everything.filter(team=team, created_by=user, revoked_at=None, expires_at__gt=timezone.now())
    reports = list(Report.everything.filter(pk__in=links.values("report")).select_related("evaluation__job"))
    ended = links.update(revoked_at=Now())
    for report in reports:
        moved(report)
    return ended


def fetched(link: ShareLink, address: str) -> None:
    """Writes down that somebody with the link took the trained weights; of each address once an hour, as a stranger may come again."""
    if not TOLD.take(f"{link.pk} {address}"):
        audit.record_stranger(link.team, "model.download", link.report, address=address)


def opened(link: ShareLink) -> None:
    """One more reader: counted in the row itself, so that none is lost when several come at once. The reader does not wait for it."""
    at = timezone.now()
    note_surely(lambda: ShareLink.everything.filter(pk=link.pk).update(opened=F("opened") + 1, last_opened_at=at))
