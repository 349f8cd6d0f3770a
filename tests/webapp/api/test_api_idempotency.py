"""A repeat with the same Idempotency-Key returns the first answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now

from tests.webapp.api.kit import archive
from webapp.accounts.actions import create_token
from webapp.accounts.models import User
from webapp.api import idempotency
from webapp.api.making import row_here
from webapp.api.models import IdempotentAnswer
from webapp.api.sealing import seal, unseal
from webapp.datasets.models import Dataset, Upload
from webapp.experiments import actions
from webapp.experiments.models import Experiment


@pytest.fixture
def launch(call, things):
    body = {"dataset": things().dataset.id, "name": "twice", "config": {"epochs": 1}}

    def send(key="k1", by="owner", **changes):
        return call("POST", "/experiments", {**body, **changes}, by=by, Idempotency_Key=key)

    return send


def test_a_repeat_returns_the_first_answer_and_makes_nothing(launch):
    first, second = launch(), launch()
    assert (second.status, second.body) == (first.status, first.body) and Experiment.objects.filter(name="twice").count() == 1


def test_a_repeat_says_that_it_is_one(launch):
    assert [launch().response.get("Idempotent-Replayed") for _ in range(2)] == [None, "true"]


def test_another_key_makes_another_thing(launch):
    assert launch("k1").body["id"] != launch("k2").body["id"]


def test_another_body_with_the_same_key_is_refused(launch):
    launch()
    answer = launch(name="other")
    assert (answer.status, answer.error["code"]) == (422, "key_reused")


def test_two_people_may_use_the_same_key(launch):
    assert launch(by="owner").body["id"] != launch(by="editor").body["id"]


def test_an_upload_is_repeated_by_its_content(call):
    form = {"name": "flowers"}
    first = call("POST", "/datasets", form={**form, "archive": archive(b"one")}, Idempotency_Key="u")
    again = call("POST", "/datasets", form={**form, "archive": archive(b"one")}, Idempotency_Key="u")
    other = call("POST", "/datasets", form={**form, "archive": archive(b"two")}, Idempotency_Key="u")
    assert (again.body, other.status, Dataset.objects.count()) == (first.body, 422, 1)


def test_an_upload_with_a_key_arrives_whole(call):
    made = call("POST", "/datasets", form={"name": "flowers", "archive": archive(b"every byte")}, Idempotency_Key="u").body
    upload = Dataset.objects.get(id=made["id"]).folder / "upload"
    assert [path.read_bytes() for path in upload.iterdir()] == [b"every byte"]


@pytest.fixture
def begun(call):
    def send(length):
        return call(
            "POST", "/uploads", Idempotency_Key="u", Tus_Resumable="1.0.0", Upload_Length=str(length), Upload_Metadata="filename YS56aXA="
        )

    return send


def test_a_repeated_beginning_of_an_upload_says_where_the_first_one_is(begun):
    first, second = begun(10), begun(10)
    assert second.response["Location"] == first.response["Location"] and Upload.objects.count() == 1


def test_another_upload_with_the_same_key_is_refused(begun):
    assert begun(10).status == 201
    assert (begun(11).status, Upload.objects.count()) == (422, 1)


def test_a_repeat_while_the_first_is_still_answered_waits_and_then_gets_409(launch, monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.1)
    real, inner = actions.launch, []

    def launch_twice(*args, **kwargs):
        if not inner:
            inner.append(None)
            inner[0] = launch()
        return real(*args, **kwargs)

    monkeypatch.setattr(actions, "launch", launch_twice)
    outer = launch()
    assert (outer.status, inner[0].status, inner[0].error["code"]) == (202, 409, "still_open")


def test_a_refused_body_may_be_corrected_under_the_same_key(launch):
    assert [launch(config={"epochs": 0}).status, launch(config={"epochs": 1}).status] == [422, 202]


def test_an_answer_of_the_servers_trouble_is_not_kept(launch, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(actions, "launch", None)
        assert launch().status == 500
    assert launch().status == 202


def test_the_answer_to_a_cancel_is_kept(call, things):
    job = things().job.id
    answers = [call("POST", f"/jobs/{job}/cancel", Idempotency_Key="c") for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 202] and call("POST", f"/jobs/{job}/cancel").status == 409


def test_an_answer_is_kept_for_a_day(launch):
    first = launch()
    IdempotentAnswer.objects.update(created_at=Now() - timedelta(days=1, minutes=1))
    assert launch().body["id"] != first.body["id"]


def test_the_key_of_a_call_that_died_is_free_again_after_a_while(launch):
    first = launch()
    IdempotentAnswer.objects.update(status=None, body=None, created_at=Now() - timedelta(minutes=11))
    assert launch().body["id"] != first.body["id"]


@pytest.mark.parametrize("what", ["dataset", "experiment", "evaluation", "weights", "classification"])
def test_a_call_that_died_after_it_made_something_is_answered_by_its_repeat(what, call, things, monkeypatch):
    ours = things()
    ours.end()
    path, sent = {
        "dataset": ("/datasets", {"form": {"name": "flowers", "archive": archive}}),
        "weights": ("/weights", {"form": {"name": "Mine", "file": lambda: SimpleUploadedFile("m.pth", b"weights")}}),
        "experiment": ("/experiments", {"body": {"dataset": ours.dataset.id, "name": "once", "config": {}}}),
        "evaluation": (f"/experiments/{ours.experiment.id}/evaluations", {"body": {"split": "validation"}}),
        "classification": ("/classifications", {"form": {"network": ours.experiment.id, "archive": archive}}),
    }[what]

    def send():
        form = {name: value() if callable(value) else value for name, value in sent.get("form", {}).items()}
        return call("POST", path, Idempotency_Key="k", **({"form": form} if form else sent))

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", lambda request, response: row_here.set(None))  # died before it was kept
        first = send()
    again = send()
    assert (again.status, again.body, again.response["Idempotent-Replayed"]) == (202, first.body, "true")


def test_a_call_that_lasted_so_long_that_its_repeat_was_quicker_makes_nothing(launch, monkeypatch):
    checked, repeats = actions.checked, []

    def checked_after_the_repeat(*asked):
        monkeypatch.setattr(actions, "checked", checked)
        IdempotentAnswer.objects.update(created_at=Now() - timedelta(minutes=11))
        own = row_here.get()
        repeats.append(launch())
        row_here.set(own)  # each call has a context of its own
        return checked(*asked)

    before = Experiment.objects.count()
    monkeypatch.setattr(actions, "checked", checked_after_the_repeat)
    assert (launch().status, repeats[0].status, Experiment.objects.count()) == (409, 202, before + 1)
    assert launch().body == repeats[0].body


def test_old_answers_are_swept_by_the_way(launch, monkeypatch):
    monkeypatch.setattr(idempotency, "PURGE_EVERY", 1)
    launch("old")
    IdempotentAnswer.objects.update(created_at=Now() - timedelta(days=2))
    launch("new")
    assert list(IdempotentAnswer.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.parametrize("key", ["", "k" * 201, "a\x01b"])
def test_a_key_that_is_none_is_refused_by_name(key, launch):
    answer = launch(key)
    assert answer.status == 400 and "Idempotency-Key" in answer.error["fields"]


def test_without_a_key_every_call_makes_something(call, things):
    body = {"dataset": things().dataset.id, "name": "x", "config": {}}
    assert call("POST", "/experiments", body).body["id"] != call("POST", "/experiments", body).body["id"]


@pytest.fixture
def shown_once(call, things):
    """Calls whose answer shows something once, and what of it: a link's code, a ticket."""
    report = things().report.id
    path = {"link": (f"/reports/{report}/links", {"days": 7}, "url"), "ticket": ("/tickets", {}, "ticket")}

    def send(what, by="owner"):
        address, body, shown = path[what]
        answer = call("POST", address, body, by=by, Idempotency_Key="once")
        return answer, str((answer.body or {}).get(shown, "")).rstrip("/").rpartition("/")[2]

    return send


def everything_stored():
    return str([list(model._base_manager.values()) for model in apps.get_models()])


@pytest.mark.parametrize("what", ["link", "ticket"])
def test_what_is_shown_once_is_the_same_in_a_repeat_and_in_no_row(what, shown_once):
    (first, code), (second, _) = shown_once(what), shown_once(what)
    assert (second.status, second.body, second.response["Idempotent-Replayed"]) == (201, first.body, "true")
    assert len(code) >= 32 and code not in everything_stored()


@pytest.mark.parametrize("what", ["link", "ticket"])
def test_what_is_shown_once_is_repeated_to_no_other_token(what, shown_once):
    first, code = shown_once(what)
    other = create_token(User.objects.get(username="owner"), "write", None)
    answer, _ = shown_once(what, by=other)
    assert (first.status, answer.status, answer.error["code"]) == (201, 409, "other_token") and code not in str(answer.body)


def test_equal_answers_are_sealed_unlike():
    sealed = [seal("token", b'{"url": 1}') for _ in range(2)]
    assert sealed[0] != sealed[1] and {unseal("token", one) for one in sealed} == {b'{"url": 1}'}
