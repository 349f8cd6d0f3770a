"""Mails with one-time links. They are sent beside the request, so that its time tells nothing and a slow server holds nobody."""

from __future__ import annotations

import logging
import smtplib
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from django.db.models import Q

from webapp.accounts.actions.resets import mailed_reset_link, unsent
from webapp.accounts.models import Invitation, User

MOST_ACCOUNTS = 5  # of one mail address
log = logging.getLogger(__name__)


def resets() -> bool:
    """Whether lost passwords are reset by mail: not where any name is answered to, since a forged Host header would lead the link away."""
    return settings.MAIL and "*" not in settings.ALLOWED_HOSTS


def send_later(work: Callable[..., None], *arguments: Any) -> bool:
    """Does the work in a thread; False, and nothing is done, where no mail is set up."""
    if settings.MAIL:
        threading.Thread(target=quietly, args=(work, *arguments), daemon=True, name="mail").start()
    return bool(settings.MAIL)


def quietly(work: Callable[..., None], *arguments: Any) -> None:
    """The work, whose failure is for who runs the server: nobody waits for it."""
    try:
        work(*arguments)
    except (OSError, smtplib.SMTPException) as error:
        log.error("A mail could not be sent: %s. Check EMAIL_URL.", error)
    finally:
        connection.close()


def send(to: str, subject: str, *lines: str) -> None:
    """One plain mail."""
    send_mail(" ".join(subject.split()), "\n\n".join((*lines, "Synset")) + "\n", settings.DEFAULT_FROM_EMAIL, [to])


def invitation(invitation: Invitation, link: str) -> None:
    """An invitation's link to the address it was made for."""
    by, team = invitation.made_by, invitation.team
    opening = f"{by} invites you to the team {team} as {invitation.role}. Open this address to join; it works once:"
    send(invitation.email, f"Join {team} on Synset", opening, link, f"It ends on {invitation.expires_at:%d %B %Y, %H:%M} UTC.")


def lost_password(who: str, address_of: Callable[[str], str]) -> None:
    """A reset link to each account of that name or mail address which has a mail address; nothing where there is none."""
    known = User.objects.filter(Q(username=who) | Q(email__iexact=who), is_active=True).exclude(email="")
    for person in known.order_by("pk")[:MOST_ACCOUNTS]:
        if (plain := mailed_reset_link(person)) is not None:
            send_reset(person, plain, address_of(plain))


def send_reset(person: User, plain: str, address: str) -> None:
    """One such mail. A link that does not get out is taken back, so that one may ask again as soon as the server is up."""
    opening = f"Somebody asked for a new password for {person} on Synset. Open this address within the hour to set one:"
    try:
        send(person.email, "A new password for Synset", opening, address, "If it was not you, do nothing: nothing has changed.")
    except (OSError, smtplib.SMTPException):
        unsent(plain)
        raise
