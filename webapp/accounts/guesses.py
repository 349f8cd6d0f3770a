"""How many wrong passwords may be tried: for a name from anywhere, from one address, and by somebody who is signed in.

django-axes counts for name and address together, in the database; the wider counts stand here. Right passwords never count.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest

from webapp.accounts import audit, known
from webapp.accounts.address import client_address, client_network
from webapp.accounts.limits import Limit, waiting
from webapp.accounts.models import User

NAME = Limit("name", 30, 3600)
ADDRESS = Limit("address", 60, 3600)  # an office may share one
CURRENT = Limit("current password", 10, 900)
TOLD = Limit("told of a lock", 1, 3600)  # a stranger must not fill a team's log
OF_NAME = "Too many wrong passwords for this name. Try again in {wait}, or in a browser that has signed in with it before."
OF_ADDRESS = "Too many wrong passwords from your network. Try again in {wait}, or in a browser that has signed in with this name before."
OF_CURRENT = "Too many wrong passwords. Try again in {wait}."
log = logging.getLogger(__name__)


class TooMany(Exception):
    """A password is not looked at; says so, and after how many seconds it will be."""

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence.format(wait=waiting(seconds)))
        self.seconds = seconds


class SignIn:
    """One try to sign in with a name. A browser that has signed in with it before need not wait for strangers who guess, at that name
    or from the same network; what it guesses itself django-axes counts.
    """

    def __init__(self, request: HttpRequest, name: str) -> None:
        self.request, self.name, self.address = request, name, client_address(request)
        self.network = client_network(request)
        self.is_known = known.is_known(request, name)

    def begin(self) -> None:
        """Raises TooMany where the password may not even be looked at."""
        if self.is_known:
            return
        if self.network and (wait := ADDRESS.wait(self.network)):
            raise TooMany(OF_ADDRESS, wait)
        if wait := NAME.take(self.name):
            tell("session.lock", self.name, NAME.tries)
            raise TooMany(OF_NAME, wait)

    def end(self, signed_in: bool) -> None:
        """Counts a wrong password alone: neither a right one nor one that django-axes did not look at."""
        refused = getattr(self.request, "axes_locked_out", False)
        wrong = not signed_in and (not refused or self.has_just_locked)
        if wrong and self.network:
            ADDRESS.take(self.network)
        if not wrong and not self.is_known:
            NAME.give_back(self.name)
        if self.has_just_locked:
            tell("session.lock", self.name, settings.AXES_FAILURE_LIMIT, address=self.address)

    @property
    def has_just_locked(self) -> bool:
        """Whether this wrong password is the one after which django-axes looks at no more."""
        failures = getattr(self.request, "axes_failures_since_start", None)  # of those that it has counted alone
        return failures is not None and failures >= settings.AXES_FAILURE_LIMIT


def tell(verb: str, name: str, failures: int, **detail: str) -> None:
    """Writes the lock into the log of each team of the person, if there is one of that name; once an hour."""
    person = User.objects.filter(username=name).first()
    if person is not None and not TOLD.take(f"{verb} {failures} {name}"):
        audit.record_server(person, verb, person, failures=failures, **detail)


def is_current(user: User, password: str) -> bool:
    """Whether it is that person's password. Raises TooMany after so many that were not: whoever finds an open browser may not guess."""
    who = str(user.pk)
    if wait := CURRENT.take(who):
        tell("password.lock", user.username, CURRENT.tries)
        raise TooMany(OF_CURRENT, wait)
    right = user.check_password(password)
    if right:
        CURRENT.give_back(who)
    return right
