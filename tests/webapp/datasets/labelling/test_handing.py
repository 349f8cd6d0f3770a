"""Images of a round are handed out a few at a time, to several people, none of them twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from classifier.spec.errors import InputError
from tests.webapp.datasets.labelling.conftest import figures, positions, say
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.accounts.permissions import Forbidden
from webapp.datasets import drafts, labelling
from webapp.datasets.labelling import handing, sources
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import Dataset, DatasetVersion


def test_the_first_images_come_in_order_and_stay_ones_own(actor: Actor, ants: LabelRound) -> None:
    assert positions(actor, ants) == [0, 1, 2, 3, 4] and positions(actor, ants) == [0, 1, 2, 3, 4]


def test_two_people_never_have_the_same_image(actor: Actor, other: Actor, ants: LabelRound) -> None:
    assert positions(actor, ants) == [0, 1, 2, 3, 4] and positions(other, ants) == [5, 6, 7]
    say(actor, ants, "bee")
    assert positions(actor, ants) == [1, 2, 3, 4] and positions(other, ants) == [5, 6, 7]


def test_what_rests_for_long_goes_to_whoever_asks(actor: Actor, other: Actor, ants: LabelRound) -> None:
    mine = labelling.hand_out(actor, ants).items
    positions(other, ants)
    LabelItem.objects.filter(pk__in=[item.pk for item in mine]).update(until=timezone.now() - timedelta(days=1))
    assert positions(other, ants) == [5, 6, 7, 0, 1] and positions(actor, ants) == [2, 3, 4]
    with pytest.raises(InputError, match="went to somebody else"):
        labelling.answer(actor, ants, mine[0].pk, "bee")


def test_an_answer_after_a_long_look_counts_while_nobody_else_has_the_image(actor: Actor, ants: LabelRound) -> None:
    first = labelling.hand_out(actor, ants).items[0]
    LabelItem.objects.update(until=timezone.now() - timedelta(days=1))
    assert labelling.answer(actor, ants, first.pk, "bee").label == "bee"


def test_who_leaves_gives_images_back_at_once(actor: Actor, other: Actor, ants: LabelRound) -> None:
    positions(actor, ants)
    assert labelling.give_back(actor, ants) == 5 and positions(other, ants) == [0, 1, 2, 3, 4]


def test_what_was_labelled_elsewhere_is_passed_over_and_counted(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    drafts.change(actor, dataset, [0, 2], label="cow")
    drafts.change(actor, dataset, [3], removed=True)
    assert positions(actor, ants) == [1, 4, 5, 6, 7] and figures(ants) == (0, 0, 3) and ants.left == 5


def test_a_class_that_went_into_another_leaves_nothing_of_it_to_label(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    drafts.merge_class(actor, dataset, "ant", "bee")
    assert positions(actor, ants) == [] and figures(ants) == (0, 0, 8)


def test_a_renamed_class_is_gone_through_under_its_new_name(actor: Actor, dataset: Dataset, everything: LabelRound) -> None:
    drafts.rename_class(actor, dataset, "ant", "wood ant")
    assert labelling.hand_out(actor, everything).items[0].was == "wood ant"


def test_a_round_goes_on_after_the_draft_is_sealed(
    actor: Actor, dataset: Dataset, ants: LabelRound, seal: Callable[[], DatasetVersion]
) -> None:
    say(actor, ants, "bee")
    drafts.change(actor, dataset, [2, 6], removed=True)
    seal()
    assert positions(actor, ants) == [1, 3, 4, 5, 7] and figures(ants) == (1, 0, 1)


def test_splits_and_class_choose_images(actor: Actor, dataset: Dataset, version: DatasetVersion) -> None:
    made = labelling.start(actor, dataset, label="bee", splits=[0, 2])
    wanted = list(version.samples.filter(label=1, split__in=[0, 2]).order_by("position").values_list("position", flat=True))
    assert positions(actor, made) == wanted[:5] and made.images == len(wanted) and made.name == "Labelling: bee, train, test"


def test_a_part_of_the_path_chooses_images_some_windows_a_look(actor: Actor, dataset: Dataset, monkeypatch: Any) -> None:
    monkeypatch.setattr(sources, "WINDOW_ROWS", 4)
    monkeypatch.setattr(sources, "MOST_WINDOWS", 1)
    monkeypatch.setattr(handing, "MOST_LOOKS", 1)
    made = labelling.start(actor, dataset, search="COW/00")
    looks = [labelling.hand_out(actor, made) for _ in range(6)]
    assert [look.more for look in looks] == [True, True, True, True, False, False]
    assert [item.position for item in looks[-1].items] == [16, 17, 18, 19, 20] and made.images is None


def test_a_long_way_over_what_is_labelled_already_is_gone_in_steps(
    actor: Actor, dataset: Dataset, everything: LabelRound, monkeypatch: Any
) -> None:
    monkeypatch.setattr(handing, "LOOK_ROWS", 4)
    monkeypatch.setattr(handing, "MOST_LOOKS", 2)
    drafts.change(actor, dataset, range(20), label="owl")
    assert [labelling.hand_out(actor, everything).more for _ in range(3)] == [True, True, False]
    assert positions(actor, everything) == [20, 21, 22, 23] and figures(everything) == (0, 0, 20)


def test_at_the_end_there_is_nothing_more(actor: Actor, ants: LabelRound) -> None:
    say(actor, ants, *["bee"] * 8)
    handed = labelling.hand_out(actor, ants)
    assert handed.items == [] and not handed.more and figures(ants) == (8, 0, 0)


def test_what_a_later_version_left_out_is_not_waited_for(
    actor: Actor, dataset: Dataset, ants: LabelRound, seal: Callable[[], DatasetVersion]
) -> None:
    drafts.change(actor, dataset, [6], removed=True)
    seal()
    say(actor, ants, *["bee"] * 7)
    assert positions(actor, ants) == [] and figures(ants) == (7, 0, 0) and ants.left == 0


def test_a_renamed_class_is_still_gone_through(actor: Actor, dataset: Dataset, ants: LabelRound) -> None:
    drafts.rename_class(actor, dataset, "ant", "wood ant")
    assert positions(actor, ants) == [0, 1, 2, 3, 4]


def test_a_closed_round_hands_out_nothing(actor: Actor, ants: LabelRound) -> None:
    labelling.close(actor, ants)
    with pytest.raises(InputError, match="This round is closed"):
        labelling.hand_out(actor, ants)


def test_a_viewer_labels_nothing(viewer: User, actor_of: Callable[..., Any], ants: LabelRound) -> None:
    with pytest.raises(Forbidden):
        labelling.hand_out(actor_of(viewer), ants)


def test_a_class_without_images_and_one_that_is_none_begin_no_round(actor: Actor, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="There is no class 'owl' in version 1"):
        labelling.start(actor, dataset, label="owl")
    DatasetVersion.objects.update(classes=[{"label": "ant", "name": "ant", "train": 0, "validation": 0, "test": 0}])
    with pytest.raises(InputError, match="No image of Animals is chosen by that"):
        labelling.start(actor, dataset, label="ant")
