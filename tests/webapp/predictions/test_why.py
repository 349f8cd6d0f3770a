"""Why a network, or two of them, said what they said of a picture that was dropped, answered by the worker's own thread."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.webapp.evaluations.conftest import experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.webapp.evaluations.test_erasing import measured  # noqa: F401 (a fixture)
from webapp.accounts.models import User
from webapp.core.ids import new_id
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.predictions import actions

Trained = tuple[Path, dict[str, Any], Path, dict[str, Any]]


@pytest.fixture
def visitor(client: Client, viewer: User) -> Client:
    client.force_login(viewer)
    return client


@pytest.fixture
def picture(source: Path) -> bytes:  # noqa: F811
    return (source / "red" / "==0.png").read_bytes()


@pytest.fixture
def second(measured: Experiment, trained: Trained) -> Experiment:  # noqa: F811
    """Another network of the team, of the same weights."""
    its = {name: getattr(measured, name) for name in ("team", "created_by", "dataset", "version", "config")}
    job = jobs.submit(team=measured.team, user=measured.created_by, kind="train", title="Second")
    other = Experiment.objects.create(**its, name="Second", best_epoch=1, job=job)
    shutil.copytree(trained[2], other.folder)
    jobs.finish(jobs.claim(other.job_id, "device@here:2"))
    return other


def asked(client: Client, experiment: str, data: bytes = b"", count: int = 1, **fields: str) -> Any:  # noqa: F811
    images = [SimpleUploadedFile("cup & saucer.png", data) for _ in range(count)]
    return client.post("/classify/why/", {"experiment": experiment, "image": images, **fields})


def told(client: Client, experiment: str, data: bytes, **fields: str) -> str:  # noqa: F811
    answer = asked(client, experiment, data, **fields)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("method", "words"), [("gradcam", "Of layer features."), ("integrated", "add up to"), ("occlusion", "Of 49 covers")]
)
def test_a_picture_is_explained_by_each_method(worker, visitor, measured, picture, method, words):  # noqa: F811
    html = told(visitor, measured.pk, picture, method=method)
    assert html.count("data:image/png;base64,") == 2 and words in html and "First" in html
    assert 'alt="cup &amp; saucer.png, as the network sees it"' in html


def test_any_class_of_the_network_is_explained(worker, visitor, measured, picture):  # noqa: F811
    assert all(f"<b>{label}</b>" in told(visitor, measured.pk, picture, label=label) for label in ("red", "green", "blue"))


def test_two_networks_stand_side_by_side(worker, visitor, measured, second, picture):  # noqa: F811
    html = told(visitor, measured.pk, picture, beside=second.pk)
    assert html.count('class="why__side"') == 2 == html.count('class="why__over"') and "First" in html and "Second" in html


def test_a_published_network_is_explained_by_the_names_of_its_own_classes(worker, visitor, picture):
    html = told(visitor, "published:efficientnet_lite0", picture)
    assert html.count("data:image/png;base64,") == 2 and "efficientnet_lite0" in html and "<b>n0" not in html


def test_without_a_worker_that_is_said_with_a_button(visitor, measured, picture):  # noqa: F811
    html = told(visitor, measured.pk, picture)
    assert "does not run at the moment" in html and "Try again" in html


@pytest.mark.parametrize(
    ("fields", "words"), [({"method": "guess"}, "guess came"), ({"label": "pink"}, "does not know the class"), ({"count": 2}, "2 came")]
)
def test_what_cannot_be_explained_is_said(worker, visitor, measured, picture, fields, words):  # noqa: F811
    answer = asked(visitor, measured.pk, picture, **fields)
    assert answer.status_code == 200 and words in answer.content.decode()


def test_what_is_no_picture_or_too_large_is_said(worker, visitor, measured, monkeypatch):  # noqa: F811
    assert "cup &amp; saucer.png" in told(visitor, measured.pk, b"no image")
    monkeypatch.setattr(actions, "MOST_BYTES", 5)
    assert "Send a smaller picture" in told(visitor, measured.pk, b"no image")


def test_a_network_that_has_learnt_nothing_yet_is_said(visitor, experiment, picture):  # noqa: F811
    assert "no trained network yet" in told(visitor, experiment.pk, picture)
    assert "not on this machine" in told(visitor, "published:nothing", picture)


def test_other_teams_networks_are_not_found(client, outsider, viewer, measured, second, picture):  # noqa: F811
    client.force_login(outsider)
    assert {asked(client, id, picture).status_code for id in (measured.pk, new_id())} == {404}
    assert client.get("/classify/why/classes/", {"experiment": measured.pk}).status_code == 404


def test_the_classes_that_a_network_tells_apart_can_be_chosen(visitor, measured):  # noqa: F811
    classes = visitor.get("/classify/why/classes/", {"experiment": measured.pk}).json()["classes"]
    assert classes == [["blue", "blue"], ["green", "green"], ["red", "red"]]
    assert visitor.get("/classify/why/classes/", {"experiment": "published:efficientnet_lite0"}).json() == {"classes": []}
