"""What must be read again is kept so that the database alone opens none of it."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.core.locks import Lost, lock, relock, unlock


def test_what_is_locked_opens_for_its_purpose_alone() -> None:
    locked = lock("connection one", "päss\nword")
    assert unlock("connection one", locked) == "päss\nword" and "word" not in locked
    with pytest.raises(Lost):
        unlock("connection two", locked)


def test_an_older_key_opens_while_it_is_named(settings: Any) -> None:
    locked, old = lock("a", "word"), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [old]
    assert unlock("a", locked) == "word"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Lost):
        unlock("a", locked)


def test_what_is_locked_anew_needs_the_older_key_no_more(settings: Any) -> None:
    locked, old = lock("a", "word"), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [old]
    anew = relock("a", locked)
    settings.SECRET_KEY_FALLBACKS = []
    assert unlock("a", anew) == "word"


@pytest.mark.parametrize("spoilt", ["", "nothing", "gAAAAA=="])
def test_what_is_spoilt_is_lost(spoilt: str) -> None:
    with pytest.raises(Lost):
        unlock("a", spoilt)
