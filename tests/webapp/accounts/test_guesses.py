"""Wrong passwords by name alone, by address alone, and on the account page; right ones never count."""

from __future__ import annotations

import re
import threading

import pytest
from django.test import Client

from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts import actions, guesses, limits
from webapp.accounts.limits import Limit
from webapp.accounts.models import AuditEntry

NEW = "heron-by-3-ponds"
HERE, AWAY = "10.0.0.1", "10.9.9.9"


@pytest.fixture
def three_a_name(monkeypatch):
    monkeypatch.setattr(guesses, "NAME", Limit("name", 3, 3600))


@pytest.fixture
def three_an_address(monkeypatch):
    monkeypatch.setattr(guesses, "ADDRESS", Limit("address", 3, 3600))


def sign_in(name="ann", password=PASSWORD, address=AWAY, client=None):
    return (client or Client()).post("/login/", {"name": name, "password": password}, REMOTE_ADDR=address)


def guess_from_anywhere(times, name="ann"):
    return [sign_in(name, "no", f"10.0.1.{number}").status_code for number in range(times)]


def guess_at_anybody(times):
    return [sign_in(f"name{number}", "no", HERE).status_code for number in range(times)]


def locks(verb="session.lock"):
    return AuditEntry.objects.filter(verb=verb)


def test_a_name_is_held_off_wherever_the_guesses_come_from(ann, three_a_name):
    assert guess_from_anywhere(4) == [422, 422, 422, 429]
    answer = sign_in()
    assert answer.status_code == 429 and 3580 < int(answer.headers["Retry-After"]) <= 3600
    assert "Too many wrong passwords for this name. Try again in 60 minutes" in answer.content.decode()


def test_a_name_that_nobody_has_is_held_off_alike(db, three_a_name):
    assert guess_from_anywhere(4, "nobody") == [422, 422, 422, 429]


def test_strangers_do_not_shut_out_a_browser_that_has_signed_in_before(ann, three_a_name):
    browser = Client()
    sign_in(client=browser)
    browser.post("/logout/")
    guess_from_anywhere(4)
    assert sign_in(client=browser).status_code == 302


def test_a_known_browser_is_known_by_its_own_name_alone(ann, member, three_a_name):
    bob = member("viewer", "bob")
    bob.set_password(PASSWORD)
    bob.save()
    browser = Client()
    sign_in("bob", client=browser)
    browser.post("/logout/")
    guess_from_anywhere(4)
    assert sign_in(client=browser).status_code == 429


def test_a_known_browser_guesses_no_more_than_another(ann, three_a_name):
    browser = Client()
    sign_in(client=browser)
    browser.post("/logout/")
    assert [sign_in(password="no", client=browser).status_code for _ in range(8)][-1] == 429


def test_a_new_password_makes_every_browser_unknown(ann, three_a_name):
    browser = Client()
    sign_in(client=browser)
    actions.set_password(ann, NEW)
    guess_from_anywhere(4)
    assert sign_in(password=NEW, client=browser).status_code == 429


def test_a_made_up_cookie_makes_no_browser_known(ann, three_a_name):
    browser = Client()
    browser.cookies["synset_known"] = f"{ann.pk}:guess:guess"
    guess_from_anywhere(4)
    assert sign_in(client=browser).status_code == 429


def test_one_address_is_held_off_whatever_the_names(ann, three_an_address):
    assert guess_at_anybody(4) == [422, 422, 422, 429]
    answer = sign_in(address=HERE)
    assert (answer.status_code, "from your network" in answer.content.decode()) == (429, True)
    assert sign_in(address=AWAY).status_code == 302


def test_an_office_does_not_shut_out_a_browser_that_has_signed_in_before(ann, three_an_address):
    browser = Client()
    sign_in(client=browser, address=HERE)
    browser.post("/logout/")
    guess_at_anybody(4)
    assert sign_in(client=browser, address=HERE).status_code == 302


@pytest.mark.parametrize(("guesser", "status"), [("2001:db8:1:2::9", 429), ("2001:db8:1:3::9", 302)])
def test_all_addresses_of_one_connection_count_as_one(ann, three_an_address, guesser, status):
    for host in range(4):
        sign_in(name=f"nobody{host}", password="no", address=f"2001:db8:1:2::{host + 1}")
    assert sign_in(address=guesser).status_code == status


def test_an_old_address_in_new_clothes_is_the_same(ann, three_an_address):
    for host in range(4):
        sign_in(name=f"nobody{host}", password="no", address="::ffff:198.51.100.7")
    assert sign_in(address="198.51.100.7").status_code == 429


def test_right_passwords_never_count(ann, three_a_name, three_an_address):
    assert [sign_in().status_code for _ in range(5)] == [302] * 5


def test_what_was_not_looked_at_does_not_count(ann, monkeypatch):
    monkeypatch.setattr(guesses, "NAME", Limit("name", 9, 3600))
    assert [sign_in(password="no", address=HERE).status_code for _ in range(20)][7:] == [429] * 13
    assert sign_in().status_code == 302


def test_a_reset_password_frees_the_name(ann, own, three_a_name):
    guess_from_anywhere(4)
    actions.reset_password(actions.make_reset_link(own, "ann")[1], NEW)
    assert sign_in(password=NEW).status_code == 302


@pytest.fixture
def without_redis(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits.client.cache_clear()
    yield
    limits.client.cache_clear()


def test_without_redis_people_sign_in(ann, without_redis):
    assert sign_in().status_code == 302


def test_guesses_at_the_same_moment_are_no_more_than_one_may():
    limit, waits = Limit("burst", 3, 60), []
    threads = [threading.Thread(target=lambda: waits.append(limit.take("ann"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0) == 3


def test_to_ask_counts_nothing():
    limit = Limit("asked", 1, 60)
    assert [limit.wait("ann") for _ in range(3)] == [0, 0, 0]
    limit.take("ann")
    assert limit.wait("ann") > 0


def test_what_is_given_back_ends_too():
    limit = Limit("given back", 1, 60)
    limit.give_back("ann")
    assert limits.client().ttl(limit.key("ann")) > 0


@pytest.mark.parametrize(
    ("path", "form"),
    [("/account/password/", {"current": "no", "password": NEW}), ("/account/mail/", {"mail-current": "no", "mail-email": "a@example.org"})],
)
def test_whoever_finds_an_open_browser_may_not_guess(ann, signed_in, path, form):
    client = signed_in(ann)
    assert [client.post(path, form).status_code for _ in range(11)] == [422] * 10 + [429]
    answer = client.post(path, form | {"current": PASSWORD, "mail-current": PASSWORD})
    assert answer.status_code == 429 and 880 < int(answer.headers["Retry-After"]) <= 900
    assert re.search("Too many wrong passwords. Try again in 15 minutes", answer.content.decode())


def test_ones_own_right_password_never_counts(ann, signed_in):
    client = signed_in(ann)
    answers = [client.post("/account/mail/", {"mail-current": PASSWORD, "mail-email": f"a{n}@example.org"}).status_code for n in range(12)]
    assert set(answers) == {302}


def test_a_lock_stands_once_in_the_log(ann):
    for address in (HERE, AWAY):
        for _ in range(10):
            sign_in(password="no", address=address)
    assert list(locks().values_list("name", "subject", "detail")) == [("Synset", "ann", {"failures": 8, "address": HERE})]


def test_a_name_held_off_everywhere_stands_once_in_the_log(ann, three_a_name):
    guess_from_anywhere(6)
    assert [entry.detail for entry in locks()] == [{"failures": 3}]


def test_guesses_on_the_account_page_stand_once_in_the_log(ann, signed_in):
    client = signed_in(ann)
    for _ in range(13):
        client.post("/account/password/", {"current": "no", "password": NEW})
    assert [entry.detail for entry in locks("password.lock")] == [{"failures": 10}]


def test_guesses_at_nobodys_name_stand_in_no_log(ann, three_a_name):
    guess_from_anywhere(6, "nobody")
    assert not AuditEntry.objects.exists()
