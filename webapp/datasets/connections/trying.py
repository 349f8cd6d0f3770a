"""Whether a connection opens: asked by the engine's own command, in a process that is given half a minute."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from classifier.spec.addresses import networks
from classifier.spec.buckets import VARIABLE
from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.home import CHECKOUT
from webapp.core.words import shortened
from webapp.datasets.connections.keeping import bucket_of
from webapp.datasets.models import Connection

SECONDS = 30.0
WORDS_LENGTH = 500  # of the row
MEMORY_BYTES = 2 << 30  # whatever the other server sends
AT_A_TIME = threading.BoundedSemaphore(2)  # of this web process; each waits in a thread of its own
SILENT = "The test came to no end. Look at the server's address, then test again."


def attempt(actor: Actor, connection: Connection) -> bool:
    """Whether it opens; what was found is kept with it. InputError where it cannot be tried now."""
    actor.require("team.edit")
    if not settings.FETCH:
        raise InputError("This server fetches nothing from others (SYNSET_FETCH is off).", code="bucket")
    if not AT_A_TIME.acquire(timeout=1.0):
        raise InputError("Other connections are being tested just now. Test again in a moment.", code="busy")
    try:
        opened, words = outcome(connection)
    finally:
        AT_A_TIME.release()
    found = {"tried_at": timezone.now(), "opened": opened, "words": shortened(words, WORDS_LENGTH)}
    with transaction.atomic():
        if Connection.objects.filter(pk=connection.pk, locked=connection.locked).update(**found):  # else it has another key by now
            record(actor, "connection.test", connection, opens=opened)
    for name, value in found.items():
        setattr(connection, name, value)
    return opened


def outcome(connection: Connection) -> tuple[bool, str]:
    """(whether it opens, the sentence about it)."""
    try:
        told = {"bucket": bucket_of(connection).told(), "networks": networks(settings.FETCH_NETWORKS)}
    except InputError as error:
        return False, error.message
    event = last_event({**os.environ, VARIABLE: json.dumps(told)})
    return event.get("event") == "connected", str(event.get("message") or SILENT).replace("\0", "")


def last_event(environment: dict[str, str]) -> dict[str, Any]:
    """What the command said last; empty where it said nothing in time."""
    command = [sys.executable, "-m", "classifier", "connect", "--json"]
    none = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, start_new_session=True, stdin=none, stdout=subprocess.PIPE, stderr=none
    ) as child:
        with contextlib.suppress(OSError):
            resource.prlimit(child.pid, resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        try:
            out, _ = child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return {}
    lines = out.decode(errors="replace").splitlines()
    try:
        event = json.loads(lines[-1]) if lines else {}
    except ValueError:
        event = {}
    return event if isinstance(event, dict) else {}
