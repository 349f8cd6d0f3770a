"""Why a network said what it said of a row among many, answered by the worker's own thread."""

from __future__ import annotations

import pytest

from tests.webapp.evaluations.conftest import experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.webapp.evaluations.test_erasing import measured  # noqa: F401 (a fixture)
from tests.webapp.predictions.kit import SAID, classified
from webapp.core.ids import new_id
from webapp.experiments.models import Experiment
from webapp.predictions.models import Classification


@pytest.fixture
def found(measured, editor) -> Classification:  # noqa: F811
    """By a network that is there with its files."""
    return classified(measured, editor)


@pytest.fixture
def client(signed_in, viewer):
    return signed_in(viewer)


def told(client, found, row=0, **query):
    answer = client.get(f"/classify/{found.pk}/rows/{row}/why/", query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("method", "words"), [("gradcam", "Of layer features."), ("occlusion", "Of 49 covers")])
def test_a_row_is_explained_by_each_method(worker, client, found, method, words):
    html = told(client, found, method=method)
    assert html.count("data:image/png;base64,") == 2 and words in html and "First" in html and SAID[0][0] in html


def test_any_class_is_explained(worker, client, found):
    assert "<b>red</b>" in told(client, found, label="red")


def test_the_one_beside_it_says_why_too(worker, client, found, measured, editor):  # noqa: F811
    other = classified(measured, editor)
    Classification.objects.filter(pk=other.pk).update(source=found)
    assert told(client, found, beside=other.pk).count('class="why__side"') == 2


@pytest.mark.parametrize(("query", "words"), [({"method": "guess"}, "guess came"), ({"label": "pink"}, "does not know the class")])
def test_what_cannot_be_explained_is_said(worker, client, found, query, words):
    assert words in told(client, found, **query)


def test_without_a_worker_that_is_said(client, found):
    assert "does not run at the moment" in told(client, found)


def test_a_picture_that_is_gone_is_said(client, found):
    for file in (found.answers / "pack").iterdir():
        file.unlink()
    assert "nothing to explain" in told(client, found)


def test_a_network_that_was_deleted_is_said_and_its_rows_offer_no_why(client, found, measured):  # noqa: F811
    assert "data-why=" in client.get(f"/classify/{found.pk}/").content.decode()
    Experiment.objects.filter(pk=measured.pk).update(trashed_at=found.created_at)
    assert "First, which answered, was deleted" in told(client, found)
    assert "data-why=" not in client.get(f"/classify/{found.pk}/").content.decode()


def test_rows_that_there_are_not_and_what_other_teams_have_are_not_found(client, signed_in, outsider, found):
    ways = (f"/classify/{found.pk}/rows/4/why/", f"/classify/{found.pk}/rows/{10**30}/why/", f"/classify/{new_id()}/rows/0/why/")
    assert {client.get(way).status_code for way in ways} == {404}
    assert client.get(f"/classify/{found.pk}/rows/0/why/", {"beside": new_id()}).status_code == 404
    assert signed_in(outsider).get(f"/classify/{found.pk}/rows/0/why/").status_code == 404


def test_who_opens_its_address_comes_to_the_page(client, found):
    answer = client.get(f"/classify/{found.pk}/rows/0/why/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Location"]) == (302, f"/classify/{found.pk}/")
