"""Images that a network named wrongly go into a dataset's draft: new ones wait together, what it had already is labelled anew."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.data.erase import erase
from classifier.spec.errors import InputError
from tests.webapp.datasets.conftest import picture
from tests.webapp.datasets.drafts.waiting_kit import look
from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.datasets import drafts
from webapp.datasets.drafts import adding, corrections, overlay, together, waiting
from webapp.datasets.drafts.corrections import Done
from webapp.datasets.erasing.places import digest_at
from webapp.datasets.files import StorageFull
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Draft, Split
from webapp.datasets.views.drafting import sentence

Seal = Callable[[], DatasetVersion]
A, B, C = (picture(7_000 + number, 14, "png") for number in range(3))
OLD = picture(3, 14, "png")  # the fourth ant of the version: its position is 3, among what was cut short stands none


def right(actor: Actor, dataset: Dataset, label: str, *images: bytes, name: str = "IMG.png") -> Done:
    return drafts.correct(actor, dataset, [(name, data) for data in images], label)


def only(dataset: Dataset) -> Addition:
    draft = drafts.current(dataset)
    assert draft
    (addition,) = adding.waiting(draft)
    addition.draft = draft
    return addition


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def added_to(version: DatasetVersion) -> dict[str, tuple[str, int]]:
    """{path: (label, split)} of what was added."""
    rows = version.samples.filter(position__gte=24)
    return {row.path: (version.classes[row.label]["label"], row.split) for row in rows}


def archives(dataset: Dataset) -> list[str]:
    return sorted(path.name for path in (dataset.folder / "additions").glob("*"))


def test_an_image_waits_with_its_class_and_is_learnt_from_once_sealed(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    done = right(actor, dataset, "bee", A, B, C)
    assert (done.added, done.relabelled, done.addition) == (3, 0, only(dataset).pk)
    assert added_to(seal()) == dict.fromkeys(("IMG.png", "IMG (1).png", "IMG (2).png"), ("bee", Split.TRAIN))


def test_later_ones_of_other_classes_join_the_same_archive(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    right(actor, dataset, "bee", A)
    right(actor, dataset, "cow", B)
    right(actor, dataset, "bee", C)
    assert only(dataset).label == "bee"
    assert {path: label for path, (label, _) in added_to(seal()).items()} == {"IMG.png": "bee", "IMG (1).png": "cow", "IMG (2).png": "bee"}


def test_the_old_archive_goes_once_that_is_committed_with_what_was_seen_of_it(
    actor: Actor, dataset: Dataset, django_capture_on_commit_callbacks: Any
) -> None:
    right(actor, dataset, "bee", A)
    look(only(dataset))
    first = archives(dataset)
    with django_capture_on_commit_callbacks() as kept:
        right(actor, dataset, "cow", B)
    assert set(first) < set(archives(dataset))
    for call in kept:
        call()
    assert archives(dataset) == [only(dataset).file] and only(dataset).file not in first


def test_each_is_undone_as_one(actor: Actor, dataset: Dataset) -> None:
    right(actor, dataset, "bee", A)
    right(actor, dataset, "cow", B)
    assert sentence(drafts.undo(actor, dataset)) == "1 image that a network named wrongly is added as cow when the draft is sealed."
    assert {one: says.removed for one, says in waiting.said_of(only(dataset)).items()} == {digest(B): True}
    drafts.undo(actor, dataset)
    draft = drafts.current(dataset)
    assert draft and draft.is_empty


def test_one_that_was_taken_back_comes_again_without_a_second_copy(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    right(actor, dataset, "bee", A)
    right(actor, dataset, "cow", B)
    drafts.undo(actor, dataset)
    assert right(actor, dataset, "ant", B).added == 1
    assert sorted(together.digests(dataset.folder / "additions" / only(dataset).file)) == sorted([digest(A), digest(B)])
    assert {label for label, _ in added_to(seal()).values()} == {"bee", "ant"}


def test_somebody_who_thinks_better_of_it_says_another_class(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    right(actor, dataset, "bee", A)
    assert right(actor, dataset, "cow", A).added == 1
    with pytest.raises(InputError, match="is in Animals already, as cow"):
        right(actor, dataset, "cow", A)
    assert [label for label, _ in added_to(seal()).values()] == ["cow"]


def test_what_the_dataset_has_already_is_labelled_anew_and_keeps_its_split(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    position = next(sample.position for sample in version.samples.all() if digest_at(version, sample.position) == digest(OLD))
    done = right(actor, dataset, "cow", OLD)
    assert (done.added, done.relabelled, done.addition) == (0, 1, None)
    draft = drafts.current(dataset)
    assert draft and (draft.relabelled, draft.added) == (1, 0)
    assert [(row.position, row.label, row.split) for row in draft.samples.all()] == [(position, 2, None)]
    with pytest.raises(InputError, match="already, as cow. Nothing was changed"):
        right(actor, dataset, "cow", OLD)


def test_new_ones_and_old_ones_in_one_call(actor: Actor, dataset: Dataset) -> None:
    done = right(actor, dataset, "cow", A, OLD, A)
    draft = drafts.current(dataset)
    assert draft and (done.added, done.relabelled, done.unchanged) == (1, 1, 0)
    assert (draft.added, draft.relabelled, draft.edits_made) == (1, 1, 2)
    assert overlay.words(draft) == "1 relabelled, images of 1 upload to add"


def test_a_class_is_meant_by_what_it_is_called_in_the_draft(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.rename_class(actor, dataset, "bee", "honey bee")
    assert right(actor, dataset, "bee", A).label == "honey bee"
    assert [label for label, _ in added_to(seal()).values()] == ["honey bee"]


def test_those_of_a_class_that_is_taken_out_since_are_not_added(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    right(actor, dataset, "bee", A)
    right(actor, dataset, "cow", B)
    drafts.remove_class(actor, dataset, "bee")
    assert [label for label, _ in added_to(seal()).values()] == ["cow"]


@pytest.mark.parametrize(
    ("label", "data", "words"),
    [
        ("wasp", A, "Animals has no class 'wasp'. Choose one that it has"),
        ("bee", b"%PDF-1.7 of a manual", "IMG.png is no image: expected JPEG"),
        ("", A, "A class needs a name"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(actor: Actor, dataset: Dataset, label: str, data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        right(actor, dataset, label, data)
    assert not Draft.objects.exists() and not archives(dataset) and not AuditEntry.objects.filter(verb="dataset.correct").exists()


def test_too_many_and_too_much_are_refused(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    for images in ([], [A] * 101):
        with pytest.raises(InputError, match=f"Expected 1 to 100 images in one call, {len(images)} came"):
            right(actor, dataset, "bee", *images)
    monkeypatch.setattr(corrections, "MOST_BYTES", 1 << 20)
    with pytest.raises(InputError, match="One call takes 1 MB of images; 2 MB came"):
        right(actor, dataset, "bee", A + bytes(2 << 20))


def test_while_it_is_sealed_and_in_the_archive_nothing_changes(actor: Actor, dataset: Dataset) -> None:
    right(actor, dataset, "bee", A)
    drafts.seal(actor, dataset)
    with pytest.raises(InputError, match="being sealed"):
        right(actor, dataset, "bee", B)
    drafts.current(dataset).job.__class__.objects.update(state="cancelled")  # type: ignore[union-attr]
    Dataset.objects.update(archived_at="2026-01-01T00:00:00Z")
    with pytest.raises(InputError, match="is archived; take it out of the archive"):
        right(actor, dataset, "bee", B)


def test_what_was_erased_is_not_added_again(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    erase([version.folder], digest(OLD))
    with pytest.raises(InputError, match=r"IMG\.png was erased from Animals for good"):
        right(actor, dataset, "cow", OLD)


def test_a_viewer_corrects_nothing(dataset: Dataset, viewer: Any, actor_of: Any) -> None:
    with pytest.raises(Forbidden):
        right(actor_of(viewer), dataset, "bee", A)


def test_who_corrected_how_many_stands_in_the_log(actor: Actor, dataset: Dataset) -> None:
    right(actor, dataset, "cow", A, OLD)
    entry = AuditEntry.objects.get(verb="dataset.correct")
    assert (entry.subject_id, entry.detail) == (dataset.id, {"images": 2, "label": "cow"})


def test_a_full_archive_is_followed_by_another(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, seal: Seal) -> None:
    monkeypatch.setattr(corrections, "TOGETHER", 2)
    for data, label in ((A, "bee"), (B, "cow"), (C, "ant")):
        right(actor, dataset, label, data)
    draft = drafts.current(dataset)
    assert draft and len(adding.waiting(draft)) == draft.added == 2
    assert right(actor, dataset, "cow", A).added == 1  # where it waits already
    version = seal()
    rows = version.samples.filter(position__gte=24)  # two of them of the same name, each of an archive of its own
    assert sorted(version.classes[row.label]["label"] for row in rows) == ["ant", "cow", "cow"]


def test_with_faces_blurred_hashes_tell_nothing_so_each_call_is_an_upload(actor: Actor, dataset: Dataset) -> None:
    Dataset.objects.update(options=dataset.options | {"blur_faces": True})
    dataset.refresh_from_db()
    for data in (A, OLD):
        right(actor, dataset, "cow", data)
    draft = drafts.current(dataset)
    assert draft and [one.label for one in adding.waiting(draft)] == ["cow", "cow"] and draft.relabelled == 0


@pytest.mark.parametrize("is_gone", [False, True])
def test_somebody_who_was_quicker_loses_nothing(
    actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, is_gone: bool
) -> None:
    right(actor, dataset, "bee", A)
    real, others = together.grown, [B]

    def meanwhile(*arguments: Any) -> Any:
        if others:
            with django_capture_on_commit_callbacks(execute=is_gone):
                right(actor, dataset, "cow", others.pop())
        return real(*arguments)

    monkeypatch.setattr(together, "grown", meanwhile)
    right(actor, dataset, "ant", C)
    assert sorted(together.digests(dataset.folder / "additions" / only(dataset).file)) == sorted(map(digest, (A, B, C)))


def test_a_draft_that_changes_all_the_time_is_left_alone(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*_: Any) -> Any:
        raise together.Overtaken

    monkeypatch.setattr(corrections, "done", overtaken)
    with pytest.raises(InputError, match="Others are just changing this draft"):
        right(actor, dataset, "bee", A)


def test_a_full_disk_is_said_and_leaves_the_draft_as_it_was(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    right(actor, dataset, "bee", A)
    before = archives(dataset)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(StorageFull, match="disk is full"):
        right(actor, dataset, "cow", B)
    assert archives(dataset) == before and drafts.current(dataset).edits_made == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("IMG.JPG", "IMG.JPG"),
        ("../../etc/pass wd", "pass wd.png"),
        (".hidden.png", "hidden.png"),
        ("C:\\shots\\12:30.png", "12-30.png"),
        ("", "archive.png"),
        ("clip.txt", "clip.txt.png"),
        ("a" * 300 + ".png", "a" * 120 + ".png"),
    ],
)
def test_a_file_keeps_its_name_as_an_archive_may_have_it(name: str, kept: str) -> None:
    assert together.member_name(name, A, set()) == kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF"])
def test_what_can_be_imported_is_known_by_how_it_begins(kind: str) -> None:
    assert together.kind_of(picture(1, 16, kind)) is not None


def test_the_waiting_images_show_each_with_its_class(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    right(actor, dataset, "bee", A)
    right(actor, dataset, "cow", B)
    seen = look(only(dataset))
    stands = {stand.image.digest: stand.now.label for stand in waiting.standing(only(dataset), seen.images) if stand.now}
    assert stands == {digest(A): "bee", digest(B): "cow"}
