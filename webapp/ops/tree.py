"""What one machine runs: the processes, their commands and what must be true before they start."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import IO

from django.conf import settings

from webapp.ops import embedded_redis
from webapp.ops.processes import MARK, Child

PYTHON = sys.executable
CELERY = (PYTHON, "-m", "celery", "-A", "worker.celery", "worker", "--without-mingle", "--without-gossip", "--loglevel", "INFO")


class CannotStart(Exception):
    """A sentence that says why nothing was started, and what to do."""


def shown_host() -> str:
    """The host of the address that a person types: every interface includes the loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)


def address() -> str:
    """Where the dashboard is."""
    return f"http://{shown_host()}:{settings.PORT}/"


def hold_lock() -> IO[str]:
    """The data folder's lock; it is free again when the file is closed. Raises CannotStart when another tree has it."""
    path = settings.SYNSET_HOME / "run" / "up.lock"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        who = file.read().strip() or "another process"
        raise CannotStart(f"Synset already runs on {settings.SYNSET_HOME} ({who}). Stop it, or choose another SYNSET_HOME.") from None
    file.truncate(0)
    file.write(f"process {os.getpid()}, {address()}\n")
    file.flush()
    return file


def check_port() -> None:
    """Raises CannotStart unless the port can be listened on."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
            probe.listen(1)
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on ({error.strerror})"
            raise CannotStart(
                f"Port {settings.PORT} on {settings.HOST} {why}. Stop what listens there, or choose another: PORT={settings.PORT + 1}"
            ) from None


def web_command(host: str, port: int) -> list[str]:
    """uvicorn, with the socket settings that deliver evenly to hundreds of listeners."""
    options = ["--host", host, "--port", str(port), "--no-access-log", "--lifespan", "off", "--log-level", "info"]
    options += ["--no-proxy-headers"]  # only with HTTPS on is the proxy's word taken (accounts.address); else anybody could write it
    options += ["--http", "webapp.ops.protocol:Protocol"]  # no head without end
    sockets = ["--ws-per-message-deflate", "false", "--ws-max-size", "65536"]
    return [PYTHON, "-m", "uvicorn", "webapp.asgi:application", *options, *sockets, "--timeout-graceful-shutdown", "3"]


class Tree:
    """The children in the order they start; `mark` stands in the environment of each and of all they start."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(8)
        self.logs: Path = settings.SYNSET_HOME / "logs"
        self.logs.mkdir(mode=0o700, exist_ok=True)
        home = {"SYNSET_HOME": str(settings.SYNSET_HOME), MARK: self.mark, "PYTHONUNBUFFERED": "1"}
        # Celery would run Django's checks in each worker, and load every address and the API for that
        self.environment = {**os.environ, **home, "CELERY_SKIP_CHECKS": "1"}

    def child(self, name: str, *command: str) -> Child:
        """A process that logs to logs/NAME.log."""
        return Child(name, command, self.logs / f"{name}.log", self.environment)

    def redis(self) -> Child | None:
        """The embedded server, unless REDIS_URL names another."""
        if not settings.REDIS_EMBEDDED:
            return None
        return self.child("redis", *embedded_redis.command(settings.SYNSET_HOME, settings.REDIS_SOCKET, settings.REDIS_PASSWORD))

    def services(self) -> list[Child]:
        """What readiness waits for."""
        return [
            self.child("web", *web_command(settings.HOST, settings.PORT)),
            self.child("keeper", PYTHON, "-m", "worker.keeper"),
            self.child("host", *CELERY, "-Q", "host", "-n", "host@%h"),
            self.child("device", *CELERY, "-Q", "device", "-n", "device@%h"),
        ]

    def followers(self) -> list[Child]:
        """What starts once the rest is ready: it loads torch, which would hold the others up."""
        return [self.child("interactive", PYTHON, "-m", "worker.interactive")]
