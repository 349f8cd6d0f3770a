"""The list of reports: searched, filtered, sorted, read by key."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webapp.experiments.kit import dataset_of, ended, launched
from webapp.accounts.models import User
from webapp.evaluations.models import Evaluation
from webapp.reports import actions
from webapp.reports.models import Report

RESULT = {"n": 100, "top1": 0.5, "top5": 1.0, "loss": 0.7, "ece": 0.1, "per_class": []}
MATRIX = {"size": 1, "rows": [0], "columns": [0], "counts": [1]}


@pytest.fixture
def make(editor):
    """Makes a report as the end of a training does."""

    def one(name: str, top1: float | None = 0.5, user: User = editor, data: str = "Animals", **config) -> Report:
        experiment = ended(launched(user, name, dataset_of(user, data), **config))
        evaluation = Evaluation.objects.create(
            team=experiment.team, created_by=user, experiment=experiment, version=experiment.version, job=experiment.job,
            split="test", checkpoint="best", result=RESULT | {"top1": top1}, confusion=MATRIX,
        )  # fmt: skip
        actions.report_on(evaluation)
        return Report.objects.get(evaluation=evaluation)

    return one


def titles(client, **query: str) -> list[str]:
    return [row.report.title.split(" on ")[0] for row in client.get("/reports/", query).context["rows"]]


@pytest.fixture
def three(make, owner, actor_of):
    """Ant (0.9, small_cnn), bee (0.7, resnet18, of the owner, on Plants, tagged), cow (untested)."""
    make("ant", 0.9)
    bee = make("Bee", 0.7, owner, "Plants", model="resnet18")
    actions.edit(actor_of(owner), bee, title="Bee on Plants", notes="", tags=["draft"])
    make("cow", None)


def test_the_checkpoint_of_an_epoch_is_called_so(make, signed_in, viewer):
    make("ant")
    Evaluation.objects.update(checkpoint="7")
    assert "checkpoint of epoch 7, test split" in signed_in(viewer).get("/reports/").content.decode()


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", ["cow", "Bee", "ant"]),
        ("title", ["ant", "Bee", "cow"]),
        ("data", ["cow", "ant", "Bee"]),
        ("model", ["Bee", "cow", "ant"]),
        ("top1", ["ant", "Bee", "cow"]),
        ("evaluation__result", ["cow", "Bee", "ant"]),
    ],
)
def test_the_list_is_sorted_by_allowed_columns_alone(sort, order, three, signed_in, viewer):
    assert titles(signed_in(viewer), sort=sort) == order


@pytest.mark.parametrize("sort", ["newest", "title", "data", "model", "top1"])
def test_pages_hang_together_in_any_order(sort, three, signed_in, viewer, monkeypatch):
    client, whole = signed_in(viewer), titles(signed_in(viewer), sort=sort)
    monkeypatch.setattr("webapp.reports.listing.PAGE", 1)
    seen, cursor = [], ""
    for _ in range(3):
        context = client.get("/reports/", {"sort": sort, "cursor": cursor} if cursor else {"sort": sort}).context
        seen += [row.report.title.split(" on ")[0] for row in context["rows"]]
        cursor = context["next"]
    assert seen == whole and not cursor


@pytest.mark.parametrize("search", ["bee", "plants", "resnet", "owner", "draft"])
def test_the_search_looks_at_title_data_model_author_and_tag(search, three, signed_in, viewer):
    assert titles(signed_in(viewer), q=search) == ["Bee"]


@pytest.mark.parametrize(("name", "value"), [("model", "resnet18"), ("author", "owner"), ("tag", "draft")])
def test_a_filter_keeps_what_fits(name, value, three, signed_in, viewer):
    assert titles(signed_in(viewer), **{name: value}) == ["Bee"]


def test_the_list_is_filtered_by_dataset(three, signed_in, viewer):
    client = signed_in(viewer)
    offered = dict(client.get("/reports/").context["filters"]["dataset"])
    plants = next(id for id, name in offered.items() if name == "Plants")
    assert titles(client, dataset=plants) == ["Bee"]


def test_the_filters_offer_what_there_is(three, signed_in, viewer):
    filters = signed_in(viewer).get("/reports/").context["filters"]
    assert [value for value, _ in filters["model"]] == ["resnet18", "small_cnn"]
    assert [value for value, _ in filters["author"]] == ["editor", "owner"] and filters["tag"] == [("draft", "draft")]


@pytest.mark.parametrize("name", ["q", "dataset", "model", "author", "tag", "cursor", "sort"])
@pytest.mark.parametrize("text", ["\0", "\ud800", "%", "x" * 5000, "' or 1=1 --", "team__name"])
def test_any_text_is_an_answer(name, text, three, signed_in, viewer):
    assert signed_in(viewer).get("/reports/", {name: text.encode("utf-8", "surrogatepass")}).status_code == 200


def test_what_narrows_the_list_stays_in_its_addresses(three, signed_in, viewer, monkeypatch):
    monkeypatch.setattr("webapp.reports.listing.PAGE", 1)
    text = signed_in(viewer).get("/reports/", {"author": "editor", "q": "o", "sort": "title"}).content.decode()
    assert "?sort=top1&amp;author=editor&amp;q=o" in text and "sort=title&amp;author=editor&amp;q=o&amp;cursor=" in text


def test_a_search_without_hits_offers_all_again(three, signed_in, viewer):
    assert "No report fits" in signed_in(viewer).get("/reports/?q=zebra").content.decode()


def test_nothing_of_another_team_is_offered_or_found(three, signed_in, outsider):
    context = signed_in(outsider).get("/reports/", {"q": "a", "model": "resnet18"}).context
    assert not context["rows"] and not any(context["filters"].values())


def test_the_length_of_the_list_costs_no_queries(three, make, signed_in, viewer):
    client = signed_in(viewer)
    with CaptureQueriesContext(connection) as few:
        client.get("/reports/")
    for number in range(4):
        make(f"more {number}", data=f"Data {number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/reports/")
    assert len(few) == len(many)
