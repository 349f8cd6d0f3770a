from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.plugins.stack import PASSWORD, PERSON

pytestmark = pytest.mark.browser


def test_a_stranger_signs_in_and_lands_where_they_wanted(page):
    page.goto("/account/")
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/account/$"))


def test_a_wrong_password_is_said_beside_it(page):
    page.goto("/login/")
    page.get_by_label("Name").fill(PERSON)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("No account has this name and password")).to_be_visible()


def test_signing_out_is_in_the_account_menu(signed_in_page):
    signed_in_page.goto("/")
    signed_in_page.get_by_label(f"Account of {PERSON}").click()
    signed_in_page.get_by_role("button", name="Sign out").click()
    expect(signed_in_page).to_have_url(re.compile("/login/$"))


def test_a_new_token_is_shown_once(signed_in_page, complaints):
    signed_in_page.goto("/account/")
    signed_in_page.get_by_label("What it is for").fill("nightly")
    signed_in_page.get_by_role("button", name="Make a token").click()
    expect(signed_in_page.get_by_label("Your new token, shown this once:")).to_have_value(re.compile("^synset_.{40,}"))
    signed_in_page.goto("/account/")
    expect(signed_in_page.get_by_text("synset_")).to_have_count(0)
    assert not complaints
