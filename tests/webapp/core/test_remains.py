"""The write-ahead log is emptied, and nobody who writes waits for that."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from webapp.core import notes, remains

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database in a file, as a server has it: that of the tests has no log."""
    path = tmp_path / "a.sqlite3"
    options = {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}
    own = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}
    made = DatabaseWrapper({**connection.settings_dict, **own}, "default")
    for module in (notes, remains):
        monkeypatch.setattr(module, "connection", made)
    monkeypatch.setattr(remains, "TRIES", 3)
    monkeypatch.setattr(remains, "AGAIN_SECONDS", 0.05)
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE names (name TEXT)")
    yield path
    made.close()


def writes(file: Path, count: int) -> float:
    """The longest time that one of so many took."""
    longest = 0.0
    for _ in range(count):
        begun = time.monotonic()
        with closing(sqlite3.connect(file, timeout=60)) as other, other:
            other.execute("INSERT INTO names VALUES ('ada')")
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.01)
    return longest


def test_the_log_is_emptied(file: Path) -> None:
    writes(file, 1)
    log = file.with_name("a.sqlite3-wal")
    assert log.stat().st_size
    assert remains.settle() and not log.stat().st_size


def test_who_writes_does_not_wait_for_who_reads(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM names").fetchone()
        writes(file, 1)  # what that reader does not see keeps the log
        begun = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit(writes, file, 40)
            assert not remains.settle()
            assert written.result() < 5
        assert time.monotonic() - begun < 20
        reader.execute("ROLLBACK")
    assert remains.settle() and not file.with_name("a.sqlite3-wal").stat().st_size
