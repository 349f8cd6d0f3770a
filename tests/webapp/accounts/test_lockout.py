from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import RequestFactory
from django.utils import timezone

from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts.address import client_address

LIMIT = 8


def attempt(client, name="ann", password="no", **headers):
    return client.post("/login/", {"name": name, "password": password}, **headers)


def fail(client, times=LIMIT, **more):
    return [attempt(client, **more) for _ in range(times)][-1]


def test_the_eighth_wrong_password_says_when_to_try_again(client, ann):
    answer = fail(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert re.search("Too many wrong passwords.*Try again in 10 minutes", answer.content.decode())


def test_seven_wrong_passwords_lock_nobody_out(client, ann):
    fail(client, LIMIT - 1)
    assert attempt(client, password=PASSWORD).status_code == 302


def test_the_right_password_has_to_wait_too(client, ann):
    fail(client)
    assert attempt(client, password=PASSWORD).status_code == 429


def test_after_the_time_one_may_try_again(client, ann):
    fail(client)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=11))
    assert attempt(client, password=PASSWORD).status_code == 302


def test_trying_while_locked_out_does_not_lengthen_it(client, ann):
    fail(client)
    before = AccessAttempt.objects.get().attempt_time
    attempt(client)
    assert AccessAttempt.objects.get().attempt_time == before


def test_a_success_starts_the_count_anew(client, ann):
    fail(client, LIMIT - 1)
    attempt(client, password=PASSWORD)
    client.post("/logout/")
    assert fail(client, LIMIT - 1).status_code == 422


def test_another_name_need_not_wait(client, ann):
    fail(client, name="bob")
    assert attempt(client, password=PASSWORD).status_code == 302


def test_from_another_address_one_need_not_wait(client, ann):
    fail(client)
    assert attempt(client, password=PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_another_browser_at_the_same_address_has_to_wait(client, ann):
    fail(client)
    assert attempt(client, password=PASSWORD, HTTP_USER_AGENT="another").status_code == 429


def test_a_header_of_ones_own_making_does_not_help(client, ann):
    answers = [attempt(client, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}") for number in range(LIMIT)]
    assert answers[-1].status_code == 429


def test_a_script_gets_the_page_too(client, ann):
    answer = fail(client, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_what_was_typed_is_not_kept(client, ann):
    fail(client, 1, name="my-password-by-mistake")
    kept = AccessAttempt.objects.get()
    assert "my-password" not in kept.post_data + kept.get_data


@pytest.mark.parametrize(
    ("https", "header", "address"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (True, "203.0.113.9:4711", "203.0.113.9"),
        (True, "[2001:db8::1]:4711", "2001:db8::1"),
        (True, "no address", "127.0.0.1"),
    ],
)
def test_only_the_proxys_own_word_is_believed(settings, https, header, address):
    settings.HTTPS = https
    assert client_address(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=header)) == address
