"""A child process that visits pages of a database of its own and prints the processor's milliseconds of each.

python -m benchmarks.visits HOME full|small     then a page's name a line on stdin, and a line of JSON for each
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

VISITS = 7  # of a page in one run, after one that is not counted


def start(home: Path) -> None:
    """Django on a data folder of its own; the environment's is left alone."""
    os.environ |= {"SYNSET_HOME": str(home), "DJANGO_SETTINGS_MODULE": "webapp.settings", "DEBUG": "off", "HTTPS": "off"}
    os.environ |= {"DATABASE_URL": f"sqlite:///{home / 'pages.sqlite3'}", "REDIS_URL": "", "ALLOWED_HOSTS": "localhost"}
    import django
    from django.core.management import call_command

    django.setup()
    from webapp.ops.static_files import collect

    call_command("migrate", verbosity=0, interactive=False)
    collect()


def client(user: Any) -> Any:
    """A browser in which somebody has signed in."""
    from django.test import Client

    made = Client()
    made.force_login(user)
    return made


def opening(address: str) -> dict[str, str]:
    """The header with which a scraper opens the metrics; pages are open to who signed in."""
    from django.conf import settings

    return {"Authorization": f"Bearer {settings.METRICS_TOKEN}"} if address == "/metrics" else {}


def milliseconds(browser: Any, address: str) -> float:
    """Processor time of one request from the middleware to the last byte: other processes on the machine change it little."""
    headers = {"host": "localhost", **opening(address)}
    started = time.process_time()
    answer = browser.get(address, headers=headers)
    taken = 1000 * (time.process_time() - started)
    if answer.status_code != 200 or not answer.content:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken


def visited(browser: Any, address: str) -> float:
    """The median of some visits."""
    milliseconds(browser, address)
    return statistics.median(milliseconds(browser, address) for _ in range(VISITS))


def main() -> None:
    """Fills the database, then visits whatever is asked for."""
    home, size = Path(sys.argv[1]), sys.argv[2]
    start(home)
    from benchmarks.filling import SIZES, fill

    user, addresses = fill(SIZES[size])
    browser = client(user)
    print(json.dumps(sorted(addresses)), flush=True)
    for line in sys.stdin:
        print(json.dumps(visited(browser, addresses[line.strip()])), flush=True)


if __name__ == "__main__":
    main()
