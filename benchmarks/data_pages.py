"""The rows of a million samples: how long each page of them takes by the clock, at the 95th percentile, on SQLite and PostgreSQL.

Beside it stands the median of this process's own work, which other processes on the machine change little.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Row

ROOT = Path(__file__).resolve().parents[1]
IMAGES, CLASSES = 1_000_000, 1_000
ENGINES = ("sqlite", "postgres")
RUNS = 3
PAGES = (
    "dataset", "gallery", "gallery-far", "gallery-behind", "gallery-class", "gallery-class-split", "gallery-size", "gallery-finding",
    "gallery-metadata", "gallery-search", "gallery-search-common", "gallery-changed", "gallery-sealed", "gallery-large",
    "gallery-large-all", "gallery-path-all", "gallery-wide-behind", "gallery-after-edit", "to-class", "large-view", "classes", "difference",
    "versions", "problems", "problems-seldom", "problems-search", "new-experiment",
)  # fmt: skip


class Wide:
    """A process with its own database, filled when it is first asked."""

    def __init__(self, home: Path, engine: str, images: int = IMAGES, classes: int = CLASSES) -> None:
        self.home, self.engine, self.size = home, engine, (str(images), str(classes))
        self.newest: dict[str, dict[str, float]] = {}

    @functools.cached_property
    def process(self) -> subprocess.Popen[str]:
        """The child, once it is ready; it ends when its input does."""
        command = [sys.executable, "-m", "benchmarks.wide_visits", str(self.home), self.engine, *self.size]
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer(child)
        return child

    def p95(self, page: str) -> float:
        """Milliseconds of one run."""
        assert self.process.stdin is not None
        print(page, file=self.process.stdin, flush=True)
        self.newest[page] = json.loads(self.answer(self.process))
        return self.newest[page]["p95"]

    def work(self, page: str) -> float:
        """Of the run that `p95` was of."""
        return self.newest[page]["cpu"]

    def answer(self, child: subprocess.Popen[str]) -> str:
        """Its next line; its own errors went to the terminal."""
        assert child.stdout is not None
        if not (line := child.stdout.readline()):
            raise RuntimeError(f"The process with {self.engine} ended with status {child.wait()}; see above.")
        return line


def rows(scratch: Path) -> list[Row]:
    """All pages on both; the baseline is the work of the same visits. A database is filled only for those that run."""
    made = []
    for engine in ENGINES:
        wide = Wide(scratch / f"wide-{engine}", engine)
        for page in PAGES:
            p95, work = functools.partial(wide.p95, page), functools.partial(wide.work, page)
            made.append(Row(f"data/pages-{engine}-{page}", "ms p95", p95, work, runs=RUNS))
    return made
