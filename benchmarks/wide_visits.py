"""A child process with a wide dataset that answers how long pages take, on SQLite or PostgreSQL.

python -m benchmarks.wide_visits HOME sqlite|postgres IMAGES CLASSES     then a page's name a line on stdin; milliseconds for each
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.visits import client
from tests.plugins.services import start_postgres

VISITS = 40  # of a page in one run, after one that is not counted
STRIDE = 100  # from one edited image to the next: what is 3 behind such a place has its class still
EDITED = ("gallery-after-edit",)  # one image is labelled before each visit: nothing that was kept of the draft holds any more


def start(home: Path, engine: str) -> None:
    """Django on a data folder and a database of its own."""
    address = start_postgres(home) if engine == "postgres" else f"sqlite:///{home / 'wide.sqlite3'}"
    os.environ |= {"SYNSET_HOME": str(home), "DJANGO_SETTINGS_MODULE": "webapp.settings", "DEBUG": "off", "HTTPS": "off"}
    os.environ |= {"DATABASE_URL": address, "REDIS_URL": "", "ALLOWED_HOSTS": "localhost"}
    import django
    from django.core.management import call_command

    django.setup()
    from webapp.ops.static_files import collect

    call_command("migrate", verbosity=0, interactive=False)
    collect()


class Visitor:
    """Asks for a page again and again, each time for another place, class or size."""

    def __init__(self, browser: Any, addresses: dict[str, str], images: int, classes: int) -> None:
        self.browser, self.addresses, self.chance = browser, addresses, random.Random(0)
        self.images, self.classes = images, classes
        self.edits, self.change = itertools.count(), f"{addresses['dataset']}draft/change/"

    def address(self, pattern: str) -> str:
        """The page of one visit."""
        below = self.chance.randrange
        named = {"random": below(self.images), "class": below(self.classes), "few": below(5000), "side": 200 + below(800)}
        for name, value in named.items():
            pattern = pattern.replace(f"{{{name}}}", str(value))
        return pattern

    def milliseconds(self, pattern: str) -> tuple[float, float]:
        """(by the clock, of the processor) from the middleware to the last byte."""
        address = self.address(pattern)
        started, began = time.perf_counter(), time.process_time()
        answer = self.browser.get(address, headers={"host": "localhost", "HX-Request": "true" if "/gallery/" in address else "false"})
        taken, worked = 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - began)
        if answer.status_code != 200 or not answer.content:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return taken, worked

    def edit(self) -> None:
        """Labels an image that nobody has labelled."""
        position = STRIDE * next(self.edits) + 3
        label = (position * self.classes // self.images + 1) % self.classes
        sent = {"positions": str(position), "label": f"n{label:08}"}
        answer = self.browser.post(self.change, sent, headers={"host": "localhost", "Accept": "application/json"})
        if answer.status_code != 200:
            raise RuntimeError(f"{self.change} answered {answer.status_code}")

    def visit(self, page: str) -> tuple[float, float]:
        """One visit; what has to be done before it is not counted."""
        if page in EDITED:
            self.edit()
        return self.milliseconds(self.addresses[page])

    def visits(self, page: str) -> dict[str, float]:
        """By the clock the 95th percentile, and of the processor's time of this process the median."""
        self.visit(page)
        taken, worked = (sorted(column) for column in zip(*(self.visit(page) for _ in range(VISITS)), strict=True))
        return {
            "p95": taken[VISITS * 95 // 100],
            "p50": taken[VISITS // 2],
            "cpu": worked[VISITS // 2],
            "cpu95": worked[VISITS * 95 // 100],
        }


def main() -> None:
    """Fills the database, then visits whatever is asked for."""
    home, engine, images, classes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    home.mkdir(parents=True, exist_ok=True)
    start(home, engine)
    from benchmarks.wide import fill

    user, addresses = fill(images, classes)
    visitor = Visitor(client(user), addresses, images, classes)
    print(json.dumps(sorted(addresses)), flush=True)
    for line in sys.stdin:
        print(json.dumps(visitor.visits(line.strip())), flush=True)


if __name__ == "__main__":
    main()
