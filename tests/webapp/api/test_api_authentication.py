"""The API knows programs by their tokens alone."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.webapp.api.kit import expired
from webapp.accounts import actions as accounts
from webapp.accounts.models import Membership, Token, User

WRONG = ["x" * 40, "a\x00b", "ünknown", " ", "Bearer", "null"]


@pytest.mark.parametrize("token", WRONG)
def test_a_wrong_token_gets_401(token, call):
    assert call("GET", "/datasets", by=token).status == 401


def test_an_expired_token_gets_401(call):
    assert call("GET", "/datasets", by=expired(User.objects.get(username="owner"))).error["code"] == "bad_token"


def test_a_revoked_token_gets_401(call, tokens):
    accounts.revoke_token(Token.objects.get(digest=accounts.digest(tokens["owner"])))
    assert call("GET", "/datasets").status == 401


def test_a_token_ends_with_its_owners_membership(call):
    Membership.objects.filter(user__username="editor").delete()
    assert call("GET", "/datasets", by="editor").status == 401


def test_a_token_ends_with_its_owners_account(call):
    User.objects.filter(username="editor").update(is_active=False)
    assert call("GET", "/datasets", by="editor").status == 401


def test_a_token_does_no_more_than_its_owners_role_today(call):
    Membership.objects.filter(user__username="owner").update(role="viewer")
    assert call("POST", "/experiments", {"dataset": "x", "name": "x", "config": {}}).status == 403


def test_a_sessions_cookie_opens_nothing(tokens):
    client = Client()
    client.force_login(User.objects.get(username="owner"))
    assert client.get("/api/v1/datasets").status_code == 401


def test_401_says_how_to_send_a_token(call):
    answer = call("GET", "/datasets", by="nobody")
    assert answer.response["WWW-Authenticate"].startswith("Bearer") and "Authorization" in answer.error["message"]


def test_the_scheme_may_be_written_in_any_case(tokens):
    assert Client().get("/api/v1/datasets", headers={"Authorization": f"bearer {tokens['owner']}"}).status_code == 200


def test_a_call_notes_that_the_token_was_used(call, tokens):
    call("GET", "/datasets")
    assert Token.objects.get(digest=accounts.digest(tokens["owner"])).last_used_at
