"""Who watches the watchers: a keeper that is killed, frozen or whose duty hangs is named by readyz and on the queue page."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from tests.faults.house import LEASE_SECONDS, House, kill_session, wait_for
from tests.faults.trainings import LONG
from webapp.jobs import actions
from webapp.jobs.clock import node_alive_seconds
from webapp.jobs.models import Job, Node

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def short_beats(settings):
    """This process judges by the beats that the house's processes have."""
    settings.JOB_BEAT_SECONDS, settings.JOB_REAP_SECONDS, settings.JOB_DISPATCH_SECONDS = 1.0, 0.5, 0.5


def down() -> dict[str, str]:
    """What readyz names."""
    answer = Client().get("/readyz")
    found: dict[str, str] = answer.json()["down"]
    assert (answer.status_code == 503) == bool(found)
    return found


def queue_page(house: House) -> str:
    client = Client()
    client.force_login(house.actor.user)
    return client.get("/queue/").content.decode().replace("&#x27;", "'")


def wait_for_keeper(house: House) -> Any:
    process = house.keeper()
    wait_for(lambda: Node.objects.filter(role="keeper", info__has_key="dispatched_at").exists(), 60, house.logs)
    assert not {"keeper", "reaper", "dispatcher"} & down().keys()
    return process


def named_within(seconds: float, part: str, house: House) -> float:
    """Seconds until readyz names the part."""
    began = time.monotonic()
    wait_for(lambda: part in down(), seconds, lambda: f"{down()}\n{house.logs()}")
    return time.monotonic() - began


def test_a_keeper_that_is_killed_is_named_within_a_few_beats(house: House):
    keeper = wait_for_keeper(house)
    kill_session(keeper)
    named_within(5 * node_alive_seconds(), "keeper", house)
    page = queue_page(house)
    assert "The keeper does not report; jobs whose worker died stay where they are." in page and "silent for" in page


def test_a_keeper_that_is_frozen_is_named_and_well_again_once_it_goes_on(house: House):
    keeper = wait_for_keeper(house)
    keeper.send_signal(signal.SIGSTOP)
    named_within(5 * node_alive_seconds(), "keeper", house)
    assert "The keeper does not report" in queue_page(house)
    keeper.send_signal(signal.SIGCONT)
    wait_for(lambda: "keeper" not in down(), 30, house.logs)


@contextmanager
def hanging_redis(house: House) -> Iterator[None]:
    """Redis takes connections and says nothing, while the dispatcher has a job to poke for and a slot that stays free."""
    job = house.train(epochs=1).job
    house.redis.send_signal(signal.SIGSTOP)
    try:
        actions.beat("device@free", "device", "free")
        Node.objects.filter(name="device@free").update(beat_at=Job.objects.get(pk=job.pk).queued_at.replace(year=2999))
        yield
    finally:
        house.redis.send_signal(signal.SIGCONT)
    wait_for(lambda: not {"dispatcher", "redis"} & down().keys(), 90, lambda: f"{down()}\n{house.logs()}")


def test_a_dispatcher_that_hangs_in_redis_is_named_while_the_keeper_beats_on(house: House):
    wait_for_keeper(house)
    with hanging_redis(house):
        named_within(60, "dispatcher", house)
        beat = Node.objects.get(role="keeper").beat_at
        wait_for(lambda: Node.objects.get(role="keeper").beat_at > beat, 30, house.logs)
        assert "keeper" not in down() and "The dispatcher is dead" in queue_page(house)


def test_while_redis_hangs_for_good_a_job_whose_worker_died_is_taken_from_it(house: House):
    wait_for_keeper(house)
    worker = house.worker()
    lost = house.train(epochs=LONG).job
    house.trainer(lost)
    with hanging_redis(house):
        named_within(60, "dispatcher", house)
        kill_session(worker)
        wait_for(lambda: Job.objects.get(pk=lost.pk).state == "queued", 4 * LEASE_SECONDS, house.logs)
        assert "reaper" not in down()
