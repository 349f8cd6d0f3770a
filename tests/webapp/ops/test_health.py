from __future__ import annotations

import pytest

from webapp.jobs.models import Node


@pytest.fixture
def nodes(db):
    for role in ("device", "host", "keeper", "interactive"):
        Node.objects.create(name=f"{role}@here", role=role, host="here")


def test_a_living_process_answers_without_a_login(client):
    assert client.get("/healthz").status_code == 200


def test_all_well_is_200(client, nodes):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["down"]) == (200, {})


def test_a_dead_keeper_is_named(client, nodes):
    Node.objects.filter(role="keeper").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["down"]) == ["keeper"]


def test_a_queue_without_workers_is_named(client, nodes):
    Node.objects.filter(role="device").delete()
    assert "device" in client.get("/readyz").json()["down"]["workers"]


def test_a_redis_that_is_gone_is_named(client, nodes, settings):
    settings.REDIS_URL = "unix:///nowhere.sock"
    assert list(client.get("/readyz").json()["down"]) == ["redis"]


def test_an_answer_about_health_is_never_kept(client, nodes):
    assert client.get("/readyz").headers["Cache-Control"] == "no-store"
