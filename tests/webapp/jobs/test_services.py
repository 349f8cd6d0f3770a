"""What readyz and the queue page say of each part: who is missing, who hangs, who refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from webapp.core import schema
from webapp.jobs import actions
from webapp.jobs.clock import ago, database_time
from webapp.jobs.models import Job, Node
from webapp.jobs.services import services

ROLES = ("device", "host", "keeper", "interactive")
SECOND = timedelta(seconds=1)


@pytest.fixture
def nodes(db: None) -> None:
    for role in ROLES:
        actions.beat(f"{role}@here", role, "here", info={"up_seconds": 3600})
    keeper(reaped_at=database_time().isoformat(), dispatched_at=database_time().isoformat())


def keeper(**facts: Any) -> None:
    """The keeper beats, and tells this beside."""
    info = Node.objects.get(role="keeper").info
    actions.beat("keeper@here", "keeper", "here", info={**info, **facts})


def faults() -> dict[str, str]:
    return {service.name: service.sentence for service in services() if not service.ok}


def late() -> dict[str, str]:
    return {service.name: service.sentence for service in services() if service.late}


def new_schema() -> None:
    """Somebody with a newer Synset brought the database up to date."""
    MigrationRecorder(connection).record_applied("jobs", "9999_of_the_future")


def test_all_is_well_where_everybody_does_their_work(nodes):
    assert (faults(), late()) == ({}, {})


@pytest.mark.parametrize(
    ("fact", "part", "words"), [("reaped_at", "reaper", "The reaper is dead"), ("dispatched_at", "dispatcher", "The dispatcher is dead")]
)
def test_a_keeper_that_beats_while_one_of_its_duties_hangs_is_named_by_the_duty(nodes, fact, part, words):
    keeper(**{fact: (database_time() - 90 * SECOND).isoformat()})
    assert list(faults()) == [part]
    assert words in faults()[part] and "1 min 30 s" in faults()[part]


def test_a_keeper_that_never_did_its_duties_is_named_once_it_is_up_for_long(nodes):
    Node.objects.filter(role="keeper").update(info={"up_seconds": 90})
    assert list(faults()) == ["reaper", "dispatcher"]
    Node.objects.filter(role="keeper").update(info={"up_seconds": 1})
    assert faults() == {}


def test_a_keeper_that_is_silent_is_named_alone(nodes):
    Node.objects.filter(role="keeper").update(beat_at=ago(60))
    assert list(faults()) == ["keeper"]


def test_of_two_keepers_one_that_works_is_enough(nodes):
    keeper(reaped_at=(database_time() - 90 * SECOND).isoformat())
    actions.beat("keeper@there", "keeper", "there", info={"reaped_at": database_time().isoformat(), "up_seconds": 5})
    assert faults() == {}


def test_a_classifier_that_was_not_seen_yet_is_late_and_holds_nothing_up(nodes, client):
    Node.objects.filter(role="interactive").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 200 and "has not reported yet" in answer.json()["late"]["interactive"]


def test_a_classifier_that_was_seen_and_is_silent_is_down(nodes, client):
    Node.objects.filter(role="interactive").update(beat_at=ago(60))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and "silent for 1 min" in answer.json()["down"]["interactive"]


def test_a_full_disk_is_down_and_says_what_to_free(nodes, client, settings):
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    said = client.get("/readyz").json()["down"]
    assert list(said) == ["disk"] and "Empty the trash" in said["disk"] and "go on by themselves" in said["disk"]


def test_a_worker_whose_own_disk_is_full_is_named(nodes):
    actions.beat("host@there", "host", "there", info={"disk_free": 4096})
    assert faults() == {"disk": faults()["disk"]} and faults()["disk"].startswith("host@there: The disk of the data folder is full: 4.1 kB")


@pytest.fixture
def redis_of_tests() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(django_settings.REDIS_URL) as server:
        yield server
        server.config_set("maxmemory", 0)


def test_a_redis_that_answers_and_takes_no_write_is_down_with_its_own_words(nodes, redis_of_tests):
    redis_of_tests.config_set("maxmemory", 1)
    assert list(faults()) == ["redis"]
    assert faults()["redis"].startswith("Redis refuses what is written to it (") and "maxmemory" in faults()["redis"]


def test_what_an_earlier_start_left_on_this_host_lives_no_more(nodes):
    actions.beat("device@there", "device", "there")
    actions.forget_host("here")
    assert list(Node.objects.values_list("name", flat=True)) == ["device@there"]


def test_code_and_tables_agree_after_a_migration(db):
    assert schema.mismatch() == ""


def test_tables_of_a_newer_version_are_told_from_those_of_an_older_one(db):
    new_schema()
    assert "older than the database" in schema.mismatch()
    MigrationRecorder(connection).record_unapplied("jobs", "9999_of_the_future")
    MigrationRecorder(connection).record_unapplied("jobs", "0001_initial")
    assert "newer than the database" in schema.mismatch() and "manage.py migrate" in schema.mismatch()


def refuse(role: str = "device") -> None:
    """That worker reports as one of another version does."""
    actions.beat(f"{role}@here", role, "here", slots=0, info={"refuses": f"its {schema.OLDER}"})


def test_a_queue_whose_only_worker_refuses_is_down_and_says_why(nodes):
    refuse()
    assert faults() == {
        "workers": "No worker serves the queue device; its jobs wait. device@here refuses: its version is older than the database's "
        "schema; update and restart it."
    }


def test_a_worker_that_refuses_beside_one_that_serves_is_late(nodes):
    refuse()
    actions.beat("device@there", "device", "there")
    assert faults() == {} and "device@here refuses" in late()["versions"]


def test_a_web_server_of_an_older_version_says_so(nodes):
    new_schema()
    assert late() == {"versions": "The web server's version is older than the database's schema; update and restart it."}


def test_nothing_is_sent_to_a_worker_that_refuses(nodes, submit, pokes):
    submit()
    Job.objects.update(queued_at=ago(10))
    refuse()
    assert actions.dispatch() == []
    actions.beat("device@here", "device", "here")
    assert len(actions.dispatch()) == 1
