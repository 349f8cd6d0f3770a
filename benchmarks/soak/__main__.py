"""Throws seeded random faults at random jobs for some minutes; exit code 1 where anything was lost or came twice."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.soak.report import Report


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="of faults (%(default)s); then it comes to rest")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of chance; by the clock without it")
    parser.add_argument("--logs", default="", metavar="FILE", help="where the ends of all logs go when something does not hold")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="synset-soak-", ignore_cleanup_errors=True) as scratch:
        report, logs = run(Path(scratch), options.minutes * 60.0, options.seed or int(time.time()))
    print(*report.lines(), sep="\n")
    if options.logs and not report.good:
        Path(options.logs).write_text(logs, encoding="utf-8")
    return 0 if report.good else 1


def run(scratch: Path, seconds: float, seed: int) -> tuple[Report, str]:
    """What came of it, and the ends of the logs, on a data folder and a database of its own."""
    own = {"SYNSET_HOME": str(scratch / "here"), "DATABASE_URL": f"sqlite:///{scratch / 'here.sqlite3'}", "REDIS_URL": ""}
    os.environ.update(own, DJANGO_SETTINGS_MODULE="webapp.settings")
    import django

    django.setup()
    from benchmarks.soak.report import soak
    from tests.faults.house import House

    home = scratch / "house"
    home.mkdir()
    with House(home).opened() as house:
        house.furnish()
        return soak(house, scratch, seconds=seconds, seed=seed), house.logs()


if __name__ == "__main__":
    sys.exit(main())
