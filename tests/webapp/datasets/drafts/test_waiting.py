"""Single images that wait in a draft become of another class, or are not added; undone, sealed and discarded as the rest of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from classifier.spec.errors import InputError
from tests.webapp.datasets.conftest import picture
from tests.webapp.datasets.drafts.waiting_kit import added, digests
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Forbidden
from webapp.datasets import drafts, leftovers
from webapp.datasets.drafts import adding, overlay, peeks, waiting
from webapp.datasets.erasing import forgetting
from webapp.datasets.erasing.places import digest_at, place_in
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Edit, WaitingImage

Seal = Callable[[], DatasetVersion]


def say(actor: Actor, addition: Addition, places: Sequence[int], **change: Any) -> Edit:
    chosen = [digests(addition)[place] for place in places]
    return drafts.change_waiting(actor, addition.draft.dataset, addition.pk, chosen, **change)


def look_again(addition: Addition) -> peeks.Seen:
    seen = peeks.read(addition)
    assert seen
    return seen


def sealed_as(version: DatasetVersion) -> dict[str, str]:
    """{path: label} of what was added."""
    rows = version.samples.filter(position__gte=24)
    return {row.path: version.classes[row.label]["label"] for row in rows}


def test_one_becomes_of_another_class_and_another_is_not_added(actor: Actor, bees: Addition, seal: Seal) -> None:
    say(actor, bees, [0], label="cow")
    say(actor, bees, [1], removed=True)
    assert sealed_as(seal()) == {"0.png": "cow", "2.png": "bee", "3.png": "bee"}


def test_a_class_that_there_is_not_is_made(actor: Actor, bees: Addition, seal: Seal) -> None:
    say(actor, bees, [0, 2], label="wasp")
    assert sealed_as(seal()) == {"0.png": "wasp", "1.png": "bee", "2.png": "wasp", "3.png": "bee"}


def test_what_is_said_of_one_holds_when_all_become_of_another_class(actor: Actor, bees: Addition, seal: Seal) -> None:
    say(actor, bees, [0], label="cow")
    drafts.change_addition(actor, bees.draft.dataset, bees.pk, label="ant")
    assert sealed_as(seal()) == {"0.png": "cow", "1.png": "ant", "2.png": "ant", "3.png": "ant"}


def test_a_class_that_is_renamed_meanwhile_has_them_by_its_new_name(actor: Actor, bees: Addition, seal: Seal) -> None:
    say(actor, bees, [0], label="cow")
    drafts.rename_class(actor, bees.draft.dataset, "cow", "ox")
    assert sealed_as(seal())["0.png"] == "ox"


def test_of_a_class_that_is_taken_out_those_that_became_of_another_are_added_alone(actor: Actor, bees: Addition, seal: Seal) -> None:
    say(actor, bees, [0, 1], label="cow")
    drafts.remove_class(actor, bees.draft.dataset, "bee")
    assert sealed_as(seal()) == {"0.png": "cow", "1.png": "cow"}


def test_those_of_a_class_that_is_taken_out_meanwhile_go_with_it(actor: Actor, bees: Addition, seal: Seal) -> None:
    say(actor, bees, [0], label="cow")
    drafts.remove_class(actor, bees.draft.dataset, "cow")
    assert sealed_as(seal()) == {"1.png": "bee", "2.png": "bee", "3.png": "bee"}


def test_undo_gives_back_what_was_said_before_and_the_class_that_was_made_goes(actor: Actor, bees: Addition) -> None:
    dataset = bees.draft.dataset
    say(actor, bees, [0], label="cow")
    say(actor, bees, [0, 1], label="wasp")
    drafts.undo(actor, dataset)
    draft = drafts.current(dataset)
    assert draft and draft.classes == {} and [says.label for says in waiting.said_of(bees).values()] == [2]
    drafts.undo(actor, dataset)
    assert not WaitingImage.objects.exists()


def test_with_its_last_image_the_whole_upload_is_taken_back_and_undo_brings_it_again(actor: Actor, bees: Addition) -> None:
    say(actor, bees, [0, 1], removed=True)
    edit = say(actor, bees, [2, 3], removed=True)
    draft = drafts.current(bees.draft.dataset)
    assert draft and edit.did["out"] and adding.waiting(draft) == [] and draft.added == 0
    drafts.undo(actor, draft.dataset)
    assert len(adding.waiting(draft)) == 1 and bees.images.filter(removed=True).count() == 2


def test_what_changes_nothing_and_what_does_not_wait_are_refused(actor: Actor, bees: Addition) -> None:
    with pytest.raises(InputError, match="Nothing changes"):
        say(actor, bees, [0], label="bee")
    with pytest.raises(InputError, match="No image was chosen"):
        say(actor, bees, [], label="cow")
    with pytest.raises(InputError, match="do not wait in the draft any more"):
        drafts.change_waiting(actor, bees.draft.dataset, bees.pk, ["0" * 64], label="cow")
    drafts.change_addition(actor, bees.draft.dataset, bees.pk, out=True)
    with pytest.raises(InputError, match="do not wait in the draft any more"):
        say(actor, bees, [0], label="cow")


def test_images_that_nobody_looked_at_cannot_be_named(actor: Actor, bees: Addition) -> None:
    known = digests(bees)
    peeks.remove(bees.draft)
    with pytest.raises(InputError, match=r"of more\.zip were not looked at yet"):
        drafts.change_waiting(actor, bees.draft.dataset, bees.pk, known, label="cow")


def test_the_bar_tells_how_many_are_changed(actor: Actor, bees: Addition) -> None:
    say(actor, bees, [0, 1], label="cow")
    say(actor, bees, [2], removed=True)
    draft = drafts.current(bees.draft.dataset)
    assert draft and overlay.words(draft) == "images of 1 upload to add (2 of another class, 1 not added)"


def test_a_viewer_changes_nothing(bees: Addition, viewer: Any, actor_of: Any) -> None:
    with pytest.raises(Forbidden):
        say(actor_of(viewer), bees, [0], label="cow")


def test_images_of_class_folders_are_compared_with_what_those_say(actor: Actor, dataset: Dataset, tmp_path: Path, seal: Seal) -> None:
    files = {f"{label}/{number}.png": picture(6_000 + len(label) * number, 14, "png") for label in ("bee", "ladybird") for number in (1, 2)}
    addition = added(actor, dataset, tmp_path / "folders.zip", files, "")
    say(actor, addition, [0, 2], label="bee")  # the first is one already
    assert WaitingImage.objects.count() == 1
    assert sealed_as(seal()) == {"bee/1.png": "bee", "bee/2.png": "bee", "ladybird/1.png": "bee", "ladybird/2.png": "ladybird"}


def test_of_an_image_that_is_erased_nothing_is_said_and_nothing_seen_is_kept(actor: Actor, bees: Addition, version: DatasetVersion) -> None:
    say(actor, bees, [0], label="cow")
    digest = digest_at(version, 3)
    WaitingImage.objects.create(addition=bees, digest=digest, removed=True)  # of an archive that brings it again
    place = place_in(version.dataset, digest)
    assert place
    forgetting.forget(place, lambda: None)
    assert not bees.images.filter(digest=digest).exists() and bees.images.count() == 1
    assert peeks.read(bees) is None and peeks.archive(bees).exists()


def test_folders_called_as_classes_that_were_renamed_or_taken_out_since_follow_them(
    actor: Actor, dataset: Dataset, tmp_path: Path, seal: Seal
) -> None:
    files = {f"{label}/new.png": picture(6_000 + place, 14, "png") for place, label in enumerate(("ant", "bee", "cow"))}
    addition = added(actor, dataset, tmp_path / "folders.zip", files, "")
    drafts.rename_class(actor, dataset, "bee", "honey bee")
    drafts.remove_class(actor, dataset, "cow")
    addition.draft.refresh_from_db()
    stands = {stand.image.path: stand.now and stand.now.label for stand in waiting.standing(addition, look_again(addition).images)}
    assert stands == {"ant/new.png": "ant", "bee/new.png": "honey bee", "cow/new.png": None}
    assert sealed_as(seal()) == {"ant/new.png": "ant", "bee/new.png": "honey bee"}


@pytest.mark.parametrize("end", ["sealed", "discarded"])
def test_what_was_seen_and_said_goes_with_the_draft(
    actor: Actor, bees: Addition, seal: Seal, end: str, django_capture_on_commit_callbacks: Any
) -> None:
    say(actor, bees, [0], label="cow")
    with django_capture_on_commit_callbacks(execute=True):
        seal() if end == "sealed" else drafts.discard(actor, bees.draft.dataset)
    assert list((bees.draft.dataset.folder / "additions").iterdir()) == [] and not WaitingImage.objects.exists()


def test_what_a_killed_process_left_of_a_closed_draft_is_swept(actor: Actor, bees: Addition, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = peeks.folder(bees)
    lost = [folder.with_name(name) for name in ("archive-lost.zip.seen", ".archive-lost.zip.seen-one.importing-x")]
    for path in lost:
        path.mkdir()
    monkeypatch.setattr(leftovers, "age", lambda path: 2 * leftovers.DAY)
    assert {path for path in leftovers.lost_additions(folder.parents[3]) if path.parent == folder.parent} == set(lost)
