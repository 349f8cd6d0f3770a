"""The trained networks of a team, for those who let one suggest labels (webapp.datasets.hooks)."""

from __future__ import annotations

from webapp.accounts.models import Team
from webapp.core.words import percent
from webapp.datasets.hooks import Network
from webapp.experiments.models import Experiment
from webapp.experiments.queries import with_model


def networks(team: Team) -> list[Network]:
    """Those that can classify, the newest first."""
    return [Network(one.id, one.name, words(one), one.folder) for one in with_model(team.id)]


def words(experiment: Experiment) -> str:
    """ "Grocery, 93.4 % of its validation images"."""
    measured = f", {percent(experiment.best_top1)} of its validation images" if experiment.best_top1 is not None else ""
    return f"{experiment.dataset.name}{measured}"
