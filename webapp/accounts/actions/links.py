"""What invitations and reset links share: both are used once, by whoever's update comes first."""

from __future__ import annotations

from typing import TypeVar

from django.utils import timezone

from webapp.accounts.digests import digest
from webapp.accounts.models import OneTimeLink

Link = TypeVar("Link", bound=OneTimeLink)


def find(model: type[Link], code: str) -> Link | None:
    """The link of that secret, in whatever state; None when there is none."""
    return model._default_manager.filter(digest=digest(code)).first()


def why_closed(link: OneTimeLink | None) -> str:
    """ "used", "revoked", "expired" or "unknown"; empty while the link can be used."""
    if link is None:
        return "unknown"
    if link.used_at is not None:
        return "used"
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at <= timezone.now() else ""


def use(link: OneTimeLink) -> bool:
    """Uses the link up; of several at the same moment the one whose update counts wins."""
    now, rows = timezone.now(), type(link)._default_manager
    return bool(rows.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=now).update(used_at=now))


def revoke(link: OneTimeLink) -> bool:
    """Ends an open link; False when it was used or ended before."""
    rows = type(link)._default_manager
    return bool(rows.filter(pk=link.pk, used_at=None, revoked_at=None).update(revoked_at=timezone.now()))
