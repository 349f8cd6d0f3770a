"""The rows of pages: what the server does for a page of a full database, and of an almost empty one. No browser, no network.

Processor time alone, since other processes on the machine change that little. A page's budget is 100 ms.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Row

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "home", "datasets", "dataset", "gallery", "gallery-far", "gallery-class", "classes", "versions", "difference", "gallery-draft",
    "experiments", "experiment", "experiment-1000-classes", "reports", "reports-by-title", "reports-search",
    "report", "report-1000-classes",
    "queue", "search", "audit", "trash", "metrics",
)  # fmt: skip


class Server:
    """A process with its own database, filled when it is first asked."""

    module = "benchmarks.visits"

    def __init__(self, home: Path, size: str) -> None:
        self.home, self.size = home, size

    @functools.cached_property
    def process(self) -> subprocess.Popen[str]:
        """The child, once it is ready; it ends when its input does."""
        self.home.mkdir(parents=True)
        command = [sys.executable, "-m", self.module, str(self.home), self.size]
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer(child)
        return child

    def visit(self, page: str) -> float:
        """Milliseconds."""
        assert self.process.stdin is not None
        print(page, file=self.process.stdin, flush=True)
        return float(self.answer(self.process))

    def answer(self, child: subprocess.Popen[str]) -> str:
        """Its next line; its own errors went to the terminal."""
        assert child.stdout is not None
        if not (line := child.stdout.readline()):
            raise RuntimeError(f"The process with the {self.size} database ended with status {child.wait()}; see above.")
        return str(json.loads(line)) if line[0] != "[" else line


def rows(scratch: Path) -> list[Row]:
    """All pages; a database is filled only for those that run."""
    full, small = Server(scratch / "full", "full"), Server(scratch / "small", "small")
    return [Row(f"pages/{page}", "ms CPU", functools.partial(full.visit, page), functools.partial(small.visit, page)) for page in PAGES]
