"""Brings the database's tables up to date, one process at a time."""

from __future__ import annotations

import fcntl

from django.conf import settings
from django.core.management import call_command


def migrate() -> None:
    """Applies what is missing; a second process waits until the first is through."""
    lock = settings.SYNSET_HOME / "run" / "migrate.lock"
    lock.parent.mkdir(mode=0o700, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        call_command("migrate", verbosity=0, interactive=False)
