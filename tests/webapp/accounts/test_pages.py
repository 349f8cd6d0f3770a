from __future__ import annotations

import pytest

from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts.models import Membership, Token, User


def sign_in(client, password=PASSWORD, **more):
    return client.post("/login/", {"name": "ann", "password": password, **more})


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client, db):
    answer = client.post("/reports/0/edit/", headers={"Referer": "http://testserver/reports/0/"})
    assert answer["Location"] == "/login/?next=http%3A%2F%2Ftestserver%2Freports%2F0%2F"
    assert client.post("/reports/0/edit/")["Location"] == "/login/?next=%2F"


def test_name_and_password_sign_in(client, ann):
    assert sign_in(client).headers["Location"] == "/"
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_is_said_at_the_field(client, ann):
    answer = sign_in(client, "no")
    assert answer.status_code == 422
    assert "No account has this name and password" in answer.content.decode()


def test_after_signing_in_one_is_where_one_wanted_to_be(client, ann):
    assert sign_in(client, next="/account/?a=b").headers["Location"] == "/account/?a=b"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", "/\\example.org"])
def test_signing_in_never_leads_to_another_site(client, ann, elsewhere):
    assert sign_in(client, next=elsewhere).headers["Location"] == "/"


def test_signing_out_ends_the_session(client, ann):
    sign_in(client)
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/account/").status_code == 302


def test_signing_out_needs_a_form(client, ann):
    sign_in(client)
    assert client.get("/logout/").status_code == 405


def test_a_stranger_is_led_to_the_login_and_back(client, db):
    assert client.get("/account/").headers["Location"] == "/login/?next=/account/"


def test_a_new_password_replaces_the_old(client, ann):
    sign_in(client)
    client.post("/account/password/", {"current": PASSWORD, "password": "heron-by-3-ponds"})
    assert client.get("/account/").status_code == 200
    assert User.objects.get().check_password("heron-by-3-ponds")


def test_a_new_password_needs_the_current_one(client, ann):
    sign_in(client)
    answer = client.post("/account/password/", {"current": "no", "password": "heron-by-3-ponds"})
    assert answer.status_code == 422
    assert "not your current password" in answer.content.decode()


def test_a_new_password_signs_other_browsers_out(client, ann, signed_in):
    sign_in(client)
    other = signed_in(ann)
    client.post("/account/password/", {"current": PASSWORD, "password": "heron-by-3-ponds"})
    assert other.get("/account/").status_code == 302


def test_a_token_is_shown_once(editor, signed_in):
    client = signed_in(editor)
    assert "synset_" in client.post("/account/tokens/", {"name": "nightly", "scope": "read", "days": "30"}).content.decode()
    assert "synset_" not in client.get("/account/").content.decode()


def test_a_token_can_be_revoked(editor, signed_in):
    client = signed_in(editor)
    client.post("/account/tokens/", {"name": "nightly", "scope": "read", "days": ""})
    client.post(f"/account/tokens/{Token.objects.get().id}/revoke/")
    assert Token.objects.get().revoked_at


def test_somebody_elses_token_cannot_be_revoked(editor, owner, signed_in):
    signed_in(editor).post("/account/tokens/", {"name": "mine", "scope": "read", "days": ""})
    assert signed_in(owner).post(f"/account/tokens/{Token.objects.get().id}/revoke/").status_code == 404


def test_a_wrong_scope_is_named(editor, signed_in):
    answer = signed_in(editor).post("/account/tokens/", {"name": "x", "scope": "root", "days": "30"})
    assert answer.status_code == 422
    assert not Token.objects.exists()


def test_somebody_without_a_team_still_has_an_account_page(editor, signed_in):
    Membership.objects.all().delete()
    assert "no team yet" in signed_in(editor).get("/account/").content.decode()


def test_text_with_nul_is_refused_in_words(client, ann):
    assert client.post("/login/", {"name": "a\0b", "password": "x"}).status_code == 422
