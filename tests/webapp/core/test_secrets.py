from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.core.home import secret


def test_a_secret_is_made_once(tmp_path):
    assert len(secret(tmp_path, "django")) == 64 and secret(tmp_path, "django") == secret(tmp_path, "django")


@pytest.mark.parametrize("left", ["", " \n"])
def test_a_secret_that_was_left_empty_is_made_anew(left, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "django").write_text(left)
    assert len(secret(tmp_path, "django")) == 64 and secret(tmp_path, "django") == secret(tmp_path, "django")


def test_a_secret_that_cannot_be_written_in_full_has_no_name(tmp_path, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(28, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="full"):
            secret(tmp_path, "django")
    assert not (tmp_path / "secrets" / "django").exists() and len(secret(tmp_path, "django")) == 64


def test_callers_at_once_get_the_same_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret(tmp_path, "redis"), range(32)))) == 1


def test_a_secret_is_its_owners_alone(tmp_path):
    secret(tmp_path, "django")
    assert stat.S_IMODE((tmp_path / "secrets" / "django").stat().st_mode) == 0o600
