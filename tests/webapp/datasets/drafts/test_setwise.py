"""All that match changes as one edit, set by set: by the same rules as single images, and undone as one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from classifier.spec.errors import InputError
from tests.webapp.datasets.drafts.test_changing import counts, says
from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Forbidden
from webapp.datasets import drafts
from webapp.datasets.drafts import changing, setwise
from webapp.datasets.models import Dataset, DatasetVersion, Draft, Edit

ALL = range(24)
CHANGES = [{"label": "cow"}, {"split": 1}, {"removed": True}, {"removed": False}, {"label": "bee", "split": 2}, {"label": "wasp"}]


def matching(actor: Actor, dataset: Dataset, positions: Any = ALL, **more: Any) -> Edit:
    return drafts.change_matching(actor, dataset, lambda draft: positions, **more)


def prepared(actor: Actor, dataset: Dataset) -> None:
    """A draft that says something of every kind."""
    drafts.change(actor, dataset, [0, 1, 8], label="cow")
    drafts.change(actor, dataset, [1, 2, 16], split=2)
    drafts.change(actor, dataset, [0, 3, 9], removed=True)


@pytest.mark.parametrize(("change", "single"), product(CHANGES, [False, True]))
def test_the_rules_are_those_of_single_images(change: dict[str, Any], single: bool, actor: Actor, dataset: Dataset) -> None:
    told = []
    for verb in (lambda: drafts.change(actor, dataset, list(ALL), **change), lambda: matching(actor, dataset, **change)):
        if single:
            prepared(actor, dataset)
        try:
            edit = verb()
            before = sorted(edit.rows.values_list("position", "label", "split", "removed"))
            told.append((edit.samples, before, says(dataset), counts(dataset), edit.before))
        except InputError as error:
            told.append(error.message)
        if drafts.current(dataset):
            drafts.discard(actor, dataset)
    assert told[0] == told[1]


def test_the_positions_go_to_the_database_in_parts(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setwise, "CHUNK", 5)
    assert matching(actor, dataset, removed=True).samples == 24 and counts(dataset) == (0, 0, 24)


def test_all_that_match_is_undone_as_one(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(actor, dataset)
    before, numbers = says(dataset), counts(dataset)
    matching(actor, dataset, label="wasp", split=0)
    monkeypatch.setattr(changing, "MOST", 2)  # so many that it is undone set by set too
    drafts.undo(actor, dataset)
    assert says(dataset) == before and counts(dataset) == numbers
    draft = drafts.current(dataset)
    assert draft and not draft.classes


def test_what_matches_is_looked_up_in_the_draft_as_it_is_then(actor: Actor, dataset: Dataset) -> None:
    drafts.change(actor, dataset, [0], label="cow")
    seen: list[Draft] = []
    drafts.change_matching(actor, dataset, lambda draft: seen.append(draft) or [5], removed=True)  # type: ignore[func-returns-value]
    assert seen[0].relabelled == 1 and says(dataset)[5] == (None, None, True)


def test_other_images_than_were_seen_are_not_changed(actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="23 images matched when you looked, 24 match now"):
        matching(actor, dataset, expected=23, removed=True)
    assert not Draft.objects.exists()


def test_the_same_form_sent_twice_makes_one_edit(actor: Actor, dataset: Dataset) -> None:
    first, second = (matching(actor, dataset, removed=True, key="k") for _ in range(2))
    assert first == second and Edit.objects.count() == 1
    assert matching(actor, dataset, removed=False, key="other").number == 2


def test_none_that_matches_is_said(actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="No image matches"):
        matching(actor, dataset, [], removed=True)
    assert not Draft.objects.exists()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten samples go to the database at a time."""
    monkeypatch.setattr(setwise, "PART", 10)


def test_many_go_in_parts_as_one_edit_with_one_undo(actor: Actor, dataset: Dataset, parts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(actor, dataset)
    before, numbers = says(dataset), counts(dataset)
    edit = matching(actor, dataset, list(reversed(ALL)), label="wasp")
    relabelled, _, removed = counts(dataset)
    assert edit.samples == edit.rows.count() == 24 and (relabelled, removed) == (24, 0)
    monkeypatch.setattr(changing, "MOST", 2)
    drafts.undo(actor, dataset)
    assert says(dataset) == before and counts(dataset) == numbers


def test_parts_in_which_nothing_changes_are_passed_over(actor: Actor, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setwise, "PART", 8)
    assert matching(actor, dataset, label="ant").samples == 16
    with pytest.raises(InputError, match="Nothing changes"):
        matching(actor, dataset, label="ant")


def between(monkeypatch: pytest.MonkeyPatch, do: Any) -> None:
    """Somebody does that before the second part, once."""
    todo, go_on = [do], setwise.go_on

    def later(*given: Any) -> None:
        if todo:
            todo.pop()()
        go_on(*given)

    monkeypatch.setattr(setwise, "go_on", later)


def test_what_somebody_changes_between_two_parts_stays_as_they_say(
    actor: Actor, dataset: Dataset, parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda: drafts.change(actor, dataset, [3, 13], label="cow"))
    edit = matching(actor, dataset, removed=True)
    assert edit.samples == 23 and says(dataset)[3] == says(dataset)[13] == (2, None, False)
    drafts.undo(actor, dataset)
    assert says(dataset)[3] == (None, None, True) and 13 not in says(dataset)
    drafts.undo(actor, dataset)
    assert says(dataset) == {}


def test_a_change_that_is_taken_back_while_it_goes_on_ends_there(
    actor: Actor, dataset: Dataset, parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda: drafts.undo(actor, dataset))
    with pytest.raises(InputError, match="10 images are changed, not all 24. The change was taken back"):
        matching(actor, dataset, removed=True)
    assert says(dataset) == {}


def test_a_draft_that_is_sealed_between_two_parts_says_how_far_the_change_came(
    actor: Actor, dataset: Dataset, parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda: drafts.seal(actor, dataset))
    with pytest.raises(InputError, match="10 images are changed, not all 24. The draft is being sealed"):
        matching(actor, dataset, removed=True)
    assert counts(dataset) == (0, 0, 10)


def test_samples_of_another_version_are_left_alone(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    assert matching(actor, dataset, [0, 99], removed=True).samples == 1


def test_a_viewer_changes_nothing_that_matches(viewer: Any, actor_of: Any, dataset: Dataset) -> None:
    with pytest.raises(Forbidden):
        matching(actor_of(viewer), dataset, removed=True)
