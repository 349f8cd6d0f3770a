"""Every write to studies: asked for, and done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from classifier.metrics import excited
from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.evaluations.actions import check_trained
from webapp.evaluations.models import Evaluation
from webapp.evaluations.study_models import Study, What
from webapp.experiments import checkpoints
from webapp.experiments.checkpoints import BEST
from webapp.experiments.models import Experiment
from webapp.experiments.removing import held
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind

KEPT = 2  # of one thing, ended ones


def probe(actor: Actor, evaluation: Evaluation) -> Study:
    """Queues the probes of an evaluation that is done; one of the same that waits or runs is given instead."""
    if evaluation.result is None:
        raise InputError("This evaluation has no result yet; wait for it, then probe the network.", code="no_result")
    title = f"{evaluation.experiment.name}: probes on {evaluation.split}"
    return start(actor, evaluation.experiment, What.PROBES, title, evaluation)


def grow(actor: Actor, experiment: Experiment) -> Study:
    """Queues learning curves a class of an experiment's dataset; one of the same that waits or runs is given instead."""
    return start(actor, experiment, What.GROWTH, f"{experiment.name}: which class needs more images")


def look_at_filters(actor: Actor, experiment: Experiment, checkpoint: str = BEST, *, raw: bool = False) -> Study:
    """Queues the look at which validation images excite each filter of a checkpoint; one of the same that waits or runs is given instead.

    raw: the weights themselves, where the checkpoint keeps an average of them. InputError for a checkpoint that is not kept.
    """
    actor.require("experiment.create")
    check_trained(experiment)
    checkpoints.check(experiment, checkpoint)
    title = f"{experiment.name}: what excites the filters of its {checkpoints.called(checkpoint)}"
    return start(actor, experiment, What.FILTERS, title, checkpoint=checkpoint, raw=raw)


def start(actor: Actor, experiment: Experiment, what: What, title: str, evaluation: Evaluation | None = None, **how: Any) -> Study:
    """As `probe`, `grow` and `look_at_filters`; `how`: checkpoint and raw."""
    actor.require("experiment.create")
    check_trained(experiment)
    with transaction.atomic():
        check_trained(held(experiment))  # nobody may have tried it again meanwhile; two clicks wait for each other
        same = Study.objects.filter(experiment=experiment, evaluation=evaluation, what=what, **how)
        if living := same.exclude(job__state__in=FINAL).first():
            return living
        forget_old(same)
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.STUDY, title=title[:200])
        version = evaluation.version if evaluation else experiment.version
        made = {"team": actor.team, "created_by": actor.user, "experiment": experiment, "version": version, "job": job}
        study = Study.objects.create(what=what, evaluation=evaluation, **made, **how)
        record(actor, "evaluation.study", experiment, what=What(what).label.lower())
        return study


def forget_old(same: QuerySet[Study]) -> None:
    """What was found before, but the newest few: each look takes the place of the one before."""
    forget(same.select_related("experiment").order_by("-id")[KEPT:])


def forget_older(study: Study) -> None:
    """Earlier looks at the same filters that have ended: the new one takes their place."""
    older = Study.everything.filter(experiment=study.experiment_id, what=study.what, checkpoint=study.checkpoint, raw=study.raw)
    forget(older.filter(id__lt=study.pk, job__state__in=FINAL).select_related("experiment"))


def forget(studies: Iterable[Study]) -> None:
    """For good, with what their jobs told, and, once nobody takes that back any more, with their files."""
    gone = list(studies)
    stems = [study.stem for study in gone if study.files]

    def remove() -> None:
        for stem in stems:
            excited.remove(stem)

    with transaction.atomic():
        Study.everything.filter(pk__in=[study.pk for study in gone]).delete()
        jobs.forget([study.job_id for study in gone])
        transaction.on_commit(remove)


def finished(study: Study, event: Mapping[str, Any], files: str = "") -> None:
    """What the engine's last event says and the name of its files; called inside the transaction that ends the job."""
    result = {name: value for name, value in event.items() if name != "event"}
    Study.everything.filter(pk=study.pk).update(result=result, files=files)


def newest(experiment: Experiment, what: What, evaluation: Evaluation | None = None) -> Study | None:
    """The newest, however it stands."""
    rows = Study.objects.filter(experiment=experiment, evaluation=evaluation, what=what)
    return rows.select_related("job", "created_by").order_by("-id").first()


def newest_done(experiment: Experiment, what: What, evaluation: Evaluation | None = None) -> Study | None:
    """The newest that has found something."""
    rows = Study.objects.filter(experiment=experiment, evaluation=evaluation, what=what, result__isnull=False)
    return rows.select_related("job", "created_by").order_by("-id").first()
