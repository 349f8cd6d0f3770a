"""Two people who label the sealed version of 24 pictures: 0 to 7 ants, 8 to 15 bees, 16 to 23 cows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.webapp.datasets.drafts.conftest import actor, seal  # noqa: F401 (fixtures)
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets import labelling
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import Dataset


@pytest.fixture
def other(editor: User, actor_of: Callable[..., Any]) -> Actor:
    """A second person."""
    return actor_of(editor)


@pytest.fixture
def ants(actor: Actor, dataset: Dataset) -> LabelRound:  # noqa: F811
    """A round over the eight ants."""
    return labelling.start(actor, dataset, label="ant")


@pytest.fixture
def everything(actor: Actor, dataset: Dataset) -> LabelRound:  # noqa: F811
    """A round over all images."""
    return labelling.start(actor, dataset)


def positions(who: Actor, round: LabelRound) -> list[int]:
    """The images that somebody has next."""
    return [item.position for item in labelling.hand_out(who, round).items]


def next_of(who: Actor, round: LabelRound) -> list[LabelItem]:
    """The images that somebody has next, asked for until some are found or none are left, as the page does."""
    handed = labelling.hand_out(who, round)
    while handed.more:
        handed = labelling.hand_out(who, round)
    return handed.items


def say(who: Actor, round: LabelRound, *labels: str) -> list[LabelItem]:
    """Answers one image after the other."""
    return [labelling.answer(who, round, next_of(who, round)[0].pk, label) for label in labels]


def figures(round: LabelRound) -> tuple[int, int, int]:
    """(answered, skipped, passed)."""
    round.refresh_from_db()
    return round.answered, round.skipped, round.passed
