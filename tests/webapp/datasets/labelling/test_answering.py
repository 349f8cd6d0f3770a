"""What is said of an image goes into the draft, with who said it and why, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.spec.errors import InputError
from tests.webapp.datasets.drafts.test_changing import says
from tests.webapp.datasets.labelling.conftest import figures, positions, say
from webapp.accounts.actor import Actor
from webapp.datasets import drafts, labelling
from webapp.datasets.history import steps
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import Dataset, DatasetVersion, Edit


def test_an_answer_is_an_edit_of_the_draft_with_person_and_reason(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    (item,) = say(actor, ants, "bee")
    edit = Edit.objects.get()
    assert says(dataset) == {0: (1, None, False)} and item.edit == edit and item.answered_at
    assert (edit.user, edit.why, edit.did) == (actor.user, "Labelling: ant", {"label": "bee"}) and figures(ants) == (1, 0, 0)


def test_a_label_that_was_right_is_confirmed_without_an_edit(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    (item,) = say(actor, ants, "ant")
    assert item.edit is None and item.label == "ant" and drafts.current(dataset) is None and figures(ants) == (1, 0, 0)
    assert [(step.who, step.words) for step in steps(dataset, 0)][1:] == [("owner", "confirmed ant")]


def test_the_same_answer_sent_twice_counts_once(actor: Actor, ants: LabelRound) -> None:
    item = labelling.hand_out(actor, ants).items[0]
    for label in ("bee", "cow"):
        labelling.answer(actor, ants, item.pk, label)
    assert Edit.objects.count() == 1 and figures(ants) == (1, 0, 0) and LabelItem.objects.get(pk=item.pk).label == "bee"


def test_a_new_name_makes_a_class(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, " wood   ant ")
    assert says(dataset) == {0: (3, None, False)} and LabelItem.objects.get(position=0).label == "wood ant"


def test_an_image_is_taken_out(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    labelling.take_out(actor, ants, labelling.hand_out(actor, ants).items[0].pk)
    assert says(dataset) == {0: (None, None, True)} and figures(ants) == (1, 0, 0)


def test_what_is_skipped_comes_once_more_when_asked(actor: Actor, other: Actor, ants: LabelRound) -> None:
    labelling.skip(actor, ants, labelling.hand_out(actor, ants).items[0].pk)
    assert positions(actor, ants) == [1, 2, 3, 4, 5] and figures(ants) == (0, 1, 0)
    assert labelling.once_more(other, ants) == 1 and positions(other, ants) == [0, 6, 7] and figures(ants) == (0, 0, 0)


def test_undo_takes_ones_own_newest_answer_back_whatever_others_did_since(
    actor: Actor, other: Actor, dataset: Dataset, ants: LabelRound
) -> None:
    say(actor, ants, "bee", "bee")
    say(other, ants, "cow")
    assert labelling.undo(actor, ants).position == 1 and positions(actor, ants)[0] == 1
    assert says(dataset) == {0: (1, None, False), 6: (2, None, False)} and figures(ants) == (2, 0, 0)
    assert [bool(edit.undone_at) for edit in Edit.objects.order_by("number")] == [False, True, False]


def test_undo_goes_on_through_ones_answers_and_brings_skipped_images_back(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, "bee")
    labelling.skip(actor, ants, labelling.hand_out(actor, ants).items[0].pk)
    assert [labelling.undo(actor, ants).position for _ in range(2)] == [1, 0] and says(dataset) == {} and figures(ants) == (0, 0, 0)
    with pytest.raises(InputError, match="nothing of yours to undo"):
        labelling.undo(actor, ants)


def test_a_class_that_others_use_by_now_outlives_the_undo_of_who_made_it(
    actor: Actor, other: Actor, dataset: Dataset, ants: LabelRound
) -> None:
    say(actor, ants, "owl")
    say(other, ants, "owl")
    labelling.undo(actor, ants)
    assert says(dataset) == {5: (3, None, False)} and "3" in drafts.current(dataset).classes
    labelling.undo(other, ants)
    assert drafts.current(dataset).samples.count() == 0


def test_the_only_use_of_a_new_class_takes_it_along_when_undone(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, "owl")
    labelling.undo(actor, ants)
    assert drafts.current(dataset).is_empty


def test_what_was_relabelled_in_the_gallery_since_is_not_undone_here(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, "bee")
    drafts.change(actor, dataset, [0], label="cow")
    with pytest.raises(InputError, match="was changed again since"):
        labelling.undo(actor, ants)
    assert says(dataset) == {0: (2, None, False)} and figures(ants) == (1, 0, 0)


def test_what_is_sealed_is_not_undone(actor: Actor, ants: LabelRound, seal: Callable[[], DatasetVersion]) -> None:
    say(actor, ants, "bee")
    seal()
    with pytest.raises(InputError, match="sealed in a version"):
        labelling.undo(actor, ants)


def test_an_answer_that_is_undone_in_the_gallery_waits_again(actor: Actor, other: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, "bee")
    drafts.undo(actor, dataset)
    assert figures(ants) == (0, 0, 0) and 0 in positions(other, ants)


def test_a_discarded_draft_closes_the_rounds_that_wrote_into_it(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, "bee")
    drafts.discard(actor, dataset)
    with pytest.raises(InputError, match="This round is closed"):
        labelling.hand_out(actor, ants)


def test_while_a_version_is_sealed_nothing_is_answered_and_nothing_lost(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    say(actor, ants, "bee")
    item = labelling.hand_out(actor, ants).items[0]
    drafts.seal(actor, dataset)
    with pytest.raises(InputError, match="is being sealed"):
        labelling.answer(actor, ants, item.pk, "bee")
    assert figures(ants) == (1, 0, 0) and positions(actor, ants)[0] == item.position


def test_a_class_needs_a_name(actor: Actor, ants: LabelRound) -> None:
    item = labelling.hand_out(actor, ants).items[0]
    with pytest.raises(InputError, match="A class needs a name"):
        labelling.answer(actor, ants, item.pk, "  ")
