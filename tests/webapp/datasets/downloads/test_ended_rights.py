"""A download ends with the right of who takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from webapp.accounts import actions as accounts
from webapp.accounts.models import Membership, Session, Token
from webapp.core.pieces import InPieces
from webapp.datasets.models import Dataset, DatasetVersion


@pytest.fixture
def begun(version: DatasetVersion, viewer: Any, signed_in: Callable[[Any], Client]) -> InPieces:
    """A download that is under way."""
    answer: Any = signed_in(viewer).get(reverse("datasets:download", args=[version.dataset_id, 1]))
    return answer


def test_who_still_may_gets_all_of_it(begun: Any) -> None:
    assert begun.still() and b"PK\x05\x06" in list(begun.streaming_content)[-1]


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
def test_it_goes_no_further_once_the_reader(happens: Callable[[Any], None], begun: InPieces, viewer: Any) -> None:
    happens(viewer)
    assert not begun.still()


def test_it_goes_no_further_than_the_token_that_asked_for_it(version: DatasetVersion, viewer: Any, client: Client) -> None:
    token = accounts.create_token(viewer, "read", None)
    path = f"/api/v1/datasets/{version.dataset_id}/versions/1/download"
    answer: Any = client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.still()
    Token.objects.update(revoked_at=timezone.now())
    assert not answer.still()
