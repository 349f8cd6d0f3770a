"""Trainings that were run again with all that an earlier one was run with, and whether they came to the same."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from classifier.metrics import read_scored
from classifier.metrics.replay import Verdict, verdict
from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.core.texts import one_line
from webapp.evaluations.images.listing import Kept, Unscored, kept_of
from webapp.evaluations.models import Evaluation
from webapp.experiments import actions, queries, weights
from webapp.experiments.live import told_by_run
from webapp.experiments.models import Experiment
from webapp.jobs.models import State

ANYWHERE = ("device",)  # fields by which a replay may differ: what it comes to on another device is the question
SUFFIX = ", replayed"
NAME_LENGTH = 120
MOST_LOOKED_AT = 200  # newest experiments on the same version
MOST_SHOWN = 10
OTHER_CODE = "Another version of the code ran it."


class Replay(NamedTuple):
    """One of them; `told` once both have their results."""

    experiment: Experiment
    told: Verdict | None
    other_code: bool = False  # by another state of the engine's source than the first

    @property
    def words(self) -> str:
        """What came of it, in a sentence."""
        if self.told:
            return f"{self.told.words} {OTHER_CODE}" if self.other_code else self.told.words
        if self.experiment.job.state == State.SUCCEEDED:
            return "Its predictions are not kept, so nothing can be said."
        return "It has not come to its end yet." if not self.experiment.job.is_final else "It did not come to its end."


def ran_with(experiment: Experiment) -> dict[str, Any]:
    """The configuration as it ran, without what a replay may have otherwise."""
    values = experiment.resolved or experiment.config
    return {name: value for name, value in values.items() if name not in ANYWHERE}


def replay(actor: Actor, experiment: Experiment, key: str | None = None) -> Experiment:
    """Queues the same training again, with what was picked for it the first time. Raises ConfigError, or InputError before it has ended."""
    if experiment.job.state != State.SUCCEEDED or experiment.resolved is None:
        raise InputError(f"{experiment.name} has no result to compare with yet; replay it once its training is done.", code="not_ready")
    config = experiment.resolved | {"weights": weights.chosen(experiment.config.get("weights"))}
    name = one_line(experiment.name)[: NAME_LENGTH - len(SUFFIX)] + SUFFIX
    return actions.launch(actor, experiment.dataset, name, config, experiment.version, key=key)


def replays(experiment: Experiment) -> list[Replay]:
    """Other trainings with the same configuration on the same version, the newest first."""
    if experiment.resolved is None:
        return []
    same = Experiment.objects.filter(team=experiment.team_id, version=experiment.version_id).exclude(pk=experiment.pk)
    wanted = ran_with(experiment)
    found = [each for each in same.select_related("job").order_by("-id")[:MOST_LOOKED_AT] if ran_with(each) == wanted]
    engine = engine_of(experiment)
    return [Replay(each, told(experiment, each), engine not in (None, engine_of(each) or engine)) for each in found[:MOST_SHOWN]]


def engine_of(experiment: Experiment) -> str | None:
    """The hash of the source that ran it; None of an earlier release's run."""
    return (told_by_run(experiment).get("environment") or {}).get("engine")


class Side(NamedTuple):
    """A training and the file of its predictions; equal while nothing of it is changed."""

    experiment: str
    file: Kept


def told(first: Experiment, second: Experiment) -> Verdict | None:
    """Whether the second came to what the first did; None while one of both has no result with its predictions."""
    one, other = side(first), side(second)
    return compared(one, other) if one and other else None


def side(experiment: Experiment) -> Side | None:
    """None where it has no result yet, or where its predictions are not kept."""
    evaluation = own(experiment)
    try:
        return Side(experiment.pk, kept_of(evaluation)) if evaluation else None
    except Unscored:
        return None


@lru_cache(maxsize=1024)
def compared(one: Side, other: Side) -> Verdict | None:
    """All curves and predictions of both, kept for who looks again: a page of a report asks each time."""
    before, now = read_scored(one.file.path), read_scored(other.file.path)
    if before is None or now is None:
        return None
    first, second = (queries.history(Experiment(pk=each.experiment)) for each in (one, other))
    return verdict(first, second, before, now)


def own(experiment: Experiment) -> Evaluation | None:
    """The training's own evaluation."""
    found = Evaluation.objects.filter(experiment=experiment, job=experiment.job_id, split="test", result__isnull=False)
    return found.select_related("experiment").defer("result", "confusion", "mistakes").first()
