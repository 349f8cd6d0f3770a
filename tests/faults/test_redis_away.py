"""Redis that forgets or is full: the rows are the queue, and trainings go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.house import House
from tests.faults.processes import kill_session, wait_for
from tests.faults.trainings import LONG, epochs_of, told_once
from webapp.jobs import actions
from webapp.jobs.models import Job
from webapp.jobs.services import redis_fault

pytestmark = pytest.mark.faults


def restarted(house: House) -> None:
    kill_session(house.redis)
    house.redis = house.start_redis(forgetful=True)


def flushed(house: House) -> None:
    redis.Redis.from_url(house.redis_url).flushall()


@pytest.mark.parametrize("forgets", [restarted, flushed])
def test_every_queued_job_runs_once_when_redis_forgot_all_messages(house: House, forgets: Callable[[House], None]):
    kill_session(house.redis)
    house.redis = house.start_redis(forgetful=True)
    try:
        house.keeper()
        jobs = [house.upload(per_class=8).job for _ in range(2)]
        worker = house.worker("host")
        wait_for(lambda: Job.objects.get(pk=jobs[0].pk).state != "queued", 60, house.logs)  # it may be over within a look
        jobs += [house.upload(per_class=8).job for _ in range(2)]
        forgets(house)
        for job in jobs:
            house.wait_for_state(job, "succeeded")
        assert [job.attempts.count() for job in jobs] == [1, 1, 1, 1]
        assert worker.poll() is None
    finally:
        kill_session(house.redis)
        house.redis = house.start_redis()


def out_of_memory(server: redis.Redis, home: Path) -> Callable[[], object]:
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)
    return lambda: server.config_set("maxmemory", 0)


def unable_to_save(server: redis.Redis, home: Path) -> Callable[[], object]:
    """Its snapshot cannot be written, as on a full disk: a folder stands in its place."""
    place = home / "redis" / "dump.rdb"
    place.unlink(missing_ok=True)
    place.mkdir()
    server.config_set("save", "3600 1")
    saved(server, "err")

    def mend() -> None:
        place.rmdir()
        saved(server, "ok")
        server.config_set("save", "")

    return mend


def saved(server: redis.Redis, how: str) -> None:
    server.bgsave()
    wait_for(lambda: server.info("persistence")["rdb_last_bgsave_status"] == how, 30, lambda: str(server.info("persistence")))


def a_replica(server: redis.Redis, home: Path) -> Callable[[], object]:
    server.replicaof("127.0.0.1", 1)
    return lambda: server.replicaof("no", "one")


def test_workers_wait_for_a_redis_that_refuses_writes_and_go_on_once_it_takes_them(house: House):
    kill_session(house.redis)
    house.redis = house.start_redis(forgetful=True)
    server, jobs, refused = redis.Redis.from_url(house.redis_url), [], 0
    mend = out_of_memory(server, house.home)
    worker = house.worker("host")  # it starts while Redis refuses, and meets the others while it serves
    house.keeper()
    try:
        for refuse in (unable_to_save, a_replica, None):
            jobs.append(house.upload(per_class=8).job)
            wait_for(lambda before=refused: refusals(house) > before, 60, house.logs)
            assert redis_fault().startswith("Redis refuses what is written to it")
            mend()
            house.wait_for_state(jobs[-1], "succeeded")
            refused = refusals(house)
            mend = refuse(server, house.home) if refuse else mend
        assert worker.poll() is None and [job.attempts.count() for job in jobs] == [1, 1, 1] and redis_fault() == ""
    finally:
        kill_session(house.redis)
        house.redis = house.start_redis()


def refusals(house: House) -> int:
    """How often the worker has told that it waits."""
    return (house.home / "host.log").read_text().count("Redis refuses what is written to it")


@pytest.fixture
def full(house: House) -> Iterator[House]:
    """The house while Redis takes nothing more."""
    server = redis.Redis.from_url(house.redis_url)
    yield house
    server.config_set("maxmemory", 0)


def fill(house: House) -> None:
    server = redis.Redis.from_url(house.redis_url)
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)


def test_with_a_full_redis_a_training_goes_on_and_what_is_submitted_runs_later(full: House):
    worker = full.worker()
    full.keeper()
    running = full.train(epochs=LONG)
    full.trainer(running.job)
    fill(full)
    before = len(epochs_of(running))
    later = full.train(epochs=1)
    wait_for(lambda: len(epochs_of(running)) > before + 3, 60, full.logs)
    assert (worker.poll(), Job.objects.get(pk=later.job_id).state) == (None, "queued")
    redis.Redis.from_url(full.redis_url).config_set("maxmemory", 0)
    actions.request_cancel(running.job)
    full.wait_for_state(running.job, "cancelled")
    told_once(running)
    assert running.job.attempts.count() == 1
    full.wait_for_state(later.job, "succeeded")
