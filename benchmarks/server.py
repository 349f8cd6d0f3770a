"""A whole Synset on loopback, as its users start it: SQLite, the embedded Redis, workers, keeper and web."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.crowd import FINAL
from tests.plugins.stack import PASSWORD, PERSON, Stack, processes_of
from webapp.ops.demo.client import Api, Browser


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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")  # for the names of the cookies
    with Stack(home) as stack:
        stack.wait_until_ready(120)
        stack.manage("create_user", PERSON, "--team", "Load", "--role", "owner", SYNSET_PASSWORD=PASSWORD)
        token, browser = stack.manage("create_token", PERSON, "--scope", "write"), Browser(stack.base)
        browser.sign_in(PERSON, PASSWORD)
        web = next(pid for pid, line in processes_of(home).items() if "uvicorn" in line)
        yield Server(stack.base, psutil.Process(web), browser, Api(stack.base, token))
