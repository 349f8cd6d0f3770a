"""Evaluations: asked for and read."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import TEST
from webapp.evaluations.models import Evaluation
from webapp.jobs.models import Job


def ask(call, ours, **body):
    return call("POST", f"/experiments/{ours.experiment.id}/evaluations", body)


def test_an_evaluation_answers_202_with_its_id_and_job(call, things):
    ours = things()
    ours.end()
    answer = ask(call, ours, split="validation", checkpoint="last")
    assert answer.status == 202 and Evaluation.objects.get(id=answer.body["id"]).job_id == answer.body["job"]


def test_there_is_nothing_to_evaluate_while_it_trains(call, things):
    answer = ask(call, things(), split="test")
    assert (answer.status, answer.error["code"]) == (409, "no_model")


@pytest.mark.parametrize("checkpoint", ["best", "last", 3, "3"])
def test_a_checkpoint_is_best_last_or_an_epoch(checkpoint, call, things):
    ours = things()
    ours.end()
    assert ask(call, ours, split="test", checkpoint=checkpoint).status == 202


@pytest.mark.parametrize(
    ("field", "value"), [("split", "all"), ("checkpoint", "worst"), ("checkpoint", -1), ("split", None), ("checkpoint", 10**30)]
)
def test_a_wrong_field_of_an_evaluation_is_named(field, value, call, things):
    ours = things()
    ours.end()
    answer = ask(call, ours, **{"split": "test", field: value})
    assert answer.status == 422 and set(answer.error["fields"]) == {field}


def test_an_evaluation_is_read_with_its_figures(call, things):
    ours = things()
    ours.evaluation.figures = TEST
    ours.evaluation.save()
    body = call("GET", f"/evaluations/{ours.evaluation.id}").body
    assert (body["split"], body["checkpoint"], body["state"], body["result"]) == ("test", "best", "queued", TEST)


def test_one_without_a_result_is_deleted_for_good(call, things):
    ours = things()
    job = Job.objects.create(team=ours.evaluation.team, kind="evaluate", queue="device", title="last on test", state="failed")
    Evaluation.objects.filter(pk=ours.evaluation.pk).update(job=job)
    answer = call("DELETE", f"/evaluations/{ours.evaluation.id}")
    assert answer.body == {"id": ours.evaluation.id, "outcome": "purged", "until": None}
    assert call("GET", f"/evaluations/{ours.evaluation.id}").status == 404


def test_one_that_waits_is_refused_with_409(call, things):
    answer = call("DELETE", f"/evaluations/{things().evaluation.id}")
    assert (answer.status, answer.error["code"]) == (409, "busy")
