"""A whole Synset on loopback, as its users start it: SQLite, the embedded Redis, workers, keeper and web."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.crowd import FINAL
from webapp.ops.demo.client import Api, Browser

ROOT = Path(__file__).resolve().parents[1]
PERSON, PASSWORD = "pat", "wren-under-7-eaves"


class Server(NamedTuple):
    """A whole Synset under way."""

    base: str
    web: psutil.Process
    browser: Browser
    api: Api

    @property
    def cookie(self) -> str:
        """The session's header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.browser.cookies)

    def dataset(self, archive: Path) -> str:
        """The id of a dataset whose import has ended well."""
        dataset, job = self.upload(archive)
        self.await_job(job)
        return dataset

    def upload(self, archive: Path) -> tuple[str, str]:
        """(dataset, its import's job) of an archive that was sent through the page."""
        made = self.browser.upload("/datasets/upload/", {"name": archive.stem}, "archive", archive)
        newest = self.api.call("GET", "/jobs?limit=1")["items"][0]
        return str(made["id"]), str(newest["id"])

    def await_job(self, job: str, seconds: float = 1200.0) -> None:
        """Until it has succeeded; RuntimeError when it ends otherwise."""
        while (told := self.api.call("GET", f"/jobs/{job}"))["state"] != "succeeded":
            if told["state"] in FINAL or (seconds := seconds - 0.5) < 0:
                raise RuntimeError(f"the job is {told['state']}: {told['error']}")
            time.sleep(0.5)


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """`manage.py up` with a signed-in owner, until the end of the block."""
    home.mkdir(parents=True)
    port = free_port()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")  # for the names of the cookies
    environment = {**os.environ, "SYNSET_HOME": str(home), "PORT": str(port)}
    environment = {
        name: value for name, value in environment.items() if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    with (home / "terminal.txt").open("wb") as out:
        tree = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        base = f"http://127.0.0.1:{port}"
        wait(lambda: ready(base), 120)
        manage(environment, "create_user", PERSON, "--team", "Load", "--role", "owner")
        token, browser = manage(environment, "create_token", PERSON, "--scope", "write"), Browser(base)
        browser.sign_in(PERSON, PASSWORD)
        web = next(child for child in psutil.Process(tree.pid).children(recursive=True) if "uvicorn" in " ".join(child.cmdline()))
        yield Server(base, web, browser, Api(base, token))
    finally:
        tree.send_signal(signal.SIGINT)
        tree.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(base: str) -> bool:
    """Whether everything reports that it is well."""
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def manage(environment: dict[str, str], *words: str) -> str:
    """What a command of manage.py prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**environment, "SYNSET_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def wait(there: Callable[[], bool], seconds: float) -> None:
    """Looks twice a second until it is so; TimeoutError after so long."""
    end = time.monotonic() + seconds
    while not there():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.5)
