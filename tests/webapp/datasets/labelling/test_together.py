"""Two people who ask and answer at the same moment."""

from __future__ import annotations

import pytest

from tests.webapp.datasets.labelling.conftest import figures
from tests.webapp.together import outcomes
from webapp.accounts.actor import Actor
from webapp.datasets import labelling
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound

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
