"""What the first start of a data folder makes, made once for all of a checkout's test runs: the tables, and the collected static files.

Each worker of pytest, each tree of processes and each house of the fault tests would go through all migrations by itself, which takes
longer with every one of them. They still do what is missing: here are copies of what the same code has made.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from webapp.core.home import CHECKOUT
from webapp.ops.static_files import fingerprint

CACHE = CHECKOUT / ".pytest_cache" / "prepared"  # `make clean` removes it
DATABASE, STATIC = "synset.sqlite3", "static"
FIRST_START = "from webapp.ops import database, static_files; database.migrate(); static_files.collect()"
APART = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SYNSET_HOME")


def key() -> str:
    """Changes with whatever the tables and the static files come from."""
    digest = hashlib.sha256(" ".join((version("Django"), version("django-axes"), fingerprint())).encode())
    for path in sorted([*CHECKOUT.glob("webapp/*/migrations/*.py"), CHECKOUT / "webapp" / "settings.py"]):
        digest.update(f"{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def folder() -> Iterator[Path]:
    """Held, so that no other process makes it or removes it meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        made = CACHE / key()
        if not made.exists():
            make(made)
        yield made


def make(target: Path) -> None:
    """The first start, in a process and a data folder of its own; older ones go."""
    for older in CACHE.iterdir():
        if older.is_dir():
            shutil.rmtree(older)
    with tempfile.TemporaryDirectory() as home:
        own = {name: value for name, value in os.environ.items() if name not in APART}
        own |= {"SYNSET_HOME": home, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        subprocess.run([sys.executable, "manage.py", "shell", "-v0", "-c", FIRST_START], cwd=CHECKOUT, env=own, check=True)
        half = Path(tempfile.mkdtemp(dir=CACHE))
        with contextlib.closing(sqlite3.connect(Path(home) / DATABASE)) as database:
            database.execute("PRAGMA journal_mode=DELETE")  # one file, which can be copied and held in memory
        shutil.copy2(Path(home) / DATABASE, half / DATABASE)
        shutil.copytree(Path(home) / STATIC, half / STATIC)
    half.rename(target)


def copy_tables(target: Path) -> None:
    """A new file with all tables, as SQLite keeps them."""
    with folder() as made:
        shutil.copyfile(made / DATABASE, target)


def copy_home(home: Path) -> None:
    """Tables and static files of a data folder that was never used."""
    with folder() as made:
        shutil.copyfile(made / DATABASE, home / DATABASE)
        shutil.copytree(made / STATIC, home / STATIC)


HELD: list[sqlite3.Connection] = []  # a database in memory is there while a connection is


def install() -> None:
    """Test databases of this process that are held in memory begin with all tables."""
    from django.db.backends.sqlite3.creation import DatabaseCreation

    begin = DatabaseCreation._create_test_db

    def with_tables(self: Any, *words: Any, **named: Any) -> str:
        name: str = begin(self, *words, **named)
        if self.is_in_memory_db(name):
            HELD.append(sqlite3.connect(name, uri=True))
            with folder() as made, contextlib.closing(sqlite3.connect(made / DATABASE)) as tables:
                tables.backup(HELD[-1])
        return name

    DatabaseCreation._create_test_db = with_tables
