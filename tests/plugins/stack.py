"""A whole Synset as a process tree of its own: `manage.py up` on a free port with its own data folder."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import Any

from tests.plugins.desk import Desk
from tests.plugins.prepared import copy_home
from webapp.core.home import CHECKOUT, redis_socket, secret
from webapp.ops.tree import web_command

END_SECONDS, KILLED_SECONDS = 40.0, 20.0  # from Ctrl-C, and from SIGKILL, to the end of all
PERSON, PASSWORD = "pat", "wren-under-7-eaves"  # the owner in the fixture `stack`


def free_port() -> int:
    """Out of those that the kernel gives to no outgoing connection: what is free now is free when its server starts, seconds later."""
    while True:
        port = SystemRandom().randrange(20_000, 32_000)  # whatever seed a test has set, no other process draws the same
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment(home: Path, port: int) -> dict[str, str]:
    """Of a tree that knows nothing of this test run's database and Redis."""
    own = {"SYNSET_HOME": str(home), "PORT": str(port), "HOST": "127.0.0.1", "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    return {**{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}, **own}


def processes_of(home: Path) -> dict[int, str]:
    """Living processes that carry this data folder in their environment: {pid: command line}."""
    mark, found = f"SYNSET_HOME={home}\0".encode(), {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended while we looked, or is somebody else's
            continue
    return {pid: command for pid, command in found.items() if command}


def no_answer(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> str:
    """Nothing once the address answers 200; else, after so long or when its process has ended, what came instead."""
    end, answer = time.monotonic() + seconds, "it ended"
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return ""
        except urllib.error.HTTPError as error:
            answer = error.read().decode()
        except OSError as error:
            answer = str(error)
        time.sleep(0.05)
    return answer


class Stack:
    """Use as a context; `base` is its address."""

    def __init__(self, home: Path, *command: str, **variables: str) -> None:
        self.home, self.port = home, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.roots = home.with_name(f"{home.name}_roots")  # open for import
        self.roots.mkdir(parents=True, exist_ok=True)
        own = {"SYNSET_ROOTS": str(self.roots), "SYNSET_FETCH_NETWORKS": "127.0.0.0/8", "SYNSET_BUCKET_KINDS": "sftp"}
        self.environment = environment(home, self.port) | own | variables
        self.command = [sys.executable, "manage.py", *(command or ("up",))]
        self.output = home / "terminal.txt"
        self.desk = Desk(self.environment)
        self.process: subprocess.Popen[bytes]

    def prepared(self) -> Stack:
        """With tables and static files as a first start makes them."""
        self.home.mkdir(parents=True, exist_ok=True)
        copy_home(self.home)
        return self

    def __enter__(self) -> Stack:
        self.home.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                self.command, cwd=CHECKOUT, env=self.environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.desk.close()
            self.interrupt()
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            left = "\n".join(processes_of(self.home).values())
            raise AssertionError(f"after {END_SECONDS:g} s there are still\n{left}\n{self.output.read_text()[-2000:]}") from None
        finally:
            self.kill_rest()

    def kill_rest(self) -> None:
        """Returns once no process of the tree is left, not even one that does not end: the next test would meet it."""
        end = time.monotonic() + KILLED_SECONDS
        while left := processes_of(self.home):
            for pid in left:
                with suppress(ProcessLookupError):  # it ended since
                    os.kill(pid, signal.SIGKILL)
            assert time.monotonic() < end, f"killed, and still there: {left}"
            time.sleep(0.05)
        self.process.wait(KILLED_SECONDS)

    def interrupt(self) -> None:
        """The terminal's Ctrl-C."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)

    def wait_until_ready(self, seconds: float = 60) -> Stack:
        """Returns once /readyz answers 200."""
        if answer := no_answer(f"{self.base}/readyz", self.process, seconds):
            raise AssertionError(f"not ready: {answer}\n{self.output.read_text()[-2000:]}")
        return self

    @property
    def redis_url(self) -> str:
        return f"unix://:{secret(self.home, 'redis')}@{redis_socket(self.home)}?db=1"

    def setup_path(self, seconds: float = 30) -> str:
        """Of the page where the first account is made, as the terminal tells it once all is ready."""
        end = time.monotonic() + seconds
        while not (found := re.search(r"/setup/[\w-]+/", self.output.read_text())):
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.1)
        return found[0]

    @contextmanager
    def web(self, **variables: str) -> Iterator[str]:
        """A second web process on the same data, with other settings; its address."""
        port, log = free_port(), self.home / "second_web.txt"
        with log.open("wb") as out:
            process = subprocess.Popen(
                web_command("127.0.0.1", port),
                cwd=CHECKOUT,
                env={**self.environment, "PORT": str(port), **variables},
                stdout=out,
                stderr=out,
            )
        try:
            base = f"http://127.0.0.1:{port}"
            answer = no_answer(f"{base}/healthz", process)
            assert not answer, f"{answer}\n{log.read_text()[-2000:]}"
            yield base
        finally:
            process.terminate()
            process.wait(20)

    def manage(self, *arguments: str, **variables: str) -> str:
        """What a management command prints, run beside the tree in a process of its own; `desk.call` is quicker."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def api(self, token: str, method: str, path: str, body: Any = None) -> Any:
        """One REST call that must succeed."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.base}/api/v1{path}", data, headers, method=method), timeout=60
        ) as answer:
            return json.load(answer) if answer.status != 204 else None
