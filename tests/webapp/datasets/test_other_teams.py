"""A person in two teams meets the datasets of the one that is not worked in just now."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from webapp.accounts.models import Membership, Team
from webapp.datasets.models import Dataset


@pytest.fixture
def labs(owner) -> Team:
    team = Team.objects.create(name="Labs")
    Membership.objects.create(user=owner, team=team, role="viewer")
    return team


@pytest.fixture
def in_labs(owner, labs, signed_in):
    """The owner's browser, whose tab in Labs was looked at last."""
    client = signed_in(owner)
    client.cookies["synset_team"] = labs.id
    return client


def heading(page) -> str:
    return page.content.decode().split("<h1>")[1].split("</h1>")[0]


def test_an_upload_goes_to_the_team_of_its_page(in_labs, team, archive):
    form = {"name": "birds", "split": "80/10/10", "seed": "0", "archive": SimpleUploadedFile("a.zip", archive.read_bytes())}
    in_labs.post("/datasets/upload/", form, headers={"X-Synset-Team": team.id, "Accept": "application/json"})
    assert Dataset.objects.get().team == team


def test_a_link_into_the_other_team_says_so(in_labs, dataset, team):
    answer = in_labs.get(f"/datasets/{dataset.id}/?split=train")
    assert answer.status_code == 404
    assert heading(answer) == f"This is in {team.name}"
    assert f'name="next" value="/datasets/{dataset.id}/?split=train"' in answer.content.decode()


def test_switching_opens_it(in_labs, dataset, team):
    switched = in_labs.post("/team/switch/", {"team": team.id, "next": f"/datasets/{dataset.id}/"})
    assert in_labs.get(switched.headers["Location"]).status_code == 200


def test_nobody_else_hears_where_it_is(dataset, team, outsider, signed_in):
    stranger, made_up = (signed_in(outsider).get(f"/datasets/{id}/") for id in (dataset.id, "0" * 20))
    assert heading(stranger) == heading(made_up) == "There is nothing here"
    assert team.name.encode() not in stranger.content


def test_what_lies_in_the_trash_there_is_not_offered(in_labs, dataset):
    Dataset.objects.update(trashed_at=timezone.now())
    assert heading(in_labs.get(f"/datasets/{dataset.id}/")) == "There is nothing here"


def test_a_picture_of_the_other_team_is_simply_not_there(in_labs, dataset, team):
    answer = in_labs.get(f"/datasets/{dataset.id}/versions/1/images/0/thumb")
    assert answer.status_code == 404
    assert in_labs.get(answer.wsgi_request.path, headers={"X-Synset-Team": team.id}).status_code == 200
