"""Images that a draft gains: the archive waits with the draft, is taken back by undo, and becomes samples when it is sealed."""

from __future__ import annotations

import errno
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from classifier.spec.errors import ConfigError, InputError
from tests.webapp.datasets.conftest import picture
from tests.webapp.datasets.tus_kit import Program
from webapp.accounts import actions as accounts
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Forbidden
from webapp.datasets import drafts, leftovers
from webapp.datasets.drafts import adding, overlay
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Upload

Seal = Callable[[], DatasetVersion]
Commit = Any


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """A zip of three pictures that no class is said of."""
    path = tmp_path / "more.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.png", picture(5_000 + number, 14, "png"))
    return path


@pytest.fixture
def program(owner: Any) -> Program:
    return Program({"Authorization": f"Bearer {accounts.create_token(owner, 'write', None)}"}, "/api/v1/uploads")


def archives(dataset: Dataset) -> list[Path]:
    return sorted((dataset.folder / "additions").glob("*"))


def test_added_images_become_samples_after_the_last_and_are_told_as_added(actor: Actor, dataset: Dataset, more: Path, seal: Seal) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    version = seal()
    new = list(version.samples.filter(position__gte=24).order_by("position"))
    assert [(row.position, row.path, version.classes[row.label]["label"]) for row in new] == [
        (24, "0.png", "bee"),
        (25, "1.png", "bee"),
        (26, "2.png", "bee"),
    ]
    assert (version.images, version.changes["added"], version.changes["removed"]) == (27, 3, 0)


def test_a_class_that_there_is_not_is_made(actor: Actor, dataset: Dataset, more: Path, seal: Seal) -> None:
    drafts.add(actor, dataset, more, "more.zip", "wasp")
    assert {entry["label"]: entry["train"] + entry["validation"] + entry["test"] for entry in seal().classes}["wasp"] == 3


def test_a_class_that_is_renamed_meanwhile_gets_them_by_its_new_name(actor: Actor, dataset: Dataset, more: Path, seal: Seal) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    drafts.rename_class(actor, dataset, "bee", "honey bee")
    version = seal()
    assert {version.classes[row.label]["label"] for row in version.samples.filter(position__gte=24)} == {"honey bee"}


def test_a_class_that_is_taken_out_meanwhile_gets_none(actor: Actor, dataset: Dataset, more: Path, seal: Seal) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    drafts.remove_class(actor, dataset, "bee")
    assert seal().images == 16


def test_what_is_added_to_an_older_version_takes_no_position_of_a_later_one(
    actor: Actor, dataset: Dataset, version: DatasetVersion, more: Path, tmp_path: Path, seal: Seal
) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    second = seal()
    drafts.revert(actor, dataset, version)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("other.png", picture(6_000, 14, "png"))
    drafts.add(actor, dataset, tmp_path / "other.zip", "other.zip", "cow")
    third = seal()
    assert second.samples.latest("position").position == 26 and third.samples.get(path="other.png").position == 27
    assert (third.images, third.changes["added"], third.changes["removed"]) == (25, 1, 3)
    assert not third.samples.filter(position__in=[24, 25, 26]).exists()


def test_undo_takes_an_addition_back(actor: Actor, dataset: Dataset, more: Path) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    drafts.undo(actor, dataset)
    draft = drafts.current(dataset)
    assert draft and draft.is_empty and adding.waiting(draft) == []


def test_what_waits_becomes_of_another_class_and_undo_gives_the_first_back(actor: Actor, dataset: Dataset, more: Path, seal: Seal) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    waits = Addition.objects.get()
    drafts.change_addition(actor, dataset, waits.pk, label="cow")
    drafts.change_addition(actor, dataset, waits.pk, label="")
    drafts.undo(actor, dataset)
    version = seal()
    assert {version.classes[row.label]["label"] for row in version.samples.filter(position__gte=24)} == {"cow"}


def test_one_of_several_is_taken_back_and_brought_back_by_undo(actor: Actor, dataset: Dataset, more: Path) -> None:
    for name in ("one.zip", "two.zip", "three.zip"):
        drafts.add(actor, dataset, more, name, "bee")
    draft = drafts.current(dataset)
    assert draft
    second = adding.waiting(draft)[1]
    drafts.change_addition(actor, dataset, second.pk, out=True)
    draft.refresh_from_db()
    assert [one.name for one in adding.waiting(draft)] == ["one.zip", "three.zip"] and draft.added == 2
    drafts.undo(actor, dataset)
    draft.refresh_from_db()
    assert [one.name for one in adding.waiting(draft)] == ["one.zip", "two.zip", "three.zip"] and draft.added == 3


def test_what_does_not_wait_any_more_and_a_class_that_is_gone_are_refused(actor: Actor, dataset: Dataset, more: Path) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    waits = Addition.objects.get()
    with pytest.raises(InputError, match="of that class already"):
        drafts.change_addition(actor, dataset, waits.pk, label="bee")
    drafts.remove_class(actor, dataset, "cow")
    with pytest.raises(InputError, match="cow is taken out"):
        drafts.change_addition(actor, dataset, waits.pk, label="cow")
    drafts.change_addition(actor, dataset, waits.pk, out=True)
    with pytest.raises(InputError, match="do not wait in the draft any more"):
        drafts.change_addition(actor, dataset, waits.pk, out=True)


def test_the_page_changes_what_waits_and_says_so(
    signed_in: Callable[[Any], Client], owner: Any, actor: Actor, dataset: Dataset, more: Path
) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    client, waits = signed_in(owner), Addition.objects.get()
    page, change = f"/datasets/{dataset.id}/", f"/datasets/{dataset.id}/draft/addition/"
    html = client.get(page).content.decode()
    assert "Take more.zip back" in html and "Splits are as their folders or their table say; else they are cut 70 / 15 / 15." in html
    answer = client.post(change, {"addition": waits.pk, "do": "label", "label": "cow"}, follow=True)
    assert "The images of more.zip are added to cow when the draft is sealed." in answer.content.decode()
    answer = client.post(change, {"addition": waits.pk, "do": "out"}, follow=True)
    assert (
        "The images of more.zip are not added." in answer.content.decode() and "Take more.zip back" not in client.get(page).content.decode()
    )


def test_a_full_disk_is_said_on_the_drafts_own_form(
    signed_in: Callable[[Any], Client], owner: Any, outsider: Any, dataset: Dataset, more: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("webapp.datasets.files.os.fsync", full)
    address = f"/datasets/{dataset.id}/draft/add/"

    def send(user: Any, **how: Any) -> Any:
        with more.open("rb") as file:
            return signed_in(user).post(address, {"archive": file, "label": "bee"}, **how)

    answer = send(owner, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/datasets/{dataset.id}/classes/", 302)] and "disk is full" in page and f'action="{address}"' in page
    told = send(owner, headers={"Accept": "application/json"})
    assert told.status_code == 507 and "disk is full" in told.json()["error"]["fields"]["archive"]
    assert send(outsider).status_code == 404 and not Addition.objects.exists()


def test_a_gallery_of_one_class_says_of_which_class_dropped_images_are(
    signed_in: Callable[[Any], Client], owner: Any, viewer: Any, dataset: Dataset
) -> None:
    page = f"/datasets/{dataset.id}/"
    html = signed_in(owner).get(page, {"label": "1"}).content.decode()
    assert "data-drop-gallery" in html and 'data-class="bee"' in html and '<option value="bee" selected>bee</option>' in html
    assert 'data-class=""' in signed_in(owner).get(page).content.decode()
    assert "data-drop-gallery" not in signed_in(viewer).get(page).content.decode()


def test_what_added_images_are_compared_with_is_said(actor: Actor, version: DatasetVersion) -> None:
    assert adding.sides(version).endswith("What looks like an image that is here is not looked for: a check finds twins.")
    version.dataset.options |= {"alike": True}
    assert adding.sides(version).endswith("Images that look like one that is here go where that is.")


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ({"group": "^[^_]+"}, "Images that match ^[^_]+ as one that is here go where that is."),
        (
            {"group": None, "column": "ward"},
            "Images of the same ward as one that is here go where that is, if their table has this column.",
        ),
        ({}, "Images of the same group as one that is here go where that is, if their table has the column of groups."),
    ],
)
def test_by_what_added_images_join_groups_is_said_of_the_newest_cut(actor: Actor, version: DatasetVersion, cut: Any, words: str) -> None:
    path = version.folder / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"options": cut, "columns": ["ward"]}))
    (version.folder / "groups.bin").write_bytes(b"")
    version.dataset.options |= {"group": "of the import, long ago"}
    assert words in adding.sides(version) and "long ago" not in adding.sides(version)


def test_a_dataset_that_keeps_look_alikes_together_does_so_with_added_images(actor: Actor, dataset: Dataset, more: Path) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    draft = drafts.current(dataset)
    assert draft and "alike" not in next(adding.changes(draft, dataset.folder))
    draft.dataset.options["alike"] = True
    assert next(adding.changes(draft, dataset.folder))["alike"] is True


def test_the_bar_and_the_edit_say_what_is_added(actor: Actor, dataset: Dataset, more: Path) -> None:
    edit = drafts.add(actor, dataset, more, "..\\more.zip", "bee")
    draft = drafts.current(dataset)
    assert draft and overlay.words(draft) == "images of 1 upload to add"
    assert edit.did == {"add": "more.zip", "label": "bee"}


@pytest.mark.parametrize("end", ["sealed", "discarded"])
def test_its_archive_goes_with_the_draft(
    actor: Actor, dataset: Dataset, more: Path, seal: Seal, end: str, django_capture_on_commit_callbacks: Commit
) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    assert len(archives(dataset)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        seal() if end == "sealed" else drafts.discard(actor, dataset)
    assert archives(dataset) == []


def test_an_archive_that_a_killed_process_left_is_swept(
    actor: Actor, dataset: Dataset, more: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.add(actor, dataset, more, "more.zip", "bee")
    (kept,) = archives(dataset)
    (dataset.folder / "additions" / "archive-lost.zip").write_bytes(b"PK")
    monkeypatch.setattr(leftovers, "age", lambda path: 2 * leftovers.DAY)
    lost = {path for path in leftovers.lost_additions(dataset.folder.parent.parent) if path.parent == kept.parent}
    assert lost == {kept.with_name("archive-lost.zip")}


def test_an_empty_archive_or_class_is_refused(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "empty.zip").touch()
    with pytest.raises(ConfigError, match="empty"):
        drafts.add(actor, dataset, tmp_path / "empty.zip", "empty.zip", "bee")
    with pytest.raises(InputError, match="characters that can be seen"):
        drafts.add(actor, dataset, tmp_path / "empty.zip", "empty.zip", "a\nb" * 200)
    assert not Addition.objects.exists() and archives(dataset) == []


def test_a_viewer_adds_nothing(dataset: Dataset, viewer: Any, actor_of: Any, more: Path) -> None:
    with pytest.raises(Forbidden):
        drafts.add(actor_of(viewer), dataset, more, "more.zip", "bee")


def test_an_upload_in_parts_comes_into_the_draft(actor: Actor, dataset: Dataset, more: Path, program: Program) -> None:
    content = more.read_bytes()
    path = program.begun(len(content), adds_to=dataset.id, label="bee")
    answer = program.send(path, 0, content)
    draft = drafts.current(dataset)
    assert answer.status == 204 and answer.headers["synset-dataset"] == dataset.id
    assert draft and [(one.name, one.label, one.bytes) for one in adding.waiting(draft)] == [("hens.zip", "bee", len(content))]
    assert archives(dataset)[0].read_bytes() == content and not Upload.objects.get().path.exists()


def test_while_the_draft_is_sealed_the_last_part_waits(actor: Actor, dataset: Dataset, more: Path, program: Program) -> None:
    content = more.read_bytes()
    path = program.begun(len(content), adds_to=dataset.id, label="bee")
    drafts.change(actor, dataset, [0], label="bee")
    job = drafts.seal(actor, dataset)
    assert (program.send(path, 0, content).status, program.head(path).offset) == (409, 0)
    from webapp.jobs import actions as jobs

    jobs.request_cancel(job)
    assert program.send(path, 0, content).status == 204


def test_an_upload_to_another_teams_dataset_is_not_begun(dataset: Dataset, outsider: Any) -> None:
    stranger = Program({"Authorization": f"Bearer {accounts.create_token(outsider, 'write', None)}"}, "/api/v1/uploads")
    assert stranger.begin(10, adds_to=dataset.id, label="bee").status == 404 and not Upload.objects.exists()


def test_the_page_of_the_classes_takes_images_and_lists_what_waits(
    signed_in: Callable[[Any], Client], editor: Any, dataset: Dataset, more: Path
) -> None:
    client = signed_in(editor)
    with more.open("rb") as file:
        answer = client.post(f"/datasets/{dataset.id}/draft/add/", {"archive": file, "label": "cow"})
    page = client.get(answer["Location"]).content.decode()
    assert answer.status_code == 302 and "more.zip" in page and 'data-drop-class="bee"' in page
    assert "images of 1 upload to add" in page


def test_who_only_reads_sees_no_place_to_drop(signed_in: Callable[[Any], Client], viewer: Any, dataset: Dataset) -> None:
    assert "data-adds-to" not in signed_in(viewer).get(f"/datasets/{dataset.id}/classes/").content.decode()
