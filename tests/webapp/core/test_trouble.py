"""What keeps Synset from starting is said in a sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from webapp.core.home import CHECKOUT
from webapp.core.trouble import BadSetting, Environment, sentence
from webapp.ops import supervisor

env = Environment()


@pytest.mark.parametrize(("cast", "text"), [(int, "abc"), (int, "1.5"), (float, "soon"), (bool, "maybe")])
def test_a_variable_of_another_kind_is_named_with_what_came(cast, text, monkeypatch):
    monkeypatch.setenv("SYNSET_TRIED", text)
    with pytest.raises(BadSetting, match=f"SYNSET_TRIED must be .*'{text}' came"):
        env.get_value("SYNSET_TRIED", cast, default=1)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("SYNSET_TRIED", "")
    assert env.int("SYNSET_TRIED", default=8000) == 8000


@pytest.mark.parametrize("address", ["nonsense", "foo://host/name", "postgres://user:hush@host:port/name"])
def test_an_address_that_is_none_is_refused_without_its_password(address, monkeypatch):
    monkeypatch.setenv("SYNSET_TRIED", address)
    with pytest.raises(BadSetting, match="SYNSET_TRIED must be an address") as caught:
        env.database("SYNSET_TRIED", default="sqlite:///x")
    assert "hush" not in str(caught.value)


def test_a_full_disk_names_the_data_folders_setting():
    said = sentence(OSError(errno.ENOSPC, "No space left on device", "/data/logs"))
    assert "No space left on device (/data/logs)" in said and "SYNSET_HOME" in said


def test_a_database_that_is_away_names_its_setting():
    said = sentence(OperationalError("connection refused\nIs the server running?"))
    assert "connection refused" in said and "DATABASE_URL" in said and "\n" not in said


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("SYNSET_LEASE_SECONDS", "long"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://synset@127.0.0.1:1/synset"),
        ("STORAGE_URL", "s3://images"),
        ("SYNSET_HOME", "/dev/null/home"),
    ],
)
def test_a_start_that_cannot_be_is_one_sentence(variable, text, tmp_path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings", "DATABASE_URL": "", "SYNSET_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=CHECKOUT,
        env={**environment, variable: text},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1 and variable in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), ImproperlyConfigured("No good."), OperationalError("away")]
)
def test_a_tree_that_cannot_start_says_so_and_gives_up(error, monkeypatch, capsys):
    def broken() -> None:
        raise error

    monkeypatch.setattr(supervisor, "Tree", broken)
    assert supervisor.run_tree(lambda _: None) == 1
    assert sentence(error) in capsys.readouterr().err
