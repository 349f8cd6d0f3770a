"""Rounds of labelling by programs: two tokens share a round, a review is blind, and what is said stands in the draft."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.webapp.api.kit import Answer, answered, full
from tests.webapp.datasets.test_quality_fixes import actor, check  # noqa: F401 (fixtures)
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.datasets import drafts
from webapp.datasets.labelling_models import LabelItem, LabelRound, Suggesting
from webapp.datasets.models import Dataset, DatasetVersion, Edit
from webapp.datasets.suggested import finished
from webapp.jobs import actions as jobs


@pytest.fixture
def of(version: DatasetVersion, owner: User, editor: User) -> Callable[..., Answer]:
    """of("POST", "/rounds", {}) below the dataset's address, as a program of its owner or, with `by`, of its editor."""
    tokens = {"owner": accounts.create_token(owner, "write", None), "editor": accounts.create_token(editor, "write", None)}
    client = Client(raise_request_exception=False)

    def send(method: str, path: str, body: Any = None, by: str = "owner", **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {tokens[by]}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        text = json.dumps(body) if body is not None else ""
        where = path if path.startswith("/api") else full(f"/datasets/{version.dataset_id}{path}")
        return answered(client.generic(method, where, text, content_type="application/json", headers=sent))

    return send


@pytest.fixture
def bees(of: Callable[..., Answer]) -> str:
    """The address of a round over the eight bees."""
    made = of("POST", "/rounds", {"matching": {"label": "bee"}})
    assert made.status == 201, made.body
    return f"/rounds/{made.body['id']}"


def test_a_round_says_what_it_goes_through_and_is_listed(of: Callable[..., Answer], bees: str, owner: User) -> None:
    read = of("GET", bees).body
    assert (read["kind"], read["images"], read["answered"], read["by"]) == ("chosen", 8, 0, owner.username)
    assert (read["name"], read["words"]) == ("Labelling: bee", "0 of 8 labelled")
    assert of("GET", "/rounds").body == {"items": [read], "next": None}


def test_the_filters_of_a_round_are_those_of_the_images(of: Callable[..., Answer]) -> None:
    found = of("GET", "/images?label=bee&split=train").body["total"]
    made = of("POST", "/rounds", {"matching": {"label": "bee", "split": ["train"]}}).body
    assert made["images"] == found and made["name"] == "Labelling: bee, train"
    searched = of("POST", "/rounds", {"matching": {"label": "bee", "q": "003"}}).body
    assert (searched["images"], searched["name"]) == (None, "Labelling: bee, “003”")
    assert len(of("POST", f"/rounds/{searched['id']}/next").body["items"]) == 1
    assert of("POST", "/rounds", {"matching": {"least": 15}}).status == 409
    assert of("POST", "/rounds", {"matching": {"label": "wasp"}}).error["fields"].keys() == {"label"}
    assert of("POST", "/rounds", {"matching": {"changed": True}}).error["fields"].keys() == {"matching.changed"}
    assert of("POST", "/rounds", {"matching": {}, "findings": "label"}).error["fields"].keys() == {"findings"}
    assert of("POST", "/rounds", {"label": "bee"}).error["fields"].keys() == {"label"}


def test_two_programs_share_a_round_and_never_have_the_same_image(of: Callable[..., Answer], bees: str) -> None:
    mine, theirs = (of("POST", f"{bees}/next", by=by).body["items"] for by in ("owner", "editor"))
    assert len(mine) == 5 and len(theirs) == 3 and not {row["id"] for row in mine} & {row["id"] for row in theirs}
    assert mine[0]["was"] == "bee" and mine[0]["path"].startswith("bee/")
    assert of("POST", f"{bees}/next").body["items"] == mine


def test_a_picture_is_given_to_who_has_the_image(of: Callable[..., Answer], bees: str) -> None:
    first = of("POST", f"{bees}/next").body["items"][0]
    picture = of("GET", first["picture"]).response
    assert picture.status_code == 200 and picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert "sandbox" in picture["Content-Security-Policy"]
    assert of("GET", first["picture"], by="editor").status == 409


def test_what_is_said_is_an_edit_of_the_draft_and_can_be_undone(of: Callable[..., Answer], bees: str, dataset: Dataset) -> None:
    items = [row["id"] for row in of("POST", f"{bees}/next").body["items"]]
    said = of("POST", f"{bees}/answers", {"item": items[0], "label": "wasp"})
    assert said.body == {"item": items[0], "state": "answered", "label": "wasp"}
    assert of("POST", f"{bees}/answers", {"item": items[1], "do": "out"}).body["state"] == "answered"
    assert of("POST", f"{bees}/answers", {"item": items[2], "do": "skip"}).body["state"] == "skipped"
    draft = drafts.current(dataset)
    assert draft and (draft.relabelled, draft.removed) == (1, 1)
    assert Edit.objects.order_by("number").values_list("why", flat=True)[0] == "Labelling: bee"
    assert of("POST", f"{bees}/undo").body == {"item": items[2]}
    assert of("POST", f"{bees}/undo").body == {"item": items[1]}
    draft.refresh_from_db()
    assert (draft.relabelled, draft.removed) == (1, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [({"do": "label"}, "label"), ({"do": "skip", "label": "bee"}, "label"), ({"do": "burn"}, "do"), ({"item": 0, "label": "bee"}, "item")],
)
def test_fields_of_an_answer_that_do_not_go_together_are_named(of: Callable[..., Answer], bees: str, body: Any, field: str) -> None:
    answer = of("POST", f"{bees}/answers", {"item": 1} | body)
    assert answer.status == 422 and set(answer.error["fields"]) == {field}


def test_an_image_that_is_anothers_is_not_answered(of: Callable[..., Answer], bees: str) -> None:
    theirs = of("POST", f"{bees}/next", by="editor").body["items"][0]["id"]
    assert of("POST", f"{bees}/answers", {"item": theirs, "label": "ant"}).status == 409
    assert of("POST", f"{bees}/leave", by="editor").body == {"images": 5}
    assert theirs in [row["id"] for row in of("POST", f"{bees}/next").body["items"]]


def test_a_repeat_with_its_key_gives_the_first_answer(of: Callable[..., Answer], bees: str) -> None:
    item = of("POST", f"{bees}/next").body["items"][0]["id"]
    first, again = (of("POST", f"{bees}/answers", {"item": item, "label": "wasp"}, Idempotency_Key="one") for _ in range(2))
    assert first.body == again.body and LabelItem.objects.exclude(label="").count() == 1


def test_what_was_skipped_comes_again_and_a_closed_round_hands_nothing_out(of: Callable[..., Answer], bees: str) -> None:
    item = of("POST", f"{bees}/next").body["items"][0]["id"]
    of("POST", f"{bees}/answers", {"item": item, "do": "skip"})
    assert of("POST", f"{bees}/changes", {"op": "again"}).body["skipped"] == 0
    assert of("POST", f"{bees}/changes", {"op": "close"}).body["closed_at"]
    closed = of("POST", f"{bees}/next")
    assert (closed.status, closed.error["code"]) == (409, "closed")
    assert of("POST", f"{bees}/changes", {"op": "review"}).error["fields"].keys() == {"share"}


def test_a_review_is_blind_and_tells_how_far_people_agree(of: Callable[..., Answer], bees: str, dataset: Dataset) -> None:
    for row in of("POST", f"{bees}/next").body["items"]:
        of("POST", f"{bees}/answers", {"item": row["id"], "label": "bee"})
    review = of("POST", f"{bees}/changes", {"op": "review", "share": 1.0}).body
    assert (review["kind"], review["reviews"], review["images"]) == ("review", bees.removeprefix("/rounds/"), 5)
    address = f"/rounds/{review['id']}"
    rows = of("POST", f"{address}/next", by="editor").body["items"]
    assert {(row["path"], row["was"], row["suggested"]) for row in rows} == {("", "", None)} and len(rows) == 5
    for number, row in enumerate(rows):
        assert of("POST", f"{address}/answers", {"item": row["id"], "label": "ant" if number < 2 else "bee"}, by="editor").status == 200
    told = of("GET", f"{address}/agreement?limit=1").body
    assert (told["images"], told["agreed"], told["open"]) == (5, 3, 2)
    assert told["differing"] == [{"first": "bee", "second": "ant", "images": 2}] and told["people"][0]["images"] == 5
    rest = of("GET", f"{address}/agreement?limit=1&cursor={told['next']}").body
    assert rest["next"] is None and [told["items"][0]["item"], rest["items"][0]["item"]] == [rows[0]["id"], rows[1]["id"]]
    assert of("POST", f"{address}/settlements", {"item": rows[0]["id"], "label": "ant"}).body == {"item": rows[0]["id"], "settled": "ant"}
    assert of("GET", f"{address}/agreement").body["open"] == 1 and drafts.current(dataset).relabelled == 1
    assert of("GET", f"{bees}/agreement").status == 404
    assert of("POST", f"{address}/settlements", {"item": rows[4]["id"], "label": "ant"}).status == 409


def test_a_round_over_findings_starts_with_the_worst(of: Callable[..., Answer], check: Any) -> None:  # noqa: F811
    made = of("POST", "/rounds", {"findings": "label"})
    assert (made.body["kind"], made.body["images"]) == ("findings", 1)
    assert of("POST", "/rounds", {"findings": "near_two_labels"}).status == 409


def test_suggestions_are_asked_for_listed_and_gone_through(of: Callable[..., Answer], version: DatasetVersion, owner: User) -> None:
    assert of("POST", "/suggestions", {"network": "none"}).status == 409
    assert of("GET", "/suggestions").body == {"items": []}
    job = jobs.submit(team=version.dataset.team, user=owner, kind="suggest", title="Suggestions")
    about = {"team": version.dataset.team, "version": version, "job": job, "source": "x", "source_name": "First"}
    made = Suggesting.objects.create(**about)
    assert of("GET", "/suggestions").body["items"] == [
        {"id": made.id, "network": "First", "version": 1, "images": 0, "state": "queued", "job": job.id}
    ]
    assert of("POST", "/rounds", {"suggestions": made.id}).error["fields"].keys() == {"suggestions"}
    jobs.finish(jobs.claim(job.id, "device@here:1"), also=lambda: finished(made, {"images": 8, "classes": ["bee"]}))
    begun = of("POST", "/rounds", {"suggestions": made.id, "label": "bee"}).body
    assert (begun["kind"], begun["name"], begun["images"]) == ("suggested", "Suggested by First, bee", 8)


def test_a_round_of_another_dataset_is_not_found(of: Callable[..., Answer], bees: str, dataset: Dataset, owner: User) -> None:
    job = jobs.submit(team=dataset.team, user=owner, kind="import", title="More")
    LabelRound.objects.update(dataset=Dataset.objects.create(team=dataset.team, name="More", job=job, archive_name="more.zip"))
    assert of("GET", bees).status == of("POST", f"{bees}/next").status == 404
