"""The first owner, made once by an address that the terminal prints."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from classifier.spec.errors import ConfigError
from webapp.accounts.actions.people import create_user
from webapp.accounts.digests import digest
from webapp.accounts.models import Role, User


def setup_file() -> Path:
    """Where the hash of the one-time code lies; whoever removes the file has used the code."""
    return settings.SYNSET_HOME / "secrets" / "setup.sha256"


def setup_code() -> str | None:
    """A new one-time code that makes the first owner, or None once there is an account. An older code ends by it."""
    if User.objects.exists():
        setup_file().unlink(missing_ok=True)
        return None
    plain = secrets.token_urlsafe(16)
    setup_file().parent.mkdir(mode=0o700, exist_ok=True)
    setup_file().write_text(digest(plain))
    return plain


def setup_open(code: str) -> bool:
    """Whether that code would make the owner now."""
    path = setup_file()
    return path.exists() and hmac.compare_digest(path.read_text(), digest(code)) and not User.objects.exists()


@transaction.atomic
def create_owner(code: str, name: str, password: str, team: str) -> User:
    """The first account, by the code that the terminal printed. Raises ConfigError; the code is used up only by success."""
    if not setup_open(code):
        raise ConfigError({"code": "This address has been used or replaced. Look at the terminal for the newest, or sign in."})
    user = create_user(name, team, Role.OWNER, password)
    try:
        setup_file().unlink()
    except FileNotFoundError:
        raise ConfigError({"code": "Somebody else used this address a moment ago. Sign in, or ask them to add you."}) from None
    return user
