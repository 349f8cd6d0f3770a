"""How attempts end, and what the user reads."""

from __future__ import annotations

import pytest

from webapp.jobs import actions
from webapp.jobs.clock import ago
from webapp.jobs.models import Attempt, Job

KILLED = "The training process was killed by the system (signal 9), probably out of memory."


@pytest.fixture
def claim(submit):
    return actions.claim(submit().id, "w")


def row(claim):
    return Job.objects.get(pk=claim.job_id)


def test_a_failure_that_may_pass_says_which_attempt_comes_next(claim):
    actions.fail(claim, KILLED, "killed", retry=True)
    assert row(claim).error == f"{KILLED} It starts again from its last checkpoint (attempt 2 of 3)."


def test_attempts_are_capped(claim):
    for _ in range(3):
        actions.fail(actions.claim(claim.job_id, "w") or claim, KILLED, "killed", retry=True)
    assert (row(claim).state, row(claim).error) == ("failed", f"{KILLED} It was tried 3 times.")


def test_bad_input_is_final_at_once(claim):
    actions.fail(claim, "One class is too few.", "bad_input", retry=False)
    assert (row(claim).state, row(claim).error, row(claim).error_code) == ("failed", "One class is too few.", "bad_input")


def test_a_released_attempt_does_not_count(claim):
    actions.release(claim)
    again = actions.claim(claim.job_id, "w")
    assert (again.attempt, again.fence) == (1, 2)


def test_an_attempt_that_is_put_back_does_not_count_however_often(claim):
    for _ in range(4):
        actions.put_back(actions.claim(claim.job_id, "w") or claim, "The disk is full.", "disk_full")
    assert (row(claim).state, row(claim).attempt, row(claim).error) == ("queued", 0, "The disk is full.")
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["The disk is full."] * 4


def test_one_that_is_to_pause_and_found_no_room_is_paused_without_an_attempt_or_a_word(claim):
    actions.pause(row(claim))
    actions.put_back(claim, "The disk is full. Jobs go on by themselves.", "disk_full")
    assert (row(claim).state, row(claim).attempt, row(claim).error, row(claim).error_code) == ("paused", 0, "", "")


def test_each_attempt_keeps_its_outcome(claim):
    actions.fail(claim, KILLED, "killed", retry=True)
    actions.finish(actions.claim(claim.job_id, "w"))
    assert list(Attempt.objects.order_by("fence").values_list("number", "outcome")) == [(1, KILLED), (2, "succeeded")]


def test_the_whole_of_a_long_sentence_is_kept_of_an_attempt(claim):
    told = "The image " + "of a very long name " * 20 + "could not be read."
    actions.fail(claim, told, "failure", retry=False)
    assert Attempt.objects.get().outcome == told


def test_a_stage_that_is_too_long_ends_behind_a_whole_word(claim):
    actions.record(claim, [], stage="reading " * 40)
    assert row(claim).stage == "reading " * 24 + "…"


def test_finishing_twice_is_finishing_once(claim):
    actions.finish(claim)
    actions.finish(claim)
    assert row(claim).events.filter(data__state="succeeded").count() == 1


def test_what_comes_of_a_job_is_written_with_its_end_or_not_at_all(claim):
    with pytest.raises(ZeroDivisionError):
        actions.finish(claim, also=lambda: 1 / 0)
    assert row(claim).state == "running"


def test_progress_is_one_after_success_and_kept_after_failure(submit):
    done, broken = actions.claim(submit().id, "w"), actions.claim(submit().id, "w")
    actions.finish(done)
    actions.record(broken, [], progress=0.25)
    actions.fail(broken, "No.", "no", retry=False)
    assert (row(done).progress, row(broken).progress) == (1.0, 0.25)


@pytest.mark.parametrize(
    "end", [actions.release, lambda c: actions.fail(c, "No.", "no", retry=True), lambda c: actions.put_back(c, "No room.", "disk_full")]
)
def test_a_job_that_should_be_cancelled_never_waits_again(claim, end):
    actions.request_cancel(row(claim))
    end(claim)
    assert row(claim).state == "cancelled"


def test_an_expired_lease_is_cancelled_where_that_was_asked_for(claim):
    actions.request_cancel(row(claim))
    Job.objects.update(lease_until=ago(1))
    actions.reap()
    assert row(claim).state == "cancelled"


def test_cancel_answers_by_state(job_in):
    states = ["queued", "running", "succeeded", "failed", "cancelled"]
    assert [actions.request_cancel(job_in(state)[0]) for state in states] == ["cancelled", "requested", "ended", "ended", "ended"]


def test_cancel_twice_is_welcome_while_it_runs(claim):
    first, second = actions.request_cancel(row(claim)), actions.request_cancel(row(claim))
    assert (first, second) == ("requested", "requested")
