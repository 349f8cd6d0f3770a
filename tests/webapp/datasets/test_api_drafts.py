"""A dataset looked at, changed, sealed and checked by programs alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.webapp.api.kit import Answer, answered, full
from tests.webapp.datasets.drafts.conftest import actor, seal  # noqa: F401 (fixtures)
from tests.webapp.datasets.test_quality_fixes import check  # noqa: F401 (fixture)
from webapp.accounts import actions as accounts
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets import drafts
from webapp.datasets.browsing import columns
from webapp.datasets.models import Dataset, DatasetVersion, Edit
from webapp.datasets.quality_models import QualityCheck
from webapp.jobs.models import Job


@pytest.fixture
def call(owner: User) -> Callable[..., Answer]:
    """call("GET", "/draft") about the address of the dataset, as a program of its owner would."""
    token = accounts.create_token(owner, "write", None)
    client = Client(raise_request_exception=False)

    def send(method: str, path: str, body: Any = None, **headers: str) -> Answer:
        text = json.dumps(body) if body is not None else ""
        sent = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return answered(client.generic(method, full(path), text, content_type="application/json", headers=sent))

    return send


@pytest.fixture
def of(call: Callable[..., Answer], dataset: Dataset) -> Callable[..., Answer]:
    """The same below the dataset's address."""
    return lambda method, path, body=None, **headers: call(method, f"/datasets/{dataset.id}{path}", body, **headers)


def positions(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.body
    return [image["position"] for image in answer.body["items"]]


# --- Images


def test_images_are_listed_page_by_page_with_how_many_there_are(of: Callable[..., Answer]) -> None:
    first = of("GET", "/images?limit=20")
    rest = of("GET", f"/images?limit=20&cursor={first.body['next']}")
    assert positions(first) + positions(rest) == list(range(24)) and rest.body["next"] is None
    assert (first.body["total"], first.body["version"]) == (24, 1)
    assert first.body["items"][0] == {
        "position": 0, "path": "ant/000.png", "label": "ant", "split": first.body["items"][0]["split"], "width": 14, "height": 14,
        "removed": False, "was": "",
    }  # fmt: skip


def test_images_are_filtered_by_class_split_and_path(of: Callable[..., Answer], version: DatasetVersion) -> None:
    train = list(version.samples.filter(label=1, split=0).order_by("position").values_list("position", flat=True))
    assert positions(of("GET", "/images?label=bee&split=train")) == train
    assert positions(of("GET", "/images?q=BEE/003")) == [11]
    assert positions(of("GET", "/images?least=15")) == []


def test_images_are_filtered_by_a_column_of_the_metadata(of: Callable[..., Answer], version: DatasetVersion) -> None:
    about = json.loads((version.folder / "dataset.json").read_text())
    (version.folder / "dataset.json").write_text(json.dumps(about | {"columns": ["site"]}))
    (version.folder / "metadata.jsonl").write_text("".join(json.dumps(["a=b" if place < 3 else "c"]) + "\n" for place in range(24)))
    columns.build(version.folder)
    assert positions(of("GET", "/images?where=site%3Da%3Db")) == [0, 1, 2]
    assert "(site); 'height=3' came" in of("GET", "/images?where=height%3D3").error["fields"]["where"]


def test_images_stand_as_the_draft_has_them_or_as_they_were_sealed(of: Callable[..., Answer]) -> None:
    of("POST", "/draft/changes", {"op": "label", "positions": [3], "label": "bee"})
    of("POST", "/draft/changes", {"op": "remove", "positions": [5]})
    now = {image["position"]: image for image in of("GET", "/images?changed=true").body["items"]}
    assert (now[3]["label"], now[3]["was"], now[5]["removed"]) == ("bee", "was ant", True)
    assert of("GET", "/images?version=1&label=ant").body["total"] == 8 and of("GET", "/images?label=ant").body["total"] == 7


def test_a_class_that_there_is_not_is_named(of: Callable[..., Answer]) -> None:
    answer = of("GET", "/images?label=elk")
    assert answer.status == 422 and answer.error["fields"]["label"] == "names no class of this dataset: 'elk'"


def test_a_version_that_there_is_not_is_not_found(of: Callable[..., Answer]) -> None:
    assert of("GET", "/images?version=7").error["message"] == "This dataset has no sealed version 7."
    assert of("POST", "/versions/7/revert").status == 404


# --- Drafts


def test_a_dataset_without_a_draft_says_so(of: Callable[..., Answer]) -> None:
    said = of("GET", "/draft").body
    assert (said["open"], said["base"], said["words"]) == (False, 1, "nothing changed yet")
    assert of("GET", "/draft/edits").body == {"items": [], "next": None}


OPS: list[tuple[dict[str, Any], str]] = [
    ({"op": "label", "positions": [0, 1], "label": "bee"}, "2 images labelled bee."),
    ({"op": "move", "positions": list(range(24)), "split": "test"}, "images moved to test."),
    ({"op": "remove", "positions": [4]}, "1 image taken out."),
    ({"op": "remove", "matching": {"q": "cow/"}, "expected": 8}, "8 images taken out."),
    ({"op": "label", "matching": {"label": "bee", "split": ["train"]}, "label": "wasp"}, "images labelled wasp."),
    ({"op": "rename", "label": "ant", "to": "wood ant"}, "The class ant is called wood ant now."),
    ({"op": "merge", "label": "ant", "to": "bee"}, "The class ant goes into bee now."),
    ({"op": "merge", "labels": ["ant", "cow"], "to": "insect"}, "The classes ant and cow go into insect now."),
    ({"op": "drop", "label": "cow"}, "The class cow is taken out."),
    ({"op": "split", "shares": "80/10/10", "seed": 3}, "The splits are cut anew when the draft is sealed: 80 / 10 / 10, seed 3."),
]


@pytest.mark.parametrize(("body", "words"), OPS, ids=[f"{body['op']} {place}" for place, (body, _) in enumerate(OPS)])
def test_each_op_is_an_edit_that_can_be_undone(body: dict[str, Any], words: str, of: Callable[..., Answer], owner: User) -> None:
    made = of("POST", "/draft/changes", body)
    assert made.status == 201 and words in made.body["words"], made.body
    assert (made.body["number"], made.body["by"], made.body["undone"]) == (1, owner.username, False)
    assert of("GET", "/draft").body["words"] != "nothing changed yet"
    assert of("POST", "/draft/undo").body["undone"]
    assert of("GET", "/draft").body["words"] == "nothing changed yet"


def test_what_was_taken_out_is_brought_back(of: Callable[..., Answer]) -> None:
    of("POST", "/draft/changes", {"op": "remove", "positions": [4, 5]})
    of("POST", "/draft/changes", {"op": "restore", "positions": [4]})
    assert of("GET", "/draft").body["removed"] == 1


def test_edits_are_listed_the_newest_first_page_by_page_with_their_reason(of: Callable[..., Answer]) -> None:
    for position in (1, 2, 3):
        of("POST", "/draft/changes", {"op": "remove", "positions": [position], "why": "out of focus"})
    of("POST", "/draft/undo")
    first = of("GET", "/draft/edits?limit=2").body
    rest = of("GET", f"/draft/edits?limit=2&cursor={first['next']}").body
    told = [(edit["number"], edit["undone"], edit["why"]) for edit in first["items"] + rest["items"]]
    assert told == [(3, True, "out of focus"), (2, False, "out of focus"), (1, False, "out of focus")] and rest["next"] is None


def test_of_several_people_each_undoes_their_own_and_by_its_number_the_newest_of_all(
    of: Callable[..., Answer],
    dataset: Dataset,
    editor: User,
    actor_of: Callable[..., Actor],
) -> None:
    of("POST", "/draft/changes", {"op": "remove", "positions": [1]})
    drafts.change(actor_of(editor), dataset, [1], removed=False)
    covered = of("POST", "/draft/undo")
    assert (covered.status, covered.error["code"]) == (409, "covered") and of("POST", "/draft/undo", {"number": 1}).status == 409
    assert [of("POST", "/draft/undo", {"number": 2}).body["number"], of("POST", "/draft/undo").body["number"]] == [2, 1]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"op": "label", "positions": [0]}, "label", "is missing; the op label needs it"),
    ({"op": "label", "label": "bee"}, "positions", "must say which images"),
    ({"op": "remove", "positions": [0], "matching": {"q": "a"}}, "positions", "one of the two"),
    ({"op": "remove", "positions": [0], "expected": 1}, "expected", "goes with `matching` alone"),
    ({"op": "rename", "label": "ant"}, "to", "is missing; the op rename needs it"),
    ({"op": "drop", "label": "ant", "positions": [0]}, "positions", "is no field of the op drop"),
    ({"op": "split", "shares": "1/2/3"}, "shares", "add up to 100"),
    ({"op": "split", "together": "column:nothing"}, "together", "names no column of this dataset"),
    ({"op": "paint"}, "op", "paint"),
    ({"op": "remove", "matching": {"label": "elk"}}, "label", "names no class"),
    ({"op": "remove", "positions": [-1]}, "positions.0", "greater than or equal to 0"),
]


@pytest.mark.parametrize(("body", "field", "words"), WRONG, ids=[f"{body['op']} {field}" for body, field, _ in WRONG])
def test_a_wrong_field_of_a_change_is_named_and_nothing_changes(
    body: dict[str, Any], field: str, words: str, of: Callable[..., Answer]
) -> None:
    answer = of("POST", "/draft/changes", body)
    assert answer.status == 422 and words in answer.error["fields"][field], answer.body
    assert not Edit.objects.exists()


def test_what_cannot_be_now_is_409_in_words(of: Callable[..., Answer], dataset: Dataset, actor: Actor) -> None:  # noqa: F811
    assert of("POST", "/draft/undo").error["message"] == "Animals has no draft. Change something first, then it has one."
    assert of("DELETE", "/draft").status == of("POST", "/draft/seal").status == 409
    assert of("POST", "/draft/changes", {"op": "label", "positions": [0], "label": "ant"}).error["code"] == "nothing"
    moved = of("POST", "/draft/changes", {"op": "remove", "matching": {"q": "ant/"}, "expected": 3})
    assert moved.status == 409 and "3 images matched when you looked, 8 match now" in moved.error["message"]
    drafts.change(actor, dataset, [0], removed=True)
    drafts.seal(actor, dataset)
    busy = of("POST", "/draft/changes", {"op": "remove", "positions": [1]})
    assert busy.status == 409 and busy.error["message"].startswith("The draft is being sealed.")


def test_a_draft_is_sealed_as_the_next_version(of: Callable[..., Answer], dataset: Dataset) -> None:
    of("POST", "/draft/changes", {"op": "remove", "positions": [0]})
    sealed = of("POST", "/draft/seal")
    job = Job.objects.get(pk=sealed.body["job"])
    assert (sealed.status, sealed.body["id"], job.kind, job.title) == (202, dataset.id, "seal", "Animals v2")
    assert of("POST", "/draft/seal").body == sealed.body and of("GET", "/draft").body["job"] == job.id


def test_a_discarded_draft_is_gone(of: Callable[..., Answer]) -> None:
    of("POST", "/draft/changes", {"op": "remove", "positions": [0]})
    assert of("DELETE", "/draft").body["outcome"] == "discarded"
    assert not of("GET", "/draft").body["open"]


def test_an_older_version_is_brought_back(of: Callable[..., Answer], seal: Callable[[], DatasetVersion]) -> None:  # noqa: F811
    of("POST", "/draft/changes", {"op": "remove", "positions": [0]})
    seal()
    back = of("POST", "/versions/1/revert")
    assert (back.status, back.body["open"], back.body["base"]) == (201, True, 1)
    assert of("GET", "/images").body["total"] == 24


def test_a_change_that_is_sent_twice_is_made_once(of: Callable[..., Answer]) -> None:
    body = {"op": "label", "positions": [0], "label": "bee"}
    first, again = (of("POST", "/draft/changes", body, Idempotency_Key="one") for _ in range(2))
    assert again.body == first.body and again.status == 201 and Edit.objects.count() == 1


# --- Quality


NO_LEAK = {"images": 0, "words": "", "looked": False}


def test_a_check_is_queued_once_and_read(of: Callable[..., Answer], version: DatasetVersion) -> None:
    assert of("GET", "/quality").body == {"version": 1, "state": None, "job": None, "report": None, "leaking": NO_LEAK}
    assert of("GET", "/quality/findings/leak").body == {"items": [], "next": None}
    asked, again = of("POST", "/quality"), of("POST", "/quality")
    assert asked.status == 202 and asked.body == again.body
    assert of("GET", "/quality").body["state"] == "queued" and QualityCheck.objects.get().pk == asked.body["id"]


def test_what_a_check_found_is_read_kind_by_kind(of: Callable[..., Answer], check: QualityCheck) -> None:  # noqa: F811
    report = of("GET", "/quality").body["report"]
    assert (report["id"], report["counts"]["near_leak"], report["leaks"]["train-test"]) == (check.pk, 2, 2)
    first = of("GET", "/quality/findings/near_leak?limit=1").body
    assert (first["items"][0]["image"]["path"], first["items"][0]["other"]["path"]) == ("ant/000.png", "bee/001.png")
    rest = of("GET", f"/quality/findings/near_leak?limit=1&cursor={first['next']}").body
    assert (rest["items"][0]["rank"], rest["next"]) == (1, None)
    assert of("GET", "/quality/findings/label").body["items"][0]["seems"] == "cow"
    assert of("GET", "/quality/findings/rust").status == 422


def test_findings_are_fixed_in_the_draft(of: Callable[..., Answer], check: QualityCheck) -> None:  # noqa: F811
    made = of("POST", "/quality/fixes", {"check": check.pk, "kind": "near_leak", "do": "out", "every": True})
    assert (made.status, made.body["words"], made.body["images"]) == (201, "2 images taken out.", 2)
    assert all(found["settled"] for found in of("GET", "/quality/findings/near_leak").body["items"])
    assert of("POST", "/quality/fixes", {"check": check.pk, "kind": "label", "do": "label", "ranks": [0]}).body["words"].endswith("cow.")


def test_a_fix_says_what_is_wrong_with_it(of: Callable[..., Answer], check: QualityCheck) -> None:  # noqa: F811
    fix = {"check": check.pk, "kind": "dark", "do": "out"}
    assert "one of the two" in of("POST", "/quality/fixes", fix).error["fields"]["ranks"]
    assert of("POST", "/quality/fixes", fix | {"every": True}).error["message"] == "These have to be looked at one by one."
    gone = of("POST", "/quality/fixes", fix | {"check": "0" * 20, "ranks": [0]})
    assert gone.status == 409 and "no such check any more" in gone.error["message"]


# --- Ways in


def test_a_dataset_of_an_address_waits_for_its_import(call: Callable[..., Answer]) -> None:
    made = call(
        "POST", "/datasets/from/address", {"address": "https://example.org/farm_animals.tar.gz", "split": "80/10/10", "alike": True}
    )
    dataset = Dataset.objects.get(pk=made.body["id"])
    assert (made.status, made.body["job"], dataset.name, dataset.job.kind) == (202, dataset.job_id, "Farm animals", "import")
    assert (dataset.options["split"], dataset.options["alike"]) == ("80/10/10", True)


def test_an_address_that_is_not_asked_is_named(call: Callable[..., Answer]) -> None:
    wrong = call("POST", "/datasets/from/address", {"address": "http://127.0.0.1/a.zip"})
    assert wrong.status == 422 and "private network" in wrong.error["fields"]["address"] and not Dataset.objects.exists()


def test_folders_of_the_server_are_listed_and_imported(call: Callable[..., Answer], tmp_path: Path, settings: Any) -> None:
    (tmp_path / "images" / "birds" / "owl").mkdir(parents=True)
    settings.ROOTS = [str(tmp_path / "images")]
    assert call("GET", "/datasets/from/folder").body["folders"] == settings.ROOTS
    inside = call("GET", f"/datasets/from/folder?root={settings.ROOTS[0]}&folder=birds").body
    assert (inside["folders"], inside["files"]) == (["owl"], 0)
    made = call("POST", "/datasets/from/folder", {"root": settings.ROOTS[0], "folder": "birds", "name": "Birds"})
    assert made.status == 202 and Dataset.objects.get(pk=made.body["id"]).origin["folder"] == "birds"


def test_a_folder_outside_the_roots_is_not_found(call: Callable[..., Answer], tmp_path: Path, settings: Any) -> None:
    settings.ROOTS = [str(tmp_path)]
    assert call("GET", f"/datasets/from/folder?root={tmp_path}&folder=../..").status == 404
    wrong = call("POST", "/datasets/from/folder", {"root": "/etc"})
    assert wrong.status == 422 and "no such folder" in wrong.error["fields"]["folder"]
