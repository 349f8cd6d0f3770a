"""Pictures that are classified, with the training images nearest to them."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from webapp.accounts import actions as accounts
from webapp.datasets.models import Sample
from webapp.evaluations.space import reading
from webapp.predictions import client


@pytest.fixture
def asked(monkeypatch):
    """By which maps a worker was asked; it finds training images 0 and 999 near."""
    near: list[str] = []

    async def classify(network, images, *, near="", timeout=30):
        stems.append(near)
        found = {"nearest": [{"position": place, "label": "red", "likeness": 0.9} for place in (0, 999)]} if near else {}
        return [{"file": name, "top": [{"label": "red", "probability": 0.75}], **found} for name, _ in images]

    stems = near
    monkeypatch.setattr(client, "classify", classify)
    return near


def picture():
    return SimpleUploadedFile("a.png", b"x" * 10)


def test_the_page_shows_the_images_of_what_is_near(signed_in, viewer, evaluation, mapped, asked):
    answer = signed_in(viewer).post("/classify/run/", {"experiment": evaluation.experiment_id, "images": [picture()]})
    (near,) = answer.json()["results"][0]["nearest"]
    image = Sample.objects.get(version=evaluation.version, position=0).image
    assert asked == [str(mapped.stem)] and near["thumb"].endswith(f"/images/{image}/thumb") and near["name"] == "red"


def test_without_a_map_nothing_is_asked_for(signed_in, viewer, evaluation, asked):
    answer = signed_in(viewer).post("/classify/run/", {"experiment": evaluation.experiment_id, "images": [picture()]})
    assert asked == [""] and "nearest" not in answer.json()["results"][0]


def test_a_map_of_another_checkpoint_is_not_used(evaluation, mapped):
    assert reading.index_of(evaluation.experiment) == mapped
    file = evaluation.experiment.folder / "manifest.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({"checkpoints": [entry | {"sha256": "0" * 64} for entry in told["checkpoints"]]}))
    assert reading.index_of(evaluation.experiment) is None


def test_programs_ask_for_it(editor, evaluation, mapped, asked):
    headers = {"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}"}
    address = f"/api/v1/experiments/{evaluation.experiment_id}/classify"
    told = Client().post(f"{address}?nearest=true", {"images": [picture()]}, headers=headers).json()
    assert told["results"][0]["nearest"][0] == {"position": 0, "label": "red", "likeness": 0.9} and asked == [str(mapped.stem)]
    assert "nearest" not in Client().post(address, {"images": [picture()]}, headers=headers).json()["results"][0]


def test_programs_hear_that_there_is_no_map(editor, evaluation, asked):
    headers = {"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}"}
    answer = Client().post(
        f"/api/v1/experiments/{evaluation.experiment_id}/classify?nearest=true", {"images": [picture()]}, headers=headers
    )
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "no_map" and asked == []
