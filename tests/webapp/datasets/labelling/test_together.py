"""Two people who ask and answer at the same moment."""

from __future__ import annotations

from contextlib import suppress

import pytest

from classifier.spec.errors import InputError
from tests.webapp.datasets.labelling.conftest import figures
from tests.webapp.together import outcomes
from webapp.accounts.actor import Actor
from webapp.datasets import drafts, labelling
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound
from webapp.datasets.models import Dataset

pytestmark = pytest.mark.django_db(transaction=True)


def all_of_it(who: Actor, round: LabelRound) -> int:
    """Labels until nothing is handed out any more; how many images."""
    count = 0
    while items := labelling.hand_out(who, round).items:
        labelling.answer(who, round, items[0].pk, "owl")
        count += 1
    return count


def test_two_at_once_label_each_image_once(actor: Actor, other: Actor, everything: LabelRound) -> None:
    done = outcomes(lambda: all_of_it(actor, everything), lambda: all_of_it(other, everything))
    assert LabelItem.objects.filter(state=ItemState.ANSWERED).count() == 24 and figures(everything) == (24, 0, 0)
    assert sum(LabelItem.objects.filter(user=who.user).count() for who in (actor, other)) == 24 and len(done) == 2


def test_two_clicks_at_once_begin_one_round(actor: Actor, dataset: Dataset) -> None:
    begun = outcomes(*[lambda: labelling.start(actor, dataset, label="ant")] * 4)
    assert len(set(begun)) == 1 == LabelRound.objects.count()


def test_a_round_that_somebody_labels_and_one_of_somebody_else_are_not_begun_again(actor: Actor, other: Actor, dataset: Dataset) -> None:
    first = labelling.start(actor, dataset, label="ant")
    assert labelling.start(other, dataset, label="ant") != first and labelling.start(actor, dataset, label="bee") != first
    labelling.hand_out(actor, first)
    assert labelling.start(actor, dataset, label="ant") != first


def answers(who: Actor, round: LabelRound, times: int) -> None:
    """Labels so many images, as long as there are some."""
    for _ in range(times):
        if items := labelling.hand_out(who, round).items:
            labelling.answer(who, round, items[0].pk, "owl")


def undoes(who: Actor, round: LabelRound, times: int) -> None:
    """Takes the newest edit of this person back in the gallery, where there is one."""
    for _ in range(times):
        with suppress(InputError):
            drafts.undo(who, round.dataset)


def test_answers_and_the_gallerys_undo_wait_for_each_other_and_the_figures_hold(actor: Actor, everything: LabelRound) -> None:
    answers(actor, everything, 6)
    outcomes(lambda: answers(actor, everything, 6), lambda: undoes(actor, everything, 6))
    there = LabelItem.objects.filter(state=ItemState.ANSWERED).count()
    assert figures(everything) == (there, 0, 0) and drafts.current(everything.dataset).samples.count() == there
