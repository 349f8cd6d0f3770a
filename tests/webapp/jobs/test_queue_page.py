"""The queue page, and what pages ask of a job."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.accounts.models import AuditEntry, Team
from webapp.jobs import actions, room, subjects
from webapp.jobs.models import Job, Node, Queue, State

SignedIn = Callable[[Any], Client]
Submit = Callable[..., Job]


def test_waiting_jobs_stand_with_their_position(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    submit("train"), submit("train"), submit("import")
    page = signed_in(viewer).get("/queue/").content.decode()
    assert page.count("Waiting, 1st") == 2 and page.count("Waiting, 2nd") == 1  # each queue counts for itself


def test_a_running_job_shows_its_stage_and_worker(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    claim = actions.claim(submit("train").id, "device@host:42")
    actions.record(claim, [], progress=0.25, eta=90.0, stage="epoch 3 of 10")
    page = signed_in(viewer).get("/queue/").content.decode()
    assert "epoch 3 of 10" in page and "device@host" in page and "1 min 30 s" in page


def test_another_teams_job_keeps_its_name(submit: Submit, outsider: Any, signed_in: SignedIn) -> None:
    submit("train")
    page = signed_in(outsider).get("/queue/").content.decode()
    assert "a train" not in page and "Another team" in page


def test_why_a_job_waits_stands_beside_it_for_its_own_team(submit: Submit, viewer: Any, outsider: Any, signed_in: SignedIn) -> None:
    actions.fail(actions.claim(submit("train").id, "w"), "The disk has no room: 12 GB are free.", "disk_full", retry=True)
    assert "The disk has no room: 12 GB are free." in signed_in(viewer).get("/queue/").content.decode()
    assert "The disk has no room" not in signed_in(outsider).get("/queue/").content.decode()


@pytest.fixture
def without_room(submit: Submit) -> Job:
    """A job that was put back when 12 kB were free."""
    job = submit("train")
    actions.put_back(actions.claim(job.id, "w"), f"The disk is full: 12 kB are free. {room.goes_on()}", "disk_full")
    return job


def test_a_job_that_waits_for_room_says_how_much_there_is_now(without_room: Job, viewer: Any, signed_in: SignedIn, settings: Any) -> None:
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    page = signed_in(viewer).get("/queue/").content.decode()
    assert '<div class="row__note warn">The disk of the data folder is full: ' in page and "12 kB" not in page


def test_a_worker_whose_own_disk_is_full_is_named_beside_what_waits_for_it(without_room: Job, viewer: Any, signed_in: SignedIn) -> None:
    Node.objects.create(name="w@a", host="a", role=Queue.DEVICE, slots=1, info={"disk_free": 0})
    page = signed_in(viewer).get("/queue/").content.decode()
    assert '<div class="row__note warn">w@a: The disk of the data folder is full: 0 bytes are free.' in page


def test_nothing_is_said_of_a_full_disk_that_has_room_again(without_room: Job, viewer: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get("/queue/").content.decode()
    assert "Waiting, 1st" in page and "The disk is full" not in page and "row__note warn" not in page


def test_a_job_that_was_paused_as_it_waited_for_room_waits_for_somebody_alone(
    without_room: Job, viewer: Any, signed_in: SignedIn, settings: Any
) -> None:
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    actions.pause(without_room)
    page = signed_in(viewer).get("/queue/").content.decode()
    assert 'id="paused"' in page and "12 kB" not in page


def test_a_silent_process_is_named_with_its_silence(db: None, viewer: Any, signed_in: SignedIn) -> None:
    from datetime import timedelta

    from webapp.jobs.clock import database_time
    from webapp.jobs.models import Node

    actions.beat("keeper@here", "keeper", "here")
    Node.objects.update(beat_at=database_time() - timedelta(seconds=40))
    assert "silent for 40 s" in signed_in(viewer).get("/queue/").content.decode()


def test_the_page_takes_a_fixed_number_of_queries(
    submit: Submit, viewer: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        submit("train")
    client = signed_in(viewer)
    with django_assert_max_num_queries(22):
        client.get("/queue/")


def test_a_viewer_has_no_cancel_button(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    submit("train")
    assert "cancel/" not in signed_in(viewer).get("/queue/").content.decode()


def test_an_editor_cancels_what_waits(submit: Submit, editor: Any, signed_in: SignedIn) -> None:
    job = submit("train")
    answer = signed_in(editor).post(reverse("jobs:cancel", args=[job.id]))
    job.refresh_from_db()
    assert answer.status_code == 302 and job.state == "cancelled"


def test_a_viewer_cancels_nothing(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    assert signed_in(viewer).post(reverse("jobs:cancel", args=[submit("train").id])).status_code == 403


def test_cancelling_leads_back_to_our_pages_alone(submit: Submit, editor: Any, signed_in: SignedIn) -> None:
    answer = signed_in(editor).post(reverse("jobs:cancel", args=[submit("train").id]), headers={"Referer": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/queue/"


@pytest.mark.parametrize(("name", "method"), [("events", "get"), ("cancel", "post")])
def test_an_outsider_finds_no_job(name: str, method: str, submit: Submit, outsider: Any, signed_in: SignedIn) -> None:
    call = getattr(signed_in(outsider), method)
    assert call(reverse(f"jobs:{name}", args=[submit("train").id])).status_code == 404


def test_events_go_on_after_the_one_that_is_known(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    job = submit("train")
    claim = actions.claim(job.id, "device@host:1")
    actions.record(claim, [actions.NewEvent("log", {"level": "info", "message": "hello"})])
    told = signed_in(viewer).get(reverse("jobs:events", args=[job.id]), {"since": 2}).json()
    assert [(event["seq"], event["kind"]) for event in told["events"]] == [(3, "log")] and told["next"] is None


@pytest.mark.parametrize("since", ["", "-1", "x", "9" * 40, "%00"])
def test_a_since_that_is_none_is_no_error(since: str, submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    assert signed_in(viewer).get(reverse("jobs:events", args=[submit("train").id]), {"since": since}).status_code == 200


@pytest.mark.parametrize("path", ["/queue/", "/"])
def test_somebody_who_is_not_signed_in_goes_to_the_login(path: str, db: None, client: Client) -> None:
    assert client.get(path).headers["Location"].startswith("/login/")


def test_a_part_comes_without_the_frame(db: None, team: Team, viewer: Any, signed_in: SignedIn) -> None:
    assert b"<html" not in signed_in(viewer).get("/queue/", headers={"HX-Request": "true"}).content


def test_who_cancels_a_job_stands_in_the_audit_log_once(submit: Submit, editor: Any, signed_in: SignedIn) -> None:
    job, client = submit(), signed_in(editor)
    for _ in range(2):
        client.post(reverse("jobs:cancel", args=[job.id]))
    assert AuditEntry.objects.filter(team=job.team).values_list("name", "verb").get() == ("editor", "job.cancel")


def test_ticked_jobs_are_cancelled_together_and_each_end_is_told(submit: Submit, editor: Any, signed_in: SignedIn) -> None:
    waiting, running, ended = submit(), submit(), submit()
    assert actions.claim(running.id, "w")
    actions.request_cancel(ended)
    client = signed_in(editor)
    page = client.post(reverse("jobs:cancel-many"), {"job": [waiting.id, running.id, ended.id, "x"]}, follow=True).content.decode()
    assert State(Job.objects.get(pk=waiting.id).state) == State.CANCELLED and Job.objects.get(pk=running.id).cancel_requested_at
    assert "1 job cancelled." in page and "1 job told to stop" in page and "1 job not there to cancel" in page
    assert AuditEntry.objects.filter(verb="job.cancel").count() == 2


def test_nothing_ticked_is_said(db: None, editor: Any, signed_in: SignedIn) -> None:
    assert "Nothing was chosen." in signed_in(editor).post(reverse("jobs:cancel-many"), follow=True).content.decode()


def test_another_teams_job_goes_on(submit: Submit, outsider: Any, signed_in: SignedIn) -> None:
    job = submit()
    signed_in(outsider).post(reverse("jobs:cancel-many"), {"job": [job.id]})
    assert State(Job.objects.get(pk=job.id).state) == State.QUEUED


def test_the_side_bar_tells_of_the_device_anew(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    Node.objects.create(name="w@a", host="a", role=Queue.DEVICE, slots=1, info={"devices": ["cpu"], "processors": 2})
    client = signed_in(viewer)
    assert "free" in client.get("/device/").content.decode()
    assert actions.claim(submit("train").id, "w")
    assert "busy" in client.get("/device/").content.decode()


def test_every_thing_that_a_job_is_about_has_a_page() -> None:
    assert set(subjects.PAGES) == {name.split("__")[0] for name in subjects.SUBJECTS}


def test_a_job_about_nothing_has_no_link(submit: Submit, viewer: Any, signed_in: SignedIn) -> None:
    assert subjects.page_of(submit("train")) == ""
    assert '<span class="row__title">a train</span>' in signed_in(viewer).get("/queue/").content.decode()


@pytest.mark.parametrize(
    ("study", "page"),
    [
        ({"evaluation_id": "e1", "what": "probes"}, "/evaluations/e1/groups/#probes"),
        ({"evaluation_id": None, "what": "filters", "experiment_id": "x1", "checkpoint": "4", "raw": True}, "/layers/?checkpoint=4&raw=1"),
        ({"evaluation_id": None, "what": "growing", "experiment_id": "x1"}, "/experiments/x1/growing/"),
    ],
)
def test_each_kind_of_study_is_shown_on_its_own_page(study: dict[str, Any], page: str) -> None:
    assert subjects.study_page(SimpleNamespace(**study)).endswith(page)
