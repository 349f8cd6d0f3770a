""" "This is wrong, it is a …", by the page and by the API: the picture with its class waits in a dataset's draft."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.utils import timezone

from tests.webapp.datasets.conftest import archive, dataset, picture, small_import, version, waiting  # noqa: F401 (fixtures)
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.core.ids import new_id
from webapp.datasets import drafts
from webapp.datasets.drafts import adding, corrections, together
from webapp.datasets.files import StorageFull
from webapp.datasets.models import Dataset
from webapp.predictions import feedback

CUP = picture(8_000, 14, "png")
OLD = picture(3, 14, "png")  # an ant of the dataset


@pytest.fixture
def person(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def corrected(client: Client, dataset: str, label: str = "bee", *images: bytes) -> Any:  # noqa: F811
    files = [SimpleUploadedFile("IMG_1.png", data) for data in images or (CUP,)]
    return client.post("/classify/correct/", {"dataset": dataset, "label": label, "images": files})


def called(user: User, dataset: str, label: str = "bee", *images: bytes, scope: str = "write", **headers: str) -> Any:  # noqa: F811
    files = [SimpleUploadedFile("IMG_1.png", data) for data in images or (CUP,)]
    headers |= {"Authorization": f"Bearer {accounts.create_token(user, scope, None)}"}
    return Client().post(f"/api/v1/datasets/{dataset}/corrections", {"label": label, "images": files}, headers=headers)


def test_the_page_says_what_became_of_the_picture_and_leads_to_the_draft(person, dataset):  # noqa: F811
    said = corrected(person, dataset.id).json()
    (addition,) = adding.waiting(drafts.current(dataset))
    assert said == {
        "words": "1 image waits as bee in the draft of Animals.",
        "link": f"/datasets/{dataset.id}/draft/waiting/?addition={addition.pk}",
        "name": "bee",
    }
    assert person.get(said["link"]).status_code == 200


def test_a_picture_that_the_dataset_has_is_labelled_anew_and_shown_among_what_changed(person, dataset):  # noqa: F811
    said = corrected(person, dataset.id, "cow", OLD).json()
    assert said["words"] == "1 image that it had already is labelled cow in the draft of Animals."
    assert b"was ant" in person.get(said["link"]).content


def test_several_are_told_together(person, dataset):  # noqa: F811
    said = corrected(person, dataset.id, "cow", OLD, CUP, picture(8_001, 14, "png")).json()
    assert said["words"] == "2 images wait as cow and 1 image that it had already is labelled cow in the draft of Animals."


@pytest.mark.parametrize(
    ("label", "data", "words"), [("wasp", CUP, "Animals has no class 'wasp'"), ("", CUP, "needs a name"), ("bee", b"text", "is no image")]
)
def test_what_cannot_be_is_said(person, dataset, label, data, words):  # noqa: F811
    answer = corrected(person, dataset.id, label, data)
    assert answer.status_code == 409 and words in answer.json()["error"]


def test_without_a_picture_that_is_said(person, dataset):  # noqa: F811
    answer = person.post("/classify/correct/", {"dataset": dataset.id, "label": "bee"})
    assert answer.status_code == 409 and "0 came" in answer.json()["error"]


def test_too_much_is_refused_before_it_is_read(person, dataset, monkeypatch):  # noqa: F811
    monkeypatch.setattr(corrections, "MOST_BYTES", 2 << 20)
    monkeypatch.setattr(TemporaryUploadedFile, "read", lambda *_: pytest.fail("It was read into memory."))
    answer = corrected(person, dataset.id, "bee", b"x" * (3 << 20))
    assert answer.status_code == 409 and answer.json()["error"] == "One call takes 2 MB of images; 3 MB came. Send several calls."


def test_a_full_disk_is_said_by_page_and_api(person, editor, dataset, monkeypatch):  # noqa: F811
    def full(*_: Any) -> Any:
        raise StorageFull

    monkeypatch.setattr(together, "grown", full)
    assert corrected(person, dataset.id).status_code == 507
    answer = called(editor, dataset.id)
    assert answer.status_code == 507 and answer.json()["error"]["code"] == "storage_full"


def test_viewers_may_not_and_outsiders_find_nothing(client, viewer, outsider, dataset):  # noqa: F811
    client.force_login(viewer)
    assert corrected(client, dataset.id).status_code == 403 == called(viewer, dataset.id).status_code
    client.force_login(outsider)
    ids = (dataset.id, new_id())
    assert {corrected(client, id).status_code for id in ids} == {404} == {called(outsider, id).status_code for id in ids}
    assert client.get("/classify/correct/classes/", {"dataset": dataset.id}).status_code == 404


def test_a_dataset_in_the_trash_is_not_found(person, editor, dataset):  # noqa: F811
    Dataset.everything.update(trashed_at=timezone.now())
    assert corrected(person, dataset.id).status_code == 404 == called(editor, dataset.id).status_code


def test_the_classes_are_those_of_the_draft(person, dataset, editor, actor_of):  # noqa: F811
    def known() -> list[list[str]]:
        return person.get("/classify/correct/classes/", {"dataset": dataset.id}).json()["classes"]

    assert known() == [["ant", "ant"], ["bee", "bee"], ["cow", "cow"]]
    drafts.rename_class(actor_of(editor), dataset, "bee", "honey bee")
    drafts.remove_class(actor_of(editor), dataset, "ant")
    assert known() == [["honey bee", "honey bee"], ["cow", "cow"]]


def test_datasets_that_can_take_a_picture_are_offered(editor, actor_of, dataset):  # noqa: F811
    actor = actor_of(editor)
    assert list(feedback.datasets(actor)) == [dataset]
    Dataset.objects.update(archived_at=timezone.now())
    assert not feedback.datasets(actor)


def test_the_page_offers_it_to_those_who_may(person, client, viewer, dataset):  # noqa: F811
    assert b"wrong-form" in person.get("/classify/").content and b"Animals" in person.get("/classify/").content
    client.force_login(viewer)
    assert b"wrong-form" not in client.get("/classify/").content


def test_the_api_counts_what_became_of_the_images(editor, dataset):  # noqa: F811
    answer = called(editor, dataset.id, "cow", OLD, CUP)
    (addition,) = adding.waiting(drafts.current(dataset))
    told = {"label": "cow", "added": 1, "relabelled": 1, "unchanged": 0, "addition": addition.pk}
    words = "1 image waits as cow and 1 image that it had already is labelled cow in the draft of Animals."
    assert (answer.status_code, answer.json()) == (201, told | {"words": words})
    again = called(editor, dataset.id, "cow", OLD, CUP)
    assert again.status_code == 409 and "The images are in Animals already, as cow" in again.json()["error"]["message"]


def test_a_repeated_call_with_its_key_puts_nothing_in_twice(editor, dataset):  # noqa: F811
    token = accounts.create_token(editor, "write", None)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
    body = lambda: {"label": "bee", "images": [SimpleUploadedFile("IMG_1.png", CUP)]}  # noqa: E731
    first, again = (Client().post(f"/api/v1/datasets/{dataset.id}/corrections", body(), headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert drafts.current(dataset).edits_made == 1


def test_the_api_refuses_in_words(editor, dataset):  # noqa: F811
    assert called(editor, dataset.id, "wasp").json()["error"]["message"].startswith("Animals has no class 'wasp'")
    many = called(editor, dataset.id, "bee", *[CUP] * 101)
    assert many.status_code == 413 and "One call takes 100 images and 64 MB; 101 images and 0 MB came" in many.json()["error"]["message"]
    assert called(editor, dataset.id, scope="read").status_code == 403
