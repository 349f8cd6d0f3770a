"""The layers of a network at work on an image: the page, its parts and the API, answered by the worker's own thread."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.calls import PART, called
from tests.webapp.evaluations.conftest import experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.webapp.evaluations.test_erasing import erased, measured  # noqa: F401 (a fixture)
from tests.webapp.evaluations.test_explain import with_average
from webapp.datasets.models import Sample, Split
from webapp.experiments.layers import asking, showing
from webapp.experiments.models import Experiment


def part(client: Client, experiment: Experiment, about: str, **query: Any) -> str:  # noqa: F811
    answer = client.get(reverse("experiments:layers", args=[experiment.pk]), {"about": about, **query}, headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_names_every_layer_with_its_parameters(worker, visitor, measured):  # noqa: F811
    told = part(visitor, measured, "layers")
    assert all(f'data-layer="{name}"' in told for name in ("features.0.0", "features.0.1", "dropout", "head")) and "in 22 rows" in told


def test_a_layer_is_shown_with_pictures_of_what_it_gives_and_of_its_weights(worker, visitor, measured):  # noqa: F811
    told = part(visitor, measured, "layer", layer="features.0.0")
    assert told.count("data:image/png;base64,") == 2 and told.count("<svg") == 2 and "32 of 32 filters, in the image&#x27;s colours" in told


def test_what_a_filter_looks_for_is_a_picture(worker, visitor, measured):  # noqa: F811
    told = part(visitor, measured, "filter", layer="head", filter=1)
    assert told.count("data:image/png;base64,") == 1 and "Filter 1 of head" in told


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"about": "layer", "layer": "nothing"}, "has no layer &#x27;nothing&#x27;"),
        ({"about": "filter", "layer": "head", "filter": "9"}, "has the filters 0 to 2; 9 came"),
        ({"about": "filter", "layer": "head", "filter": "many"}, "must be a number from 0"),
        ({"about": "weather"}, "must be about layers, layer or filter"),
        ({"about": "layers", "checkpoint": "99"}, "There is no checkpoint 99"),
    ],
)
def test_what_there_is_not_is_said(worker, visitor, measured, query, words):  # noqa: F811
    assert words in part(visitor, measured, **query)


def test_without_a_worker_that_is_said_with_a_button(visitor, measured):  # noqa: F811
    told = part(visitor, measured, "layers")
    assert "does not run at the moment" in told and "Try again" in told
    assert "data-asks-again" in told and "data-asks-words" in told  # of which the page presses the one by itself


def test_the_first_image_is_of_validation_and_its_neighbours_are_too(measured):  # noqa: F811
    first = asking.shown(measured.version, None)
    assert first.sample.split == Split.VALIDATION and first.before is None
    behind = asking.shown(measured.version, first.behind)
    assert behind.sample.split == Split.VALIDATION and behind.before == first.position


def test_an_erased_image_is_passed_over_and_refused_by_its_position(visitor, measured):  # noqa: F811
    gone = erased(measured, Split.VALIDATION)
    measured.version.refresh_from_db()
    assert asking.shown(measured.version, None).position != gone.position
    answer = visitor.get(reverse("experiments:layers", args=[measured.pk]), {"position": gone.position})
    assert b"was erased, or its files are not on this server" in answer.content


def test_the_page_opens_for_a_viewer_and_is_not_there_for_an_outsider(client, measured, viewer, outsider):  # noqa: F811
    for user, status in ((viewer, 200), (outsider, 404)):
        client.force_login(user)
        assert client.get(reverse("experiments:layers", args=[measured.pk])).status_code == status


def test_another_teams_image_is_not_watched(visitor, measured, member):  # noqa: F811
    answer = visitor.get(
        reverse("experiments:layers", args=[measured.pk]), {"of": "0" * 20, "position": "0", "about": "layers"}, headers=PART
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("position", ["10000", "2147483647", "9" * 19])
def test_a_position_that_there_is_not_is_not_found(visitor, measured, position):  # noqa: F811
    assert visitor.get(reverse("experiments:layers", args=[measured.pk]), {"position": position}).status_code == 404


def test_an_untrained_experiment_says_what_will_stand_here(visitor, experiment):  # noqa: F811
    answer = visitor.get(reverse("experiments:layers", args=[experiment.pk]))
    assert b"No trained network yet" in answer.content


def test_the_api_tells_layers_one_layer_and_what_a_filter_looks_for(worker, client, editor, measured):  # noqa: F811
    base = f"/experiments/{measured.pk}/layers"
    listed, one, looked = (called(client, editor, "get", f"{base}{rest}").json() for rest in ("", "/features.0.0", "/head/filters/2"))
    assert sum(layer["parameters"] for layer in listed["layers"]) == listed["parameters"] > 0
    assert one["kind"] == "Conv2d" and len(one["given"]["histogram"]) == 40 and one["weights"][0]["shape"] == [32, 3, 3, 3]
    assert looked["after"] > looked["before"] and looked["picture"].startswith("data:image/png")


def test_the_api_watches_on_the_image_that_is_named(worker, client, editor, measured):  # noqa: F811
    position = Sample.objects.filter(version=measured.version, split=Split.TEST).first().position
    one, other = (
        called(client, editor, "get", f"/experiments/{measured.pk}/layers{query}").json()["image"]
        for query in ("", f"?position={position}")
    )
    assert one != other


def test_the_weights_themselves_are_watched_where_they_are_asked_for(worker, visitor, measured, client, editor):  # noqa: F811
    with_average(measured.folder)
    mean, raw = (called(client, editor, "get", f"/experiments/{measured.pk}/layers/head{query}").json() for query in ("", "?raw=true"))
    assert raw["weights"][0]["most"] == pytest.approx(2 * mean["weights"][0]["most"], rel=1e-4)
    page = visitor.get(reverse("experiments:layers", args=[measured.pk]), {"raw": "1"}).content.decode()
    assert "weights not averaged" in page and "raw=1" in page and 'name="raw" value="1"' in page
    assert "raw=1" in part(visitor, measured, "layer", layer="head", raw="1")


def test_the_api_refuses_in_words(worker, client, editor, measured):  # noqa: F811
    answer = called(client, editor, "get", f"/experiments/{measured.pk}/layers/nothing")
    assert answer.status_code == 422 and "has no layer" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(-11.42, "−11.4"), (-0.0, "0"), (None, "–"), (4.2e-5, "4.2 × 10⁻⁵"), (-3.1e-12, "−3.1 × 10⁻¹²"), (1234567.0, "1.23 × 10⁶")],
)
def test_a_figure_of_a_layer_is_set_as_people_write_it(value, words):
    assert showing.figure(value) == words


def test_some_zeros_are_not_said_to_be_none():
    assert [showing.few(share) for share in (0.0001, 0.0005, 0.044)] == ["fewer than 0.1 %", "0.1 %", "4.4 %"]


def test_a_histogram_shows_its_small_parts_beside_a_peak():
    found = showing.bars([10_000, 0, 100])
    assert [(bar.x, bar.height) for bar in found] == [(0, 48), (2, 4.8)]
