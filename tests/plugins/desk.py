"""Management commands of a data folder, one after the other in one process: Django is loaded once, which takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping

from webapp.core.home import CHECKOUT

MOST_SECONDS = 120.0  # of one command, the first one's start of Django included
ANSWERS = """
import contextlib, io, json, os, sys, traceback
import django
from classifier.spec.loading import loading
with loading():
    django.setup()
    from django.core.management import call_command
    from django.db import connections
for line in sys.stdin:
    command, variables = json.loads(line)
    before, printed, trouble = dict(os.environ), io.StringIO(), ""
    os.environ.update(variables)
    try:
        with contextlib.redirect_stdout(printed):
            call_command(*command)
    except Exception:
        trouble = traceback.format_exc()
    os.environ.clear()
    os.environ.update(before)
    connections.close_all()
    print(json.dumps([printed.getvalue().strip(), trouble]), flush=True)
"""


class Desk:
    """Starts with its first command, and ends with `close` or its context."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, *command: str, **variables: str) -> str:
        """What the command prints; it must succeed. The variables stand in its environment."""
        if self.process is None:
            self.process = self.started()
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([command, variables]) + "\n")
        self.process.stdin.flush()
        limit = threading.Timer(MOST_SECONDS, self.process.kill)  # a line that does not come would be waited for without end
        limit.start()
        answer = self.process.stdout.readline()
        limit.cancel()
        assert answer, f"the process that runs management commands ended at {command}, or was ended after {MOST_SECONDS:g} s"
        printed, trouble = json.loads(answer)
        assert not trouble, trouble
        return str(printed)

    def started(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", ANSWERS]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=CHECKOUT, env={**self.environment}, stdin=pipe, stdout=pipe, text=True)

    def close(self) -> None:
        if self.process is not None and self.process.stdin:
            self.process.stdin.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
