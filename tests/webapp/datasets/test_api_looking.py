"""One image, two versions, the data card, previews and erasures, as programs read and ask for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.webapp.api.kit import Answer
from tests.webapp.datasets.drafts.conftest import actor, seal  # noqa: F401 (fixtures)
from tests.webapp.datasets.test_api_rounds import of  # noqa: F401 (fixture)
from tests.webapp.datasets.test_previews import listed, looking, shown  # noqa: F401 (fixtures)
from webapp.accounts import actions as accounts
from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry, User
from webapp.datasets import drafts, packs
from webapp.datasets.models import Dataset, DatasetVersion, Erasure
from webapp.jobs.models import Job

# --- Images


def test_an_image_is_read_with_its_history(of: Callable[..., Answer], actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:  # noqa: F811
    digest = packs.index(version.folder)["sha256"][version.samples.get(position=3).image].tobytes().hex()
    read = of("GET", "/images/3").body
    assert (read["path"], read["label"], read["digest"], read["erased"]) == ("ant/003.png", "ant", digest, False)
    assert (read["metadata"], read["version"], [step["words"] for step in read["history"]]) == ({}, 1, [f"Version 1: ant, {read['split']}"])
    drafts.change(actor, dataset, [3], label="bee", why="has a sting")
    now, sealed = of("GET", "/images/3").body, of("GET", "/images/3?version=1").body
    assert (now["label"], sealed["label"]) == ("bee", "ant")
    assert [(step["words"], step["why"]) for step in now["history"]][1:] == [("called it bee", "has a sting")]
    assert of("GET", "/images/99").status == of("GET", "/images/3?version=7").status == 404
    assert of("GET", "/images/4294967296").status == 422


def test_a_picture_is_what_is_kept(of: Callable[..., Answer], version: DatasetVersion) -> None:  # noqa: F811
    picture = of("GET", "/images/3/picture").response
    assert picture.content == packs.picture(version, version.samples.get(position=3).image)[0]
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert of("GET", "/images/3/picture?thumbnail=true&version=1").response.content.startswith(b"\x89PNG")
    assert of("GET", "/images/99/picture").status == 404


def test_an_image_that_a_later_version_left_out_is_still_read(of: Callable[..., Answer], actor: Actor, dataset: Dataset, seal: Any) -> None:  # noqa: F811
    drafts.change(actor, dataset, [3], removed=True)
    seal()
    assert of("GET", "/images/3").body["version"] == 1 and of("GET", "/images/3/picture").status == 200
    assert of("GET", "/images/3?version=2").status == 404


# --- Versions


def test_two_versions_are_compared(of: Callable[..., Answer], actor: Actor, dataset: Dataset, seal: Any) -> None:  # noqa: F811
    drafts.change(actor, dataset, [1, 2, 3], label="bee")
    drafts.change(actor, dataset, [9], removed=True)
    drafts.rename_class(actor, dataset, "cow", "ox")
    seal()
    told = of("GET", "/versions/2/difference?limit=2").body
    assert (told["base"], told["version"]) == (1, 2)
    assert told["counts"] == {"relabelled": 3, "moved": 0, "removed": 1, "added": 0}
    assert told["turns"] == [{"before": "ant", "after": "bee", "images": 3}]
    assert told["renamed"] == [{"before": "cow", "after": "ox", "images": 8}]
    rest = of("GET", f"/versions/2/difference?limit=2&cursor={told['next']}").body
    assert [row["position"] for row in told["items"] + rest["items"]] == [1, 2, 3] and rest["next"] is None
    assert (told["items"][0]["before"]["label"], told["items"][0]["after"]["label"]) == ("ant", "bee")
    (gone,) = of("GET", "/versions/2/difference?kind=removed").body["items"]
    assert (gone["path"], gone["after"]) == ("bee/001.png", None)
    assert of("GET", "/versions/1/difference?base=2&kind=added").body["counts"]["added"] == 1
    assert of("GET", "/versions/3/difference").status == of("GET", "/versions/2/difference?base=9").status == 404


def test_a_version_gives_the_changes_that_made_it(of: Callable[..., Answer], actor: Actor, dataset: Dataset) -> None:  # noqa: F811
    first = of("GET", "/versions/1/changes")
    assert (first.status, first.error["message"]) == (409, "This version was not made from another one.")
    changes = dataset.versions.get().folder / "changes.jsonl"
    changes.write_text('{"op": "sample", "position": 1, "removed": true}\n')
    given = of("GET", "/versions/1/changes").response
    assert b"".join(given.streaming_content if given.streaming else [given.content]) == changes.read_bytes()


@pytest.mark.parametrize(("way", "begins"), [("markdown", b"# Animals"), ("html", b"<!doctype html>")])
def test_a_data_card_comes_as_a_file(of: Callable[..., Answer], way: str, begins: bytes) -> None:  # noqa: F811
    card = of("GET", f"/versions/1/card?as={way}").response
    assert card.status_code == 200 and begins in card.content[:200].replace(b"<!DOCTYPE", b"<!doctype")
    assert "attachment" in card["Content-Disposition"]


def test_the_words_of_a_dataset_are_read_and_kept(of: Callable[..., Answer], dataset: Dataset) -> None:  # noqa: F811
    begun = of("GET", "/description").body
    said = of("PATCH", "/description", {"description": "Wrens.\n\nAnd owls.", "mark": begun["mark"]})
    assert (said.status, said.body["description"], said.body["licence"]) == (200, "Wrens.\n\nAnd owls.", "")
    assert of("PATCH", "/description", {"licence": "CC BY 4.0"}).body["description"] == "Wrens.\n\nAnd owls."
    late = of("PATCH", "/description", {"description": "Mine.", "mark": begun["mark"]})
    assert (late.status, late.error["code"]) == (409, "stale")
    assert of("PATCH", "/description", {"licence": "x" * 300}).status == 422
    assert set(of("PATCH", "/description", {"description": "x" * 20_001}).error["fields"]) == {"description"}


# --- Erasures


def test_an_erasure_says_beforehand_what_it_does_and_is_queued_once(of: Callable[..., Answer], version: DatasetVersion) -> None:  # noqa: F811
    asked = of("GET", "/images/3/erasure").body
    assert asked["places"] == [{"dataset": version.dataset_id, "name": "Animals", "images": {"1": 1}}]
    assert (asked["erased"], asked["busy"], asked["saw"], asked["unchecked"]) == (False, None, [], ["Animals"])
    made, again = (of("POST", "/images/3/erasure", Idempotency_Key="one") for _ in range(2))
    assert made.status == again.status == 202 and made.body == again.body
    assert Job.objects.get(pk=made.body["job"]).kind == "erase"
    (row,) = of("GET", "/erasures").body["items"]
    assert (row["id"], row["state"], row["digest"]) == (made.body["id"], "queued", asked["digest"])
    assert of("POST", "/images/3/erasure").body == made.body and Erasure.objects.count() == 1
    assert of("POST", "/images/99/erasure").status == 409


def test_owners_alone_erase(of: Callable[..., Answer]) -> None:  # noqa: F811
    assert of("POST", "/images/3/erasure", by="editor").status == 403
    assert of("GET", "/erasures", by="editor").status == 200


# --- Problems and previews


def test_problems_are_left_and_taken_up_again(of: Callable[..., Answer], dataset: Dataset) -> None:  # noqa: F811
    assert of("POST", "/problems/leave").body == {"id": dataset.id, "left": True}
    dataset.refresh_from_db()
    assert dataset.left_count == dataset.problem_count == 1
    assert of("POST", "/problems/leave", {"left": False}).body["left"] is False
    dataset.refresh_from_db()
    assert dataset.left_count is None


@pytest.fixture
def program(owner: User) -> Callable[..., Any]:
    token, client = accounts.create_token(owner, "write", None), Client()
    headers = {"Authorization": f"Bearer {token}"}
    return lambda method, path, body=None: client.generic(
        method, f"/api/v1{path}", json.dumps(body) if body is not None else "", content_type="application/json", headers=headers
    )


def test_a_preview_is_read_and_corrected(program: Callable[..., Any], shown: Dataset) -> None:  # noqa: F811
    told = program("GET", f"/datasets/{shown.id}/preview").json()
    assert (told["waiting"], told["state"], told["choose"]) == (True, "paused", {}) and told["found"]["classes"]
    wrong = program("POST", f"/datasets/{shown.id}/preview", {"do": "look", "choose": {"colour": 1}})
    assert wrong.status_code == 422
    again = program("POST", f"/datasets/{shown.id}/preview", {"do": "look", "choose": {"kind": "folders", "level": 1}})
    assert again.status_code == 202 and Job.objects.get(pk=again.json()["job"]).kind == "inspect"
    assert program("POST", f"/datasets/{shown.id}/preview").status_code == 409  # it is being looked at


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_correction_that_no_database_keeps_is_refused(number: float, program: Callable[..., Any], shown: Dataset) -> None:  # noqa: F811
    wrong = program("POST", f"/datasets/{shown.id}/preview", {"do": "look", "choose": {"level": number}})
    assert wrong.status_code == 422 and "not finite" in wrong.json()["error"]["fields"]["choose"]
    assert program("GET", f"/datasets/{shown.id}/preview").json()["waiting"]


def test_who_let_it_be_imported_by_a_call_stands_in_the_log(program: Callable[..., Any], shown: Dataset) -> None:  # noqa: F811
    taken = program("POST", f"/datasets/{shown.id}/preview", {"group": "([a-z]+)"})
    assert taken.status_code == 202 and Job.objects.get(pk=taken.json()["job"]).state == "queued"
    assert AuditEntry.objects.order_by("-id").values_list("verb", flat=True)[0] == "dataset.take"
    shown.refresh_from_db()
    assert shown.options["group"] == "([a-z]+)" and not program("GET", f"/datasets/{shown.id}/preview").json()["waiting"]
