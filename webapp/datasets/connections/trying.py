"""Whether a connection opens: asked by the engine's own command, in a process that is given half a minute."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from classifier.spec.addresses import networks
from classifier.spec.buckets import VARIABLE, clean_path
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
SILENT_LIST = "The bucket gave no list in time. Look again, or type the folder's name."


def attempt(actor: Actor, connection: Connection) -> bool:
    """Whether it opens; what was found is kept with it. InputError where it cannot be tried now."""
    actor.require("team.edit")
    with a_turn("Other connections are being tested just now. Test again in a moment."):
        opened, words = outcome(connection)
    found = {"tried_at": timezone.now(), "opened": opened, "words": shortened(words, WORDS_LENGTH)}
    with transaction.atomic():
        if Connection.objects.filter(pk=connection.pk, locked=connection.locked).update(**found):  # else it has another key by now
            record(actor, "connection.test", connection, opens=opened)
    for name, value in found.items():
        setattr(connection, name, value)
    return opened


def listed(actor: Actor, connection: Connection, path: str) -> dict[str, Any]:
    """The folders and archives directly in a folder of it, as `classifier.data.remote.connecting.listed` tells them. InputError where
    they cannot be had."""
    actor.require("dataset.edit")
    folder = clean_path(path)
    with a_turn("Other buckets are being looked into just now. Look again in a moment."):
        event = asked(connection, f"--list={folder}")
    if event.get("event") != "listed":
        raise InputError(str(event.get("message") or SILENT_LIST).replace("\0", ""), code="bucket")
    return event


@contextlib.contextmanager
def a_turn(busy: str) -> Iterator[None]:
    """Of the few commands that a web process waits for at a time; InputError where there is none, or the server asks nobody."""
    if not settings.FETCH:
        raise InputError("This server fetches nothing from others (SYNSET_FETCH is off).", code="bucket")
    if not AT_A_TIME.acquire(timeout=1.0):
        raise InputError(busy, code="busy")
    try:
        yield
    finally:
        AT_A_TIME.release()


def outcome(connection: Connection) -> tuple[bool, str]:
    """(whether it opens, the sentence about it)."""
    try:
        event = asked(connection)
    except InputError as error:
        return False, error.message
    return event.get("event") == "connected", str(event.get("message") or SILENT).replace("\0", "")


def asked(connection: Connection, *words: str) -> dict[str, Any]:
    """What the command says of it; InputError where its key cannot be had."""
    told = {"bucket": bucket_of(connection).told(), "networks": networks(settings.FETCH_NETWORKS)}
    return last_event({**os.environ, VARIABLE: json.dumps(told)}, *words)


def last_event(environment: dict[str, str], *words: str) -> dict[str, Any]:
    """What the command said last; empty where it said nothing in time."""
    command = [sys.executable, "-m", "classifier", "connect", *words, "--json"]
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
