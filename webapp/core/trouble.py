"""What keeps Synset from starting, in a sentence that says which setting it is and what to do."""

from __future__ import annotations

from typing import Any, TypeAlias

import environ
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "on or off",
    "url": "an address such as postgres://user:password@host:5432/name",
    "mail": "an address such as smtp+tls://user:password@host:587",
}
SWITCHES = ("on", "off", "true", "false", "yes", "no", "y", "n", "ok", "t", "f", "1", "0")
DATABASES = ("sqlite:", "postgres:", "postgresql:")
MAILS = ("smtp:", "smtps:", "smtp+tls:", "smtp+ssl:", "consolemail:", "filemail:")
Trouble: TypeAlias = ImproperlyConfigured | OSError | OperationalError | InterfaceError
TROUBLE = (ImproperlyConfigured, OSError, OperationalError, InterfaceError)


class BadSetting(ImproperlyConfigured):
    """A setting that cannot be used."""


class Environment(environ.Env):  # type: ignore[misc]
    """environ.Env, for which an empty variable is one that is not set, and whose complaints name the variable."""

    def get_value(self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False) -> Any:
        """The variable's value. Raises BadSetting where it is none of its kind."""
        came = self.ENVIRON.get(var)
        if came == "" and default is not self.NOTSET:
            return default
        if cast is bool and came is not None and came.lower() not in SWITCHES:
            raise self.bad(var, cast)
        try:
            return super().get_value(var, cast, default, parse_default)
        except ValueError:
            raise self.bad(var, cast) from None

    def database(self, var: str, default: str) -> dict[str, Any]:
        """Django's settings of the database at that address."""
        address = str(self.str(var, default=default))
        if not address.startswith(DATABASES):
            raise self.bad(var, "url")
        try:
            return dict(self.db_url_config(address))
        except ValueError:  # of its port
            raise self.bad(var, "url") from None

    def mail(self, var: str) -> dict[str, Any]:
        """Django's settings of the mail server at that address."""
        address = str(self.str(var))
        if not address.startswith(MAILS):
            raise self.bad(var, "mail")
        try:
            return {key: value for key, value in self.email_url_config(address).items() if key.startswith("EMAIL_")}
        except ValueError:  # of its port
            raise self.bad(var, "mail") from None

    def bad(self, var: str, cast: Any) -> BadSetting:
        """The error of a variable; an address is not shown, since it may hold a password."""
        came = "another text" if cast in ("url", "mail") else repr(self.ENVIRON.get(var, ""))
        return BadSetting(f"{var} must be {WORDS.get(cast, 'another value')}; {came} came. Set it anew, or remove it for the default.")


def sentence(error: Trouble) -> str:
    """The error for a person at a terminal."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OSError):
        return of_files(error)
    said = str(error).strip().splitlines() or [type(error).__name__]
    what = "Check DATABASE_URL and that its server runs; without it, the room on SYNSET_HOME's disk."
    return f"The database cannot be used: {said[0]}. {what}"


def of_files(error: OSError) -> str:
    """A file or folder that cannot be used, or an error that says its own sentence."""
    if error.strerror is None:
        return str(error)
    where = f" ({error.filename})" if error.filename else ""
    what = "Check the room on SYNSET_HOME's disk and the right to write there, or set SYNSET_HOME to another folder."
    return f"{error.strerror}{where}. {what}"
