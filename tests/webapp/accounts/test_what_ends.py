"""Tokens and sessions end with the password that they hang on."""

from __future__ import annotations

import pytest

from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts import actions
from webapp.accounts.models import AuditEntry, Membership, Team, Token

NEW = "heron-by-3-ponds"


@pytest.fixture
def token(ann):
    return actions.create_token(ann, "write", None, name="nightly")


@pytest.fixture
def browser(ann, signed_in):
    return signed_in(ann)


def change(client, **more):
    return client.post("/account/password/", {"current": PASSWORD, "password": NEW, **more}, follow=True)


def test_a_reset_password_ends_the_tokens_of_every_team(own, ann):
    elsewhere = Team.objects.create(name="Other")
    Membership.objects.create(user=own.user, team=elsewhere, role="owner")
    Membership.objects.create(user=ann, team=elsewhere, role="viewer")
    tokens = [actions.create_token(ann, "read", days, team=where) for days, where in ((None, own.team), (7, elsewhere))]
    actions.reset_password(actions.make_reset_link(own, "ann")[1], NEW)
    assert [actions.token_actor(plain) for plain in tokens] == [None, None]
    assert [entry.detail for entry in AuditEntry.objects.filter(verb="password.reset")] == [{"tokens": 2}] * 2


def test_a_mailed_link_ends_tokens_too(ann, token):
    actions.reset_password(actions.mailed_reset_link(ann), NEW)
    assert actions.token_actor(token) is None


def test_the_reset_page_says_that_tokens_end(client, ann):
    page = client.get(f"/password/reset/{actions.mailed_reset_link(ann)}/").content.decode()
    assert "all access tokens of this name end" in page


def test_after_a_reset_the_login_says_that_tokens_have_ended(client, ann):
    answer = client.post(f"/password/reset/{actions.mailed_reset_link(ann)}/", {"password": NEW}, follow=True)
    assert "your tokens have ended" in answer.content.decode()


def test_the_account_page_offers_to_end_tokens_with_the_password(browser, token):
    assert 'name="tokens" value="on" checked' in browser.get("/account/").content.decode()


def test_who_has_no_tokens_is_not_asked_about_them(browser):
    assert "Also revoke my access tokens" not in browser.get("/account/").content.decode()


def test_a_changed_password_ends_tokens_when_asked_to(browser, token):
    assert "your tokens have ended" in change(browser, tokens="on").content.decode()
    assert actions.token_actor(token) is None


def test_a_changed_password_leaves_tokens_otherwise(browser, token):
    change(browser)
    assert actions.token_actor(token)


def test_a_refused_change_ends_nothing_and_keeps_what_was_ticked(browser, token):
    answer = browser.post("/account/password/", {"current": "no", "password": NEW})
    assert actions.token_actor(token)
    assert 'name="tokens" value="on" checked' not in answer.content.decode()


def test_somebody_elses_tokens_stay(browser, token, owner):
    theirs = actions.create_token(owner, "read", None)
    change(browser, tokens="on")
    assert actions.token_actor(theirs) and Token.objects.filter(revoked_at=None).count() == 1
