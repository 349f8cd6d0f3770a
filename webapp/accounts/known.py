"""Browsers that have signed in with a name before, by a cookie that only the login page gets."""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

from webapp.accounts.models import User

COOKIE = "synset_known"
AGE = 180 * 24 * 3600  # seconds


def signer(user: User) -> TimestampSigner:
    """Signs with the person's password: a new one makes every browser unknown."""
    return TimestampSigner(salt=f"known browser {user.get_session_auth_hash()}")


def remember(answer: HttpResponse, user: User) -> None:
    """Gives the browser its cookie."""
    value = signer(user).sign(str(user.pk))
    answer.set_cookie(COOKIE, value, max_age=AGE, path=settings.LOGIN_URL, secure=settings.HTTPS, httponly=True, samesite="Lax")


def is_known(request: HttpRequest, name: str) -> bool:
    """Whether that name has signed in here, with the password that it has now."""
    value = request.COOKIES.get(COOKIE, "")
    user = User.objects.filter(username=name).first() if value else None
    try:
        return user is not None and signer(user).unsign(value, max_age=AGE) == str(user.pk)
    except BadSignature:
        return False
