"""Looks at images that wait in drafts, for `webapp.datasets.drafts.peeks`, in a thread beside the classifications.

What was uploaded is opened by a child process within the limits of an import, and for no longer than somebody may wait.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from redis.exceptions import RedisError

from classifier.spec.events import Event
from webapp.datasets.draft_models import Addition
from webapp.datasets.drafts import peeks
from webapp.datasets.drafts.peeks import ASKED_SECONDS, wanted_key
from webapp.datasets.erasing.asking import meanwhile
from webapp.jobs.clock import database_time
from worker.child import Child
from worker.handlers.imports import TO_CHOOSE, child_limits
from worker.relay import parse

logger = logging.getLogger(__name__)
WAIT_SECONDS = 1
LOOK_SECONDS = 300.0
FILE_BYTES = 4 << 30  # of one file of thumbnails
ENDED = "The look at the images ended without a word. They are added all the same when the draft is sealed."
LATE = "To look at the images took over {minutes:.0f} minutes, so it was ended. They are added all the same when the draft is sealed."
Tell = Callable[[Event], None]


class Peeks:
    """Serves one request after another until it is stopped."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, name="peeks", daemon=True)

    def start(self) -> Peeks:
        self.thread.start()
        return self

    def stop(self) -> None:
        self.over.set()
        self.thread.join(ASKED_SECONDS)

    def run(self) -> None:
        """A Redis or a database that is away is waited for: what is still wanted is asked again."""
        server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=WAIT_SECONDS + 5)
        while not self.over.is_set():
            try:
                serve(server, self.over)
            except (RedisError, DatabaseError, OSError) as error:
                logger.warning("Waiting images are not looked at: %s", error)
                self.over.wait(WAIT_SECONDS)
            except Exception:  # whatever it is, the thread goes on for the others
                logger.exception("A look at waiting images failed")
        connection.close()


def serve(server: redis.Redis, over: threading.Event) -> None:
    """One request, if one comes, and somebody still waits for it: a page that was closed holds up no other one, nor does a team that
    asks for many hold up others."""
    addition = peeks.take(server, WAIT_SECONDS)
    if addition is None:
        return
    close_old_connections()
    if not server.exists(wanted_key(addition)):  # who looks asks again within the second
        return
    try:
        look(server, addition, over)
    finally:
        server.delete(wanted_key(addition))


def waiting(addition: int) -> Addition | None:
    """The addition, where it waits in an open draft."""
    rows = Addition.objects.select_related("draft__dataset", "draft__base__dataset")
    return rows.filter(pk=addition, taken_back=False, draft__closed_at=None, draft__dataset__purging_at=None).first()


def look(server: redis.Redis, addition: int, over: threading.Event) -> None:
    """Leaves what is seen of it, or why nothing is, where pages look for it."""
    row = waiting(addition)
    if row is None or peeks.folder(row).exists() or peeks.failed(row):  # asked again while it was looked at
        return
    since = database_time()
    why = run_child(row, lambda event: tell(server, addition, event), over)
    if waiting(addition) is None or meanwhile(row.draft.dataset, since):  # what was just erased it may show, or name
        shutil.rmtree(peeks.folder(row), ignore_errors=True)
        log(row).unlink(missing_ok=True)
    elif why:
        peeks.reason(row).write_text(why, "utf-8")


def log(row: Addition) -> Path:
    """Where the command's error stream goes; it may name files, and goes with what is seen."""
    folder = peeks.folder(row)
    return folder.with_name(f"{folder.name}.log")


def tell(server: redis.Redis, addition: int, event: Event) -> None:
    """How far it is; or that somebody is still at it."""
    if event["event"] == "alive":
        server.expire(wanted_key(addition), ASKED_SECONDS)
    elif event["event"] == "progress":
        told = {"done": event["done"], "total": event["total"], "eta": event.get("eta_seconds")}
        server.set(wanted_key(addition), json.dumps(told), ex=ASKED_SECONDS)


def run_child(row: Addition, on_event: Tell, over: threading.Event) -> str:
    """Why it failed; empty where it did not, or was to stop."""
    said = [f"--{name}={value}" for name in ("label", "encoding") if (value := getattr(row, name))]
    words = ["peek", str(peeks.archive(row)), "--data", str(row.draft.base.folder), "--out", str(peeks.folder(row)), *said, "--json"]
    command, limits = [sys.executable, "-m", "classifier", *words], child_limits(FILE_BYTES)
    child = Child(command, log=log(row), mark=f"peek:{row.pk}", environment={}, limits=limits)
    end, last = time.monotonic() + LOOK_SECONDS, Event()
    try:
        while child.exit_code() is None and time.monotonic() < end and not over.is_set():
            last = heard(child.lines(WAIT_SECONDS), on_event, last)
            on_event({"event": "alive"})
        if over.is_set():
            return ""
        if child.exit_code() is None:
            return LATE.format(minutes=LOOK_SECONDS / 60)
        last = heard(child.last_lines(), on_event, last)
    finally:
        child.close()
    return "" if last.get("event") == "peeked" else told(row, str(last.get("message") or ENDED))


def heard(lines: list[bytes], on_event: Tell, last: Event) -> Event:
    """The newest event that ends the command, if one came."""
    for event in map(parse, lines):
        on_event(event)
        if event["event"] in ("peeked", "error"):
            last = event
    return last


def told(row: Addition, message: str) -> str:
    """With the archive as it was called, without this server's folders, and without what a terminal alone offers."""
    for said in (str(peeks.archive(row)), row.file):
        message = message.replace(said, row.name)
    return TO_CHOOSE.sub("", message).replace(f"{settings.SYNSET_HOME}/", "")
