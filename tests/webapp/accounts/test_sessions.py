from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts.agents import browser_words
from webapp.accounts.models import Session

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def browser(client, ann):
    client.post("/login/", {"name": "ann", "password": PASSWORD}, HTTP_USER_AGENT=FIREFOX)
    return client


def test_the_account_page_lists_browsers_in_words(browser):
    page = browser.get("/account/").content.decode()
    assert "Firefox on Linux" in page
    assert "this one" in page
    assert "127.0.0.1" in page


def test_no_address_of_a_session_would_open_it(browser, ann, signed_in):
    signed_in(ann)
    page = browser.get("/account/").content.decode()
    assert not [key for key in Session.objects.values_list("session_key", flat=True) if key in page]


def test_a_revoked_browser_is_signed_out(browser, ann, signed_in):
    other = signed_in(ann)
    handle = Session.objects.exclude(session_key=browser.session.session_key).get().handle
    browser.post(f"/account/sessions/{handle}/end/")
    assert (other.get("/account/").status_code, browser.get("/account/").status_code) == (302, 200)


def test_nobody_revokes_somebody_elses_browser(browser, owner, signed_in):
    assert signed_in(owner).post(f"/account/sessions/{Session.objects.get(user__username='ann').handle}/end/").status_code == 404
    assert browser.get("/account/").status_code == 200


def test_one_signs_out_everywhere_else(browser, ann, signed_in):
    others = [signed_in(ann) for _ in range(2)]
    browser.post("/account/sessions/others/end/")
    assert [client.get("/account/").status_code for client in (*others, browser)] == [302, 302, 200]


def test_a_new_password_keeps_this_browser_in_the_list(browser):
    browser.post("/account/password/", {"current": PASSWORD, "password": "heron-by-3-ponds"})
    assert "Firefox on Linux" in browser.get("/account/").content.decode()
    assert Session.objects.count() == 1


def test_the_last_use_is_written_at_most_once_a_minute(browser):
    before = Session.objects.get().seen_at
    browser.get("/account/")
    assert Session.objects.get().seen_at == before
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    browser.get("/account/")
    assert Session.objects.get().seen_at >= before


def test_signing_in_changes_the_key(client, ann):
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    client.cookies["synset_session"] = before
    client.post("/login/", {"name": "ann", "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_what_has_ended_is_swept_at_the_next_sign_in(browser, ann, signed_in):
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    signed_in(ann)
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Mobile Safari/604", "Safari on an iPhone"),
        ("curl/8.5", "curl"),
        ("", "A browser"),
    ],
)
def test_an_agent_is_told_in_words(agent, words):
    assert browser_words(agent) == words
