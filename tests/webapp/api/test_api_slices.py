"""Slices, probes and learning curves for programs."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import answered
from tests.webapp.evaluations.test_slices import evaluation  # noqa: F401 (fixture)
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.evaluations.models import Evaluation
from webapp.evaluations.studies import actions
from webapp.jobs import actions as jobs


@pytest.fixture
def ask(evaluation: Evaluation, editor: User, client):  # noqa: F811
    """(method, what follows the evaluation's address) → the answer."""
    token = accounts.create_token(editor, "write", None)

    def call(method: str, path: str):
        headers = {"Authorization": f"Bearer {token}"}
        return answered(getattr(client, method.lower())(f"/api/v1{path}", headers=headers, content_type="application/json"))

    return call


def test_all_ways_are_told_and_one_alone(ask, evaluation: Evaluation):  # noqa: F811
    told = ask("GET", f"/evaluations/{evaluation.pk}/slices").body
    assert (told["split"], told["n"], told["slices"][0]["by"]) == ("test", 116, "site")
    (site,) = ask("GET", f"/evaluations/{evaluation.pk}/slices?by=site").body["slices"]
    assert site["groups"][0]["value"] == "south" and site["groups"][0]["sure_behind"] and site["groups"][0]["confidence"] > 0.5
    (pairs,) = ask("GET", f"/evaluations/{evaluation.pk}/slices?by=site&and=@size&of=b").body["slices"]
    assert pairs["name"] == "site × Image size" and sum(group["n"] for group in pairs["groups"] + pairs["small"]) < 116


@pytest.mark.parametrize(
    ("query", "field"), [("by=nothing", "by"), ("by=site&and=nothing", "by"), ("by=site&of=zebra", "of"), ("and=site", "by")]
)
def test_what_cannot_be_sliced_names_the_field(ask, evaluation: Evaluation, query: str, field: str):  # noqa: F811
    answer = ask("GET", f"/evaluations/{evaluation.pk}/slices?{query}")
    assert answer.status == 422 and set(answer.error["fields"]) == {field}


def test_before_its_result_there_are_no_slices(ask, evaluation: Evaluation):  # noqa: F811
    Evaluation.objects.update(result=None)
    answer = ask("GET", f"/evaluations/{evaluation.pk}/slices")
    assert (answer.status, answer.error["code"]) == (409, "no_result")


@pytest.mark.parametrize("what", ["probes", "growth"])
def test_a_look_is_asked_for_once_and_told(ask, evaluation: Evaluation, what: str):  # noqa: F811
    experiment = evaluation.experiment
    jobs.finish(jobs.claim(experiment.job_id, "device@here:1"))
    (experiment.folder / "manifest.json").write_text("{}")
    path = f"/evaluations/{evaluation.pk}/probes" if what == "probes" else f"/experiments/{experiment.pk}/growth"
    assert ask("GET", path).body == {"id": None, "job": None, "state": None, "result": None}
    first, second = ask("POST", path), ask("POST", path)
    assert first.status == second.status == 202 and first.body == second.body
    assert ask("GET", path).body == {**first.body, "state": "queued", "result": None}
    study = experiment.studies.get()
    jobs.finish(jobs.claim(study.job_id, "device@here:1"), also=lambda: actions.finished(study, {"event": "any", "n": 0, "probes": []}))
    told = ask("GET", path).body
    assert told["state"] == "succeeded" and told["result"]["n"] == 0
