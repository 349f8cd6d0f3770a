"""Whether this code and the database's tables belong together: the migrations that the code brings, and those that were applied.

A process reads its own at its start (`of_code`), not when it first compares: an update in the same folder changes the files
under a process that still runs the old code.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import NamedTuple

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]  # app, migration
OLDER = "version is older than the database's schema; update and restart it"
NEWER = "version is newer than the database's schema; run manage.py migrate, or manage.py up, which does it first"


class Migrations(NamedTuple):
    """Those that this code needs applied, and all that it has heard of (with those that others replaced)."""

    needed: frozenset[Name]
    known: frozenset[Name]


@cache
def of_code() -> Migrations:
    """What the files of this code bring, as they were when this process first asked."""
    loader = MigrationLoader(None)
    replaced = {name for migration in loader.disk_migrations.values() for name in migration.replaces}
    return Migrations(frozenset(loader.graph.nodes), frozenset({*loader.disk_migrations, *replaced}))


def fingerprint() -> str:
    """Equal for codes that need the same tables."""
    return hashlib.sha256(repr(sorted(of_code().needed)).encode()).hexdigest()[:8]


def mismatch() -> str:
    """ "version is older than the database's schema; …", or newer; empty where both agree. One query; raises DatabaseError."""
    applied = set(MigrationRecorder.Migration.objects.values_list("app", "name"))
    if applied - of_code().known:
        return OLDER
    return NEWER if of_code().needed - applied else ""
