"""Jobs: how far they are, what they told, cancelled and tried again."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import archive
from webapp.experiments.models import Experiment
from webapp.jobs import actions


def test_a_waiting_job_has_a_position_and_no_progress(call, things):
    body = call("GET", f"/jobs/{things().job.id}").body
    assert (body["kind"], body["state"], body["position"], body["progress"], body["error"]) == ("train", "queued", 1, 0, None)


def test_positions_in_a_list_are_those_of_each_job(call, things):
    things(), things()
    listed = call("GET", "/jobs").body["items"]
    assert all(item["position"] == call("GET", f"/jobs/{item['id']}").body["position"] for item in listed)


def test_a_running_job_has_progress_and_time_left(call, things):
    job = things().job
    actions.record(actions.claim(job.id, "device@here:1"), [], progress=0.25, eta=12.5)
    body = call("GET", f"/jobs/{job.id}").body
    assert (body["state"], body["progress"], body["eta_seconds"], body["attempt"], body["position"]) == ("running", 0.25, 12.5, 1, None)


def test_progress_is_one_once_a_job_succeeded(call, things):
    ours = things()
    ours.end()
    assert call("GET", f"/jobs/{ours.job.id}").body["progress"] == 1


def test_a_failed_job_says_why(call, things):
    ours = things()
    ours.end("failed")
    body = call("GET", f"/jobs/{ours.job.id}").body
    assert (body["state"], body["error"]) == ("failed", "It stopped.")


def test_a_job_that_is_tried_again_has_no_error_and_says_what_happened_before(call, things):
    job = things().job
    actions.fail(actions.claim(job.id, "device@here:1"), "The disk was slow.", "slow", retry=True)
    waits = call("GET", f"/jobs/{job.id}").body
    assert (waits["state"], waits["error"]) == ("queued", None)
    assert waits["last_error"] == "The disk was slow. It starts again from its last checkpoint (attempt 2 of 3)."
    claim = actions.claim(job.id, "device@here:1")
    for runs in (call("GET", f"/jobs/{job.id}").body, call("GET", "/jobs").body["items"][0]):
        assert (runs["state"], runs["attempt"], runs["error"], runs["last_error"]) == ("running", 2, None, "The disk was slow.")
    actions.release(claim)
    actions.claim(job.id, "device@here:2")
    assert call("GET", f"/jobs/{job.id}").body["last_error"] == "The disk was slow."


def test_a_job_that_is_done_has_no_error_of_before(call, things):
    ours = things()
    actions.fail(actions.claim(ours.job.id, "device@here:1"), "The disk was slow.", "slow", retry=True)
    ours.end()
    body = call("GET", f"/jobs/{ours.job.id}").body
    assert (body["state"], body["error"], body["last_error"]) == ("succeeded", None, None)


def test_a_failed_job_says_so_in_its_error_alone(call, things):
    ours = things()
    ours.end("failed")
    assert call("GET", f"/jobs/{ours.job.id}").body["last_error"] is None


def test_events_are_numbered_from_one_without_gaps(call, things):
    ours = things()
    ours.end()
    events = call("GET", f"/jobs/{ours.job.id}/events?since=0").body["events"]
    assert [event["seq"] for event in events] == [1, 2, 3] and events[-1]["data"]["state"] == "succeeded"


def test_events_since_a_number_are_those_after_it(call, things):
    ours = things()
    ours.end()
    body = call("GET", f"/jobs/{ours.job.id}/events?since=2").body
    assert [event["seq"] for event in body["events"]] == [3] and body["next"] is None


def test_a_number_that_was_none_comes_as_null(call, things):
    job = things().job
    actions.record(actions.claim(job.id, "device@here:1"), [actions.NewEvent("epoch", {"val_loss": None})])
    assert call("GET", f"/jobs/{job.id}/events?since=2").body["events"][0]["data"] == {"val_loss": None}


def test_a_waiting_job_is_cancelled_at_once(call, things):
    answer = call("POST", f"/jobs/{things().job.id}/cancel")
    assert (answer.status, answer.body["state"]) == (202, "cancelled")


def test_a_running_job_may_be_cancelled_again_while_it_stops(call, things):
    job = things().job
    actions.claim(job.id, "device@here:1")
    answers = [call("POST", f"/jobs/{job.id}/cancel") for _ in range(2)]
    assert [(answer.status, answer.body["state"]) for answer in answers] == [(202, "running")] * 2


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_an_ended_job_is_not_cancelled(state, call, things):
    ours = things()
    ours.end(state)
    assert call("POST", f"/jobs/{ours.job.id}/cancel").status == 409


def test_a_failed_training_is_tried_again_as_a_new_job_of_the_same_experiment(call, things):
    ours = things()
    ours.end("failed")
    answer = call("POST", f"/jobs/{ours.job.id}/retry")
    assert answer.status == 202 and Experiment.objects.get(id=answer.body["id"]).job_id == answer.body["job"] != ours.job.id


def test_a_job_is_tried_again_only_once(call, things):
    ours = things()
    ours.end("failed")
    assert [call("POST", f"/jobs/{ours.job.id}/retry").status for _ in range(2)] == [202, 409]


def test_a_job_that_succeeded_is_not_tried_again(call, things):
    ours = things()
    ours.end()
    assert call("POST", f"/jobs/{ours.job.id}/retry").status == 409


def test_an_import_is_tried_again_with_the_archive_that_is_kept(call):
    made = call("POST", "/datasets", form={"name": "flowers", "archive": archive()}).body
    call("POST", f"/jobs/{made['job']}/cancel")
    again = call("POST", f"/jobs/{made['job']}/retry")
    assert again.status == 202 and call("GET", f"/datasets/{made['id']}").body["job"] == again.body["job"] != made["job"]


def test_a_training_is_paused_and_resumed(call, things):
    job = things().job
    assert call("POST", f"/jobs/{job.id}/pause").body["state"] == "paused"
    assert call("GET", f"/jobs/{job.id}").body["state"] == "paused"
    assert call("POST", f"/jobs/{job.id}/resume").body["state"] == "queued"


def test_what_is_not_paused_cannot_be_resumed(call, things):
    answer = call("POST", f"/jobs/{things().job.id}/resume")
    assert (answer.status, answer.body["error"]["code"]) == (409, "not_paused")


def test_what_has_ended_can_be_neither_paused_nor_finished(call, things):
    ours = things()
    ours.end()
    codes = [call("POST", f"/jobs/{ours.job.id}/{verb}").body["error"]["code"] for verb in ("pause", "finish")]
    assert codes == ["not_pausable", "not_running"]


def test_a_running_training_is_asked_to_finish(call, things):
    job = things().job
    claim = actions.claim(job.id, "device@here:1")
    assert call("POST", f"/jobs/{job.id}/finish").status == 202
    assert actions.look(claim).finish
