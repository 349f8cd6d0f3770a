"""What a first start makes is made once for all tests: it is whole, and anew when its sources change."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.plugins import prepared
from webapp.ops.static_files import fingerprint


@pytest.fixture
def home(tmp_path):
    """A data folder with copies."""
    prepared.copy_home(tmp_path)
    return tmp_path


def test_every_migration_has_been_applied_to_the_tables(home):
    with closing(sqlite3.connect(home / prepared.DATABASE)) as database:
        applied = {*database.execute("SELECT app, name FROM django_migrations")}
        assert database.execute("SELECT COUNT(*) FROM accounts_user").fetchone() == (0,)
    assert applied == {*MigrationLoader(None).disk_migrations}


def test_the_static_files_are_those_that_a_start_would_collect(home):
    assert (home / prepared.STATIC / ".fingerprint").read_text() == fingerprint()
    assert (home / prepared.STATIC / "staticfiles.json").is_file()


@pytest.mark.parametrize("changed", ["webapp/jobs/migrations/0001_first.py", "static.txt", "webapp/settings.py"])
def test_it_is_made_anew_when_a_source_changes(changed, tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "CHECKOUT", tmp_path)
    monkeypatch.setattr(prepared, "fingerprint", lambda: (tmp_path / "static.txt").read_text())
    monkeypatch.setattr(prepared, "CACHE", tmp_path / "cache")
    made = []
    monkeypatch.setattr(prepared, "make", lambda target: made.append(target) or target.mkdir())
    for name in ("webapp/settings.py", "static.txt", changed):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    for text in ("before", "before", "after", "after"):
        (tmp_path / changed).write_text(text)
        with prepared.folder() as found:
            assert found == made[-1]
    assert len({*made}) == len(made) == 2
