"""Who works on a draft together takes back their own edits, and nobody's later word is lost unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from classifier.spec.errors import InputError
from tests.webapp.datasets.drafts.test_changing import says
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.drafts import classes
from webapp.datasets.models import Dataset, Edit

Change = Callable[[Actor, Dataset], Edit]


@pytest.fixture
def other(editor: Any, actor_of: Callable[..., Any]) -> Actor:
    return actor_of(editor)


def labels(dataset: Dataset) -> list[str]:
    draft = drafts.current(dataset)
    assert draft
    return [known.label for known in classes.living(draft)]


def test_undo_takes_back_ones_own_newest_edit_and_leaves_what_others_did_since(actor: Actor, other: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="bee")
    drafts.change(other, dataset, [1], label="cow")
    assert drafts.undo(actor, dataset).user == actor.user and says(dataset) == {1: (2, None, False)}


def test_an_edit_of_which_another_changed_an_image_since_stays_and_says_whose_is_over_it(
    actor: Actor, other: Actor, dataset: Dataset
) -> None:
    drafts.change(actor, dataset, [0, 1], label="bee")
    drafts.change(other, dataset, [1], label="cow")
    with pytest.raises(InputError, match=f"^{other.user} changed the same since; nothing was undone"):
        drafts.undo(actor, dataset)
    drafts.undo(other, dataset)
    drafts.undo(actor, dataset)
    assert says(dataset) == {}


def test_who_has_nothing_left_to_undo_hears_whose_the_newest_edit_is(actor: Actor, other: Actor, dataset: Dataset) -> None:
    drafts.change(other, dataset, [1], label="cow")
    with pytest.raises(InputError, match=f"nothing of yours left to undo in this draft. Its newest edit is by {other.user}"):
        drafts.undo(actor, dataset)
    assert says(dataset) == {1: (2, None, False)}


WHOLE: dict[str, Change] = {
    "a class": lambda actor, dataset: drafts.rename_class(actor, dataset, "ant", "wood ant"),
    "the splits": lambda actor, dataset: drafts.resplit(actor, dataset, {"split": "80/10/10"}, keep_test=False, together=""),
}


@pytest.mark.parametrize("change", WHOLE.values(), ids=WHOLE)
def test_what_changed_a_class_or_the_splits_is_undone_only_while_nothing_came_after_it(
    change: Change, actor: Actor, other: Actor, dataset: Dataset
) -> None:
    change(actor, dataset)
    drafts.change(other, dataset, [1], label="cow")
    with pytest.raises(InputError, match="nothing was undone"):
        drafts.undo(actor, dataset)
    drafts.undo(other, dataset)
    assert drafts.undo(actor, dataset).undone_at and drafts.current(dataset).is_empty


def test_no_image_goes_back_to_a_class_that_another_took_out_since(actor: Actor, other: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="bee")
    drafts.remove_class(other, dataset, "ant")
    with pytest.raises(InputError, match="nothing was undone"):
        drafts.undo(actor, dataset)
    assert says(dataset) == {0: (1, None, False)}


def test_a_class_that_an_edit_made_stays_where_another_may_use_it(actor: Actor, other: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="wasp")
    drafts.change(other, dataset, [1], label="wasp")
    drafts.undo(actor, dataset)
    assert says(dataset) == {1: (3, None, False)} and labels(dataset) == ["ant", "bee", "cow", "wasp"]


def test_the_newest_edit_of_all_is_taken_back_by_its_number_whoever_made_it(actor: Actor, other: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="bee")
    newest = drafts.change(other, dataset, [1], label="cow")
    drafts.undo(actor, dataset, number=newest.number)
    assert says(dataset) == {0: (1, None, False)}


def test_a_number_that_is_not_the_newest_one_any_more_takes_nothing_back(actor: Actor, other: Actor, dataset: Dataset) -> None:
    seen = drafts.change(other, dataset, [1], label="cow")
    drafts.change(other, dataset, [2], label="cow")
    with pytest.raises(InputError, match="Edit 1 is not the newest one of this draft any more"):
        drafts.undo(actor, dataset, number=seen.number)
    assert len(says(dataset)) == 2


def test_versions_offers_the_newest_edit_that_holds_and_says_whose_it_took_back(
    signed_in: Callable[[Any], Client], owner: Any, actor: Actor, other: Actor, dataset: Dataset
) -> None:
    drafts.change(actor, dataset, [0], label="bee")
    drafts.change(other, dataset, [1], label="cow")
    drafts.change(other, dataset, [2], label="cow")
    drafts.undo(other, dataset)
    client = signed_in(owner)
    page = client.get(reverse("datasets:versions", args=[dataset.id])).content.decode()
    assert page.count('name="number"') == 1 and '<input type="hidden" name="number" value="2">' in page
    page = client.post(reverse("datasets:undo", args=[dataset.id]), {"number": "2"}, follow=True).content.decode()
    assert f"Taken back, what {other.user} did: 1 image labelled cow." in page and says(dataset) == {0: (1, None, False)}


def test_a_viewer_sees_the_edits_and_takes_none_back(
    signed_in: Callable[[Any], Client], viewer: Any, actor: Actor, dataset: Dataset
) -> None:
    drafts.change(actor, dataset, [0], label="bee")
    page = signed_in(viewer).get(reverse("datasets:versions", args=[dataset.id])).content.decode()
    assert "1 image labelled bee." in page and 'name="number"' not in page
