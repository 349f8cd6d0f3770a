"""Messages that do not arrive, arrive twice, or speak of nothing."""

from __future__ import annotations

import pytest
import redis

from tests.faults.house import House
from tests.faults.processes import kill_session
from webapp.jobs import queue
from webapp.jobs.models import Attempt, Job

pytestmark = pytest.mark.faults


def test_a_job_submitted_while_redis_is_down_is_saved_and_runs_later(house: House):
    house.worker("host")
    house.keeper()
    kill_session(house.redis)
    job = house.upload().job
    saved = Job.objects.get(pk=job.pk).state
    house.redis = house.start_redis()
    house.wait_for_state(job, "succeeded")
    assert (saved, job.attempts.count()) == ("queued", 1)


def test_messages_for_the_same_an_unknown_or_an_ended_job_run_nothing_twice(house: House):
    ended, twice = house.dataset.job, house.upload().job
    for job_id in ("0" * 20, ended.id, twice.id, twice.id, ended.id):
        queue.poke(job_id, "host")
    before = Attempt.objects.filter(job=ended).count()
    house.worker("host")
    house.wait_for_state(twice, "succeeded")
    house.wait_for_state(house.upload(per_class=8).job, "succeeded")  # behind all those messages
    assert (twice.attempts.count(), ended.attempts.count()) == (1, before)


@pytest.mark.parametrize("messages", ["kept", "forgotten"])
def test_a_worker_that_is_killed_between_two_jobs_leaves_the_second_to_be_done_once(house: House, messages: str):
    """After the first has ended, and before it calls for the next."""
    jobs = [house.upload(per_class=8).job for _ in range(2)]
    if messages == "forgotten":
        redis.Redis.from_url(house.redis_url).flushall()
    house.keeper()
    house.worker("host", FAULT="between_claims:kill")
    for job in jobs:
        house.wait_for_state(job, "succeeded")
    assert [job.attempts.count() for job in jobs] == [1, 1]
