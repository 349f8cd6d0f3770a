"""Pages while the database does not answer: a sentence and when to try again, as the API gives them."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import InterfaceError, OperationalError
from django.test import AsyncClient, Client

BUSY = "The database does not answer at the moment"


@pytest.fixture(params=[OperationalError("database is locked"), InterfaceError("connection already closed")])
def away(request, monkeypatch):
    """Every look at datasets fails as it does then."""

    def fail(*_: object, **__: object) -> None:
        raise request.param

    monkeypatch.setattr("webapp.datasets.views.browse.queries.datasets", fail)


@pytest.fixture
def client(signed_in, editor) -> Client:
    client = signed_in(editor)
    client.raise_request_exception = False
    return client


def test_a_page_says_that_the_database_is_busy_and_when_to_try_again(client, away):
    answer = client.get("/datasets/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5") and BUSY in answer.content.decode()


def test_a_script_is_told_the_sentence_alone(client, away):
    answer = client.get("/datasets/", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 503 and answer.content.decode().startswith(BUSY) and answer["Content-Type"].startswith("text/plain")


def test_where_its_disk_is_full_that_is_said(client, away, settings):
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    for headers in ({}, {"Sec-Fetch-Mode": "cors"}):
        answer = client.get("/datasets/", headers=headers)
        assert answer.status_code == 503 and "The disk of the data folder is full" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_so_does_the_server_that_users_ask(client, away):
    browser = AsyncClient(raise_request_exception=False)
    browser.cookies = client.cookies
    answer = async_to_sync(browser.get)("/datasets/")
    assert answer.status_code == 503 and BUSY in answer.content.decode()


def test_a_fault_of_ours_stays_one(client, monkeypatch):
    monkeypatch.setattr("webapp.datasets.views.browse.queries.datasets", None)
    assert client.get("/datasets/").status_code == 500
