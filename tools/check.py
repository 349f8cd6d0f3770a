"""Lint, types and tests: all of them run, and one that fails fails the whole. pytest's closing line is the last.

Two lanes side by side. In one: types, then the tests that kill processes, three at once, for they mostly wait. In the other, which
gives way since those have leases of seconds: what locks, orders and searches on PostgreSQL too, then everything on SQLite. After
both, and alone, the browser's: in each of two processes one server and one browser for file after file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
WEB, BROWSER = "tests/webapp", "tests/browser"
ON_POSTGRES = (
    *("jobs", "reports", "datasets/drafts", "datasets/labelling", "datasets/test_removing.py", "datasets/test_quality.py"),
    *("accounts/test_races.py", "accounts/test_members.py", "accounts/test_invitations.py", "accounts/test_audit_log.py"),
    *("ops/test_trash.py", "ops/test_trash_races.py", "ops/test_purging.py", "ops/test_home.py", "ops/test_home_tables.py"),
    *("ops/test_search.py", "experiments/test_removing.py", "experiments/test_double_launch.py"),
)
SLOW_THERE = "not found_at_any_address"
GIVES_WAY = ("nice", "-n", "5")
# Processes run side by side: torch with a thread a core in each would wait for itself, at more than twice the time.
# And hundreds of them start: without bytecode each would compile Synset anew.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
STOPPED = Event()


def succeeds(*command: str, before: tuple[str, ...] = (), out: IO[bytes] | None = None, **variables: str) -> bool:
    """Runs a module of the environment to its end; none once somebody has pressed Ctrl-C."""
    if STOPPED.is_set():
        return False
    words = [*before, sys.executable, "-m", *command]
    with subprocess.Popen(words, cwd=ROOT, env={**ENVIRONMENT, **variables}, stdout=out, stderr=out) as process:
        return process.wait() == 0


def lints() -> bool:
    """Ruff's rules and format."""
    fine = succeeds("ruff", "check", ".")
    if not (formatted := succeeds("ruff", "format", "--check", "--quiet", ".")):
        say("Some files are not formatted: run .venv/bin/ruff format .")
    return fine and formatted


def marked(name: str) -> list[str]:
    """The files with tests of a mark: each process of pytest reads all that it is given, which takes seconds."""
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("test_*.py")) if f"mark.{name}" in path.read_text()]


def checks_types_and_faults(out: IO[bytes]) -> bool:
    """The first lane."""
    typed = succeeds("mypy", out=out)
    return succeeds("pytest", "-q", "-n", "3", "--dist", "loadfile", "-m", "faults", *marked("faults"), out=out) and typed


def passes_on_both_databases() -> bool:
    """The second lane."""
    some = [f"{WEB}/{part}" for part in ON_POSTGRES]
    quick = ("pytest", "-q", "-n", "2", "-m", "not (browser or faults)")
    on_postgres = succeeds(*quick, *some, "-k", SLOW_THERE, before=GIVES_WAY, SYNSET_TEST_POSTGRES="1")
    return succeeds(*quick, f"--ignore={BROWSER}", before=GIVES_WAY) and on_postgres  # each process would read those and leave them out


def passes_in_a_browser() -> bool:
    return succeeds("pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "browser and not faults", BROWSER)


def both_lanes() -> bool:
    """Side by side; what the first has said is printed after the second."""
    with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as beside:
        first = beside.submit(checks_types_and_faults, said)
        second = passes_on_both_databases()
        fine = first.result()
        said.seek(0)
        say(said.read().decode(errors="replace"))
    return fine and second


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    fine = lints()
    if not fine:
        say("Lint failed; see above. The tests run all the same.")
    fine = both_lanes() and fine
    sys.exit(0 if passes_in_a_browser() and fine else 1)


def stop(*_: object) -> None:
    """The terminal's Ctrl-C, which went to what runs too: it ends in order."""
    STOPPED.set()
    sys.exit(130)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, stop)
    main()
