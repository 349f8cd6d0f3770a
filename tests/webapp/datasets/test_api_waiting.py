"""Images that wait in a draft, looked at and put right by programs alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.webapp.api.kit import Answer
from tests.webapp.datasets.drafts.conftest import actor, bees, seal  # noqa: F401 (fixtures)
from tests.webapp.datasets.drafts.waiting_kit import digests, look
from tests.webapp.datasets.test_api_drafts import call  # noqa: F401 (fixture)
from webapp.core.resident import Unavailable
from webapp.datasets.drafts import peeks
from webapp.datasets.models import Addition, DatasetVersion


@pytest.fixture
def of(call: Callable[..., Answer], bees: Addition) -> Callable[..., Answer]:  # noqa: F811
    """of("GET", "") about the draft's additions."""
    return lambda method, path, body=None: call(method, f"/datasets/{bees.draft.dataset_id}/draft/additions{path}", body)


def test_uploads_that_wait_are_listed(of: Callable[..., Answer], bees: Addition) -> None:  # noqa: F811
    row = {"id": bees.pk, "name": "more.zip", "bytes": bees.bytes, "label": "bee", "encoding": None, "exif": None}
    assert of("GET", "").body == {"items": [row]}


def test_images_are_listed_by_path_page_by_page(of: Callable[..., Answer], bees: Addition) -> None:  # noqa: F811
    first = of("GET", f"/{bees.pk}/images?limit=3").body
    rest = of("GET", f"/{bees.pk}/images?limit=3&cursor={first['next']}").body
    assert [image["path"] for image in first["items"] + rest["items"]] == ["0.png", "1.png", "2.png", "3.png"]
    assert (first["state"], first["total"], first["of"], first["left_count"], rest["next"]) == ("seen", 4, 4, 0, None)
    assert first["items"][0] == {
        "digest": digests(bees)[0], "path": "0.png", "label": "bee", "width": 14, "height": 14, "removed": False, "changed": False,
    }  # fmt: skip


def test_single_ones_are_put_right_before_it_is_sealed(
    of: Callable[..., Answer],
    bees: Addition,  # noqa: F811
    seal: Callable[[], DatasetVersion],  # noqa: F811
) -> None:
    known = digests(bees)
    edit = of("POST", f"/{bees.pk}/changes", {"op": "label", "images": known[:2], "label": "cow"})
    assert (edit.status, edit.body["words"], edit.body["images"]) == (201, "2 waiting images of more.zip labelled cow.", 2)
    of("POST", f"/{bees.pk}/changes", {"op": "remove", "images": known[1:3]})
    of("POST", f"/{bees.pk}/changes", {"op": "restore", "images": known[1:2]})
    shown = [(one["label"], one["removed"], one["changed"]) for one in of("GET", f"/{bees.pk}/images").body["items"]]
    assert shown == [("cow", False, True), ("cow", False, True), ("bee", True, True), ("bee", False, False)]
    version = seal()
    rows = version.samples.filter(position__gte=24).order_by("position")
    assert [version.classes[row.label]["label"] for row in rows] == ["cow", "cow", "bee"]


def test_without_images_a_change_means_the_whole_upload(of: Callable[..., Answer], bees: Addition) -> None:  # noqa: F811
    assert of("POST", f"/{bees.pk}/changes", {"op": "label", "label": "cow"}).status == 201
    assert of("GET", "").body["items"][0]["label"] == "cow"
    assert of("POST", f"/{bees.pk}/changes", {"op": "remove"}).body["words"] == "The images of more.zip are not added."
    assert of("GET", "").body == {"items": []} and of("GET", f"/{bees.pk}/images").status == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"op": "restore"}, "images"),
        ({"op": "label", "images": ["0" * 64]}, "label"),
        ({"op": "remove", "images": ["0" * 64], "label": "cow"}, "label"),
        ({"op": "remove", "images": ["../../0.png"]}, "images.0"),
        ({"op": "move"}, "op"),
        ({"op": "read"}, "encoding"),
        ({"op": "read", "images": ["0" * 64], "exif": "date"}, "images"),
        ({"op": "read", "encoding": "klingon"}, "encoding"),
        ({"op": "read", "exif": "shoe size"}, "exif"),
        ({"op": "read", "exif": "date", "label": "cow"}, "label"),
        ({"op": "remove", "exif": "date"}, "exif"),
    ],
)
def test_fields_that_do_not_go_together_are_named(
    of: Callable[..., Answer],
    bees: Addition,  # noqa: F811
    body: dict[str, Any],
    field: str,
) -> None:
    answer = of("POST", f"/{bees.pk}/changes", body)
    assert answer.status == 422 and list(answer.body["error"]["fields"]) == [field]


def test_an_image_that_does_not_wait_is_refused(of: Callable[..., Answer], bees: Addition) -> None:  # noqa: F811
    answer = of("POST", f"/{bees.pk}/changes", {"op": "remove", "images": ["0" * 64]})
    assert (answer.status, answer.body["error"]["code"]) == (409, "gone")


def test_before_they_were_looked_at_the_state_says_so_and_why(
    of: Callable[..., Answer],
    bees: Addition,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    peeks.remove(bees.draft)
    asked: list[int] = []

    def ask(addition: Addition) -> dict[str, Any]:
        asked.append(addition.pk)
        if len(asked) > 1:
            raise Unavailable("Nobody is there.")
        return {"done": 0, "total": None}

    monkeypatch.setattr(peeks, "ask", ask)
    said = [of("GET", f"/{bees.pk}/images").body for _ in range(2)]
    assert [(one["state"], one["why"], one["items"]) for one in said] == [("looking", "", []), ("looking", "Nobody is there.", [])]
    peeks.reason(bees).write_text("No image of more.zip can be added.", "utf-8")
    assert (of("GET", f"/{bees.pk}/images").body["state"], asked) == ("failed", [bees.pk] * 2)


def test_an_upload_is_read_in_another_encoding_and_keeps_other_notes(of: Callable[..., Answer], bees: Addition) -> None:  # noqa: F811
    assert (of("GET", f"/{bees.pk}/images").body["names_in"], of("GET", f"/{bees.pk}/images").body["columns"]) == (None, [])
    edit = of("POST", f"/{bees.pk}/changes", {"op": "read", "encoding": "cp866", "exif": "date"})
    assert edit.status == 201 and edit.body["words"].startswith("Names in more.zip are read as Cyrillic, DOS (cp866).")
    (row,) = of("GET", "").body["items"]
    assert (row["encoding"], row["exif"]) == ("cp866", "date")
    assert of("POST", f"/{bees.pk}/changes", {"op": "read", "encoding": "cp866"}).body["error"]["code"] == "nothing"
    look(Addition.objects.select_related("draft__dataset", "draft__base__dataset").get())
    assert of("GET", f"/{bees.pk}/images").body["state"] == "seen"
