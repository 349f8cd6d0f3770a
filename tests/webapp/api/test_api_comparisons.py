"""Experiments held against each other, by programs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest

from classifier.metrics.scored import path_of, write_scored
from tests.webapp.evaluations.comparing.kit import dataset_of, measured, reported, trained, version_of
from webapp.accounts.models import User
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment


@pytest.fixture
def pair(tokens, settings, tmp_path: Path) -> tuple[Experiment, Experiment]:
    settings.SYNSET_HOME = tmp_path / "home"
    version = dataset_of(User.objects.get(username="editor")).versions.get()
    first, second = trained(version, "Plain"), trained(version, "Faster", {"learning_rate": 0.01})
    reported(measured(first, {at: (at + 1) % 3 for at in range(8)}))
    reported(measured(second, {at: (at + 1) % 3 for at in range(6, 10)}))
    return first, second


@pytest.fixture
def compare(call, pair):
    return lambda path="/comparisons", **query: call("GET", f"{path}?{urlencode({'of': [each.id for each in pair], **query}, doseq=True)}")


def test_two_are_compared(compare, pair) -> None:
    body = compare().body
    assert [each["experiment"] for each in body["experiments"]] == [each.id for each in pair]
    told = body["experiments"][1]["against_first"]
    assert told["paired"] == {"n": 30, "both_right": 20, "broken": 2, "fixed": 6, "both_wrong": 2}
    assert told["difference"] == pytest.approx(4 / 30) and told["p"] == pytest.approx(74 / 256)
    assert body["differs"] == [{"field": "learning_rate", "values": ["0.001", "0.01"]}] and body["note"] == ""


def test_the_images_on_which_they_part_are_listed(compare) -> None:
    body = compare("/comparisons/images", show="fixed", label="bee").body
    assert (body["n"], body["next"], [item["position"] for item in body["items"]]) == (2, None, [4, 1])
    assert body["items"][0]["first"]["label"] == "Cow" and body["items"][0]["path"] == "bee/04.png"


def test_a_class_is_named_as_the_answers_name_it(compare) -> None:
    """They tell readable names, so a program that goes on with one of them gets its images."""
    body = compare("/comparisons/images", show="fixed").body
    name = body["items"][0]["label"]
    found = compare("/comparisons/images", show="fixed", label=name).body
    assert found["n"] == sum(item["label"] == name for item in body["items"]) > 0
    assert "label" in compare("/comparisons/images", show="fixed", label="Dragon").error["fields"]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"on": "all"}, "on"), ({"of": ["x"]}, "of"), ({"of": ["x"] * 21}, "of"), ({"show": "all"}, "show"), ({"start": -1}, "start")],
)
def test_a_wrong_value_is_named(compare, query, field) -> None:
    answer = compare("/comparisons/images" if field in ("show", "start") else "/comparisons", **query)
    assert answer.status == 422 and field in answer.error["fields"]


def test_a_probability_that_is_no_number_is_null(compare, pair) -> None:
    file = path_of(pair[0].folder / Evaluation.objects.get(experiment=pair[0]).predictions)
    rows = np.array(np.load(file))
    rows["probability"][4] = np.nan
    write_scored(file, rows)
    answer = compare("/comparisons/images", show="fixed", label="bee")
    assert [item["first"]["probability"] is None for item in answer.body["items"]] == [True, False]
    assert b"NaN" not in answer.response.content


def test_a_class_that_there_is_not_is_named(compare) -> None:
    assert compare("/comparisons/images", label="dodo").error["fields"].keys() == {"label"}


def test_one_twice_is_no_comparison(compare, pair) -> None:
    assert compare(of=[pair[0].id, pair[0].id]).error["fields"].keys() == {"of"}


def test_another_teams_is_not_found(call, pair) -> None:
    query = urlencode({"of": [each.id for each in pair]}, doseq=True)
    for path in ("/comparisons", "/comparisons/images"):
        assert call("GET", f"{path}?{query}", by="outsider").status == 404


def test_what_shares_no_image_is_a_conflict(compare, pair) -> None:
    other = trained(dataset_of(User.objects.get(username="editor"), "Others").versions.get(), "Other")
    measured(other, {})
    answer = compare("/comparisons/images", of=[pair[0].id, other.id])
    assert answer.status == 409 and "different datasets" in answer.error["message"]


def test_the_leaderboard_ranks_one_version(call, pair) -> None:
    dataset = pair[0].dataset
    body = call("GET", f"/datasets/{dataset.id}/leaderboard").body
    assert [(item["rank"], item["name"]) for item in body["items"]] == [(1, "Faster"), (2, "Plain")]
    assert body["items"][1]["behind"]["sure"] is False and body["version"] == 1
    version_of(dataset, 2)
    several = call("GET", f"/datasets/{dataset.id}/leaderboard?version=1,2")
    assert several.status == 422 and "not ranked as one" in several.error["fields"]["version"]
    assert call("GET", f"/datasets/{dataset.id}/leaderboard?version=7").status == 422
