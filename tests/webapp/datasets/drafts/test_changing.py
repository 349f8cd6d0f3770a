"""Samples change in a draft, as one edit each, and change back."""

from __future__ import annotations

from typing import Any

import pytest

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Forbidden
from webapp.datasets import drafts
from webapp.datasets.drafts import changing, classes
from webapp.datasets.models import Dataset, DatasetVersion, Draft, DraftSample, Edit


def says(dataset: Dataset) -> dict[int, tuple[Any, ...]]:
    """{position: what the open draft says}."""
    rows = DraftSample.objects.filter(draft__dataset=dataset, draft__closed_at=None)
    return {row.position: (row.label, row.split, row.removed) for row in rows}


def counts(dataset: Dataset) -> tuple[int, int, int]:
    draft = drafts.current(dataset)
    assert draft
    return draft.relabelled, draft.moved, draft.removed


def test_the_first_change_opens_a_draft_over_the_newest_version(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    edit = drafts.change(actor, dataset, [0, 1], label="bee", why="they have stings")
    draft = drafts.current(dataset)
    assert draft and draft.base == version and says(dataset) == {0: (1, None, False), 1: (1, None, False)} and counts(dataset) == (2, 0, 0)
    assert (edit.user, edit.number, edit.samples, edit.why) == (actor.user, 1, 2, "they have stings") and edit.made_at


def test_the_sealed_version_stays_as_it_is(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    before = list(version.samples.order_by("position").values_list())
    drafts.change(actor, dataset, [0], label="bee", split=2)
    drafts.change(actor, dataset, [1], removed=True)
    assert list(version.samples.order_by("position").values_list()) == before


def test_label_split_and_removal_stand_side_by_side(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    other = (version.samples.get(position=0).split + 1) % 3
    drafts.change(actor, dataset, [0], label="cow")
    drafts.change(actor, dataset, [0], split=other)
    assert says(dataset) == {0: (2, other, False)} and counts(dataset) == (1, 1, 0)
    drafts.change(actor, dataset, [0], removed=True)
    assert says(dataset) == {0: (2, other, True)} and counts(dataset) == (0, 0, 1)


def test_a_label_brings_an_image_back(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], removed=True)
    drafts.change(actor, dataset, [0], label="cow")
    assert says(dataset) == {0: (2, None, False)} and counts(dataset) == (1, 0, 0)


def test_a_sample_that_is_again_as_in_the_base_has_no_row(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    drafts.change(actor, dataset, [0], label="ant")
    draft = drafts.current(dataset)
    assert says(dataset) == {} and counts(dataset) == (0, 0, 0) and draft and draft.is_empty


def test_undo_takes_edits_back_one_by_one_the_newest_first(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0, 1, 2], label="cow")
    drafts.change(actor, dataset, [1], label="bee")
    drafts.change(actor, dataset, [2], removed=True)
    for wanted, numbers in (
        ({0: (2, None, False), 1: (1, None, False), 2: (2, None, False)}, (3, 0, 0)),
        ({0: (2, None, False), 1: (2, None, False), 2: (2, None, False)}, (3, 0, 0)),
        ({}, (0, 0, 0)),
    ):
        drafts.undo(actor, dataset)
        assert says(dataset) == wanted and counts(dataset) == numbers
    with pytest.raises(InputError, match="nothing left to undo"):
        drafts.undo(actor, dataset)
    assert Edit.objects.exclude(undone_at=None).count() == 3


def test_after_an_undo_another_change_goes_on(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    drafts.undo(actor, dataset)
    drafts.change(actor, dataset, [1], label="cow")
    drafts.undo(actor, dataset)
    assert says(dataset) == {} and list(Edit.objects.values_list("number", flat=True)) == [1, 2]


def test_a_label_that_there_is_not_makes_a_class_that_undo_takes_away(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="  wasp ")
    draft = drafts.current(dataset)
    assert draft and [known.label for known in classes.living(draft)] == ["ant", "bee", "cow", "wasp"] and says(dataset)[0][0] == 3
    drafts.undo(actor, dataset)
    draft = drafts.current(dataset)
    assert draft and [known.label for known in classes.living(draft)] == ["ant", "bee", "cow"]


@pytest.mark.parametrize(
    ("positions", "change", "words"),
    [
        ([], {"removed": True}, "No image was chosen"),
        ([0], {}, "Say what is to change"),
        ([0], {"split": 3}, "There are the splits 0"),
        ([0, 99], {"removed": True}, "has no image 99"),
        ([0], {"label": "\u200b"}, "A class needs a name"),
        ([0], {"label": "x" * 201}, "A class needs a name"),
        ([0], {"label": "ant"}, "Nothing changes"),
        ([0], {"removed": False}, "Nothing changes"),
    ],
)
def test_what_cannot_be_changed_is_said_and_leaves_no_trace(
    positions: list[int], change: dict[str, Any], words: str, actor: Actor, dataset: Dataset
) -> None:
    with pytest.raises(InputError, match=words):
        drafts.change(actor, dataset, positions, **change)
    assert not Draft.objects.exists() and not Edit.objects.exists()


def test_one_change_takes_so_many_images_at_most(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "MOST", 2)
    with pytest.raises(InputError, match="2 images at most; 3 came"):
        drafts.change(actor, dataset, [0, 1, 2], removed=True)


def test_many_samples_take_a_question_for_some_hundred_of_them(
    actor: Actor, dataset: Dataset, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "CHUNK", 12)
    with django_assert_max_num_queries(20):
        drafts.change(actor, dataset, range(24), removed=True)
    assert counts(dataset) == (0, 0, 24)


def test_a_viewer_changes_nothing(viewer: Any, actor_of: Any, dataset: Dataset) -> None:
    with pytest.raises(Forbidden):
        drafts.change(actor_of(viewer), dataset, [0], removed=True)
    assert not Draft.objects.exists()


def test_an_archived_dataset_is_not_changed(actor: Actor, dataset: Dataset) -> None:
    from django.utils import timezone

    Dataset.objects.update(archived_at=timezone.now())
    with pytest.raises(InputError, match="is archived"):
        drafts.change(actor, dataset, [0], removed=True)


def test_a_dataset_that_is_not_imported_yet_has_nothing_to_change(actor: Actor, waiting: Dataset) -> None:
    with pytest.raises(InputError, match="has no images yet"):
        drafts.change(actor, waiting, [0], removed=True)


def test_two_people_share_one_draft(actor: Actor, editor: Any, actor_of: Any, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    drafts.change(actor_of(editor), dataset, [1], label="cow")
    assert Draft.objects.count() == 1 and list(Edit.objects.order_by("number").values_list("user__username", flat=True)) == [
        "owner",
        "editor",
    ]
