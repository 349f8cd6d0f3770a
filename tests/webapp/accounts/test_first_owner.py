from __future__ import annotations

import stat

import pytest

from classifier.spec.errors import ConfigError
from webapp.accounts import actions
from webapp.accounts.actions import setup
from webapp.accounts.models import User

FORM = {"name": "ann", "team": "Birds", "password": "wren-under-7-eaves"}


@pytest.fixture
def code(db):
    return actions.setup_code()


def test_the_address_makes_an_owner_who_is_signed_in(client, code):
    assert client.post(f"/setup/{code}/", FORM).status_code == 302
    assert client.get("/account/").status_code == 200
    assert User.objects.get().memberships.get().role == "owner"


def test_the_address_works_once(client, code):
    client.post(f"/setup/{code}/", FORM)
    assert client.post(f"/setup/{code}/", {**FORM, "name": "bob"}).status_code == 404
    assert User.objects.count() == 1


def test_a_guessed_address_makes_nobody(client, code):
    assert client.post("/setup/guess/", FORM).status_code == 404
    assert not User.objects.exists()


def test_a_newer_code_ends_the_older(client, code):
    actions.setup_code()
    assert client.get(f"/setup/{code}/").status_code == 404


def test_a_weak_password_leaves_the_address_open(client, code):
    answer = client.post(f"/setup/{code}/", {**FORM, "password": "password"})
    assert answer.status_code == 422
    assert "too short" in answer.content.decode()
    assert client.get(f"/setup/{code}/").status_code == 200


def test_with_an_account_there_is_no_code(owner):
    assert actions.setup_code() is None


def test_two_people_with_the_address_make_one_owner(code, monkeypatch):
    monkeypatch.setattr(setup, "setup_open", lambda code: True)
    actions.create_owner(code, **FORM)
    with pytest.raises(ConfigError, match="moment ago"):
        actions.create_owner(code, **{**FORM, "name": "bob"})
    assert User.objects.count() == 1


def test_the_code_is_kept_as_a_hash_in_a_private_folder(code):
    assert code not in actions.setup_file().read_text()
    assert stat.S_IMODE(actions.setup_file().parent.stat().st_mode) == 0o700
