"""A download ends with the right of who takes it, and is then no whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from webapp.accounts import actions as accounts
from webapp.accounts import lasting
from webapp.accounts.lasting import Withdrawn
from webapp.accounts.models import Membership, Session, Token
from webapp.datasets.models import Dataset, DatasetVersion


@pytest.fixture(autouse=True)
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each part."""
    monkeypatch.setattr(lasting, "ASK_BYTES", 1)


@pytest.fixture
def begun(version: DatasetVersion, viewer: Any, signed_in: Callable[[Any], Client]) -> Iterator[bytes]:
    """The parts of a download of which two have arrived."""
    answer = signed_in(viewer).get(reverse("datasets:download", args=[version.dataset_id, 1]))
    parts = iter(answer.streaming_content)
    assert next(parts).startswith(b"PK") and next(parts)
    return parts


def test_who_still_may_gets_all_of_it(begun: Iterator[bytes]) -> None:
    assert b"PK\x05\x06" in list(begun)[-1]


def left_the_team(viewer: Any) -> None:
    Membership.objects.filter(user=viewer).delete()


def was_signed_out(viewer: Any) -> None:
    Session.objects.filter(user=viewer).delete()


def was_switched_off(viewer: Any) -> None:
    viewer.is_active = False
    viewer.save()


def has_another_password(viewer: Any) -> None:
    viewer.set_password("another-long-phrase-9")
    viewer.save()


def lost_the_dataset(viewer: Any) -> None:
    Dataset.objects.update(trashed_at=timezone.now())


@pytest.mark.parametrize("happens", [left_the_team, was_signed_out, was_switched_off, has_another_password, lost_the_dataset])
def test_it_ends_in_the_middle_once_the_reader(happens: Callable[[Any], None], begun: Iterator[bytes], viewer: Any) -> None:
    happens(viewer)
    with pytest.raises(Withdrawn):
        list(begun)


def test_it_ends_with_the_token_that_asked_for_it(version: DatasetVersion, viewer: Any, client: Client) -> None:
    token = accounts.create_token(viewer, "read", None)
    path = f"/api/v1/datasets/{version.dataset_id}/versions/1/download"
    parts = iter(client.get(path, headers={"Authorization": f"Bearer {token}"}).streaming_content)
    next(parts)
    Token.objects.update(revoked_at=timezone.now())
    with pytest.raises(Withdrawn):
        list(parts)


def test_it_is_asked_again_after_so_many_bytes_or_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "ASK_BYTES", 10)
    asked: list[bool] = []
    assert list(lasting.while_true(lambda: asked.append(True) or True, [b"12345"] * 5)) == [b"12345"] * 5
    assert len(asked) == 2
    monkeypatch.setattr(lasting, "ASK_SECONDS", 0.0)
    list(lasting.while_true(lambda: asked.append(True) or True, [b"1"] * 3))
    assert len(asked) == 5
