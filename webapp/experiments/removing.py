"""How an experiment leaves: to the trash, back again, or for good."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from classifier.spec.errors import InputError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core import trash
from webapp.datasets import files
from webapp.datasets.models import Dataset, DatasetVersion, Suggesting
from webapp.experiments.models import Experiment
from webapp.experiments.weights import without_epoch
from webapp.jobs import actions as jobs
from webapp.jobs.clock import database_time
from webapp.jobs.models import FINAL


def delete(actor: Actor, experiment: Experiment) -> None:
    """To the trash, with its figures, evaluations and reports; refused while anything of it runs or waits. Its files stay."""
    actor.require("job.edit")
    with transaction.atomic():
        locked = held(experiment)
        if locked.job.state not in FINAL:
            raise InputError(f"{locked.name} is not finished; cancel it first, then delete it.", code="busy")
        check_not_evaluated(locked, "delete it")
        trash.lay(locked, actor.user, database_time())
        audit.record(actor, "experiment.delete", locked)


def check_not_evaluated(experiment: Experiment, then: str) -> None:
    """InputError while an evaluation, a map or suggestions of it wait or run, which read its checkpoints; `then`: what to do later."""
    if experiment.maps.exclude(job__state__in=FINAL).exists():
        raise InputError(f"A map of {experiment.name}'s images is being made; wait for it or cancel that job, then {then}.", code="busy")
    if experiment.evaluations.exclude(job__state__in=FINAL).exists():
        raise InputError(f"{experiment.name} is being evaluated; wait for it or cancel it, then {then}.", code="busy")
    if experiment.studies.exclude(job__state__in=FINAL).exists():
        raise InputError(f"{experiment.name} is being studied; wait for it or cancel that job, then {then}.", code="busy")
    if experiment.classifications.exclude(job__state__in=FINAL).exists():
        raise InputError(f"{experiment.name} is classifying pictures; wait for it or cancel that job, then {then}.", code="busy")
    if Suggesting.objects.filter(team=experiment.team_id, source=experiment.pk).exclude(job__state__in=FINAL).exists():
        raise InputError(f"{experiment.name} suggests labels just now; wait for it or cancel that job, then {then}.", code="busy")


def held(experiment: Experiment) -> Experiment:
    """The row, which nobody else changes before this transaction ends; InputError where it lies in the trash.

    Its job is read after the lock: in one query PostgreSQL would join the job from before, and find no row where that changed meanwhile.
    """
    locked = Experiment.objects.select_for_update().filter(pk=experiment.pk).first()
    if locked is None:
        raise InputError(f"{experiment.name} is in the trash; restore it first.", code="gone")
    return locked


def restore(actor: Actor, experiment: Experiment) -> None:
    """Out of the trash, as it was; refused while a dataset that it was trained or evaluated on lies there."""
    actor.require("job.edit")
    with transaction.atomic():
        if lying := next((dataset for dataset in needed_by(experiment) if dataset.trashed_at is not None), None):
            raise InputError(f"{experiment.name} used {lying.name}, which is in the trash; restore that first.", code="in_use")
        if not trash.take(experiment):
            raise InputError(f"{experiment.name} is not in the trash any more.", code="gone")
        audit.record(actor, "experiment.restore", experiment)


def needed_by(experiment: Experiment) -> list[Dataset]:
    """The datasets whose images its pages show, locked until this transaction ends."""
    evaluated = DatasetVersion.objects.filter(evaluation__experiment=experiment).values("dataset")
    rows = Dataset.everything.select_for_update().filter(Q(pk=experiment.dataset_id) | Q(pk__in=evaluated))
    return list(rows.order_by("pk"))


def purge(experiment: Experiment, actor: Actor | None = None) -> None:
    """Gives up one for good; InputError with the reason where it stays."""
    made = purge_many([experiment.pk], actor)
    for reason in made.held.values():
        raise reason
    if not made.going:
        raise InputError(f"{experiment.name} is not in the trash any more.", code="gone")


def purge_many(ids: Iterable[str], actor: Actor | None = None) -> trash.Purge:
    """Gives up experiments in the trash for good, without an actor those whose term is over; the keeper removes rows and files.

    Those stay whose weights a training waits for.
    """
    if actor is not None:
        actor.require("trash.purge")
    with transaction.atomic():
        now = database_time()
        lying = trash.held(Experiment, ids, now, over_term=actor is None)
        heirs = heirs_of(lying)
        going = [experiment for experiment in lying if experiment.pk not in heirs]
        trash.give_up(Experiment, going, now)
        audit.record_each(actor, "experiment.purge", going)
        return trash.Purge(going, {one.pk: stays(one, heirs[one.pk]) for one in lying if one.pk in heirs})


def heirs_of(experiments: list[Experiment]) -> dict[str, str]:
    """{id: the name of a training that is not at its end and starts from its weights}."""
    folders = {str(experiment.folder): experiment.pk for experiment in experiments}
    waiting = Experiment.objects.filter(team__in={one.team_id for one in experiments}).exclude(job__state__in=FINAL)
    needed = [(name, without_epoch(weights or "")) for name, weights in waiting.values_list("name", "config__weights")]
    return {folders[folder]: name for name, folder in needed if folder in folders}


def stays(experiment: Experiment, heir: str) -> InputError:
    """Why an experiment is kept."""
    told = f"The experiment {experiment.name} stays in the trash while {heir} starts from its weights; wait for {heir} or cancel it."
    return InputError(told, code="in_use")


def finish(experiment: Experiment) -> bool:
    """Removes the next slice of one that was given up; True once nothing of it is left. Files go first: its row remembers the rest."""
    remove_files(experiment.folder)
    made = (experiment.evaluations(manager="everything"), experiment.studies(manager="everything"), experiment.maps.all())
    ids = {experiment.job_id, *(job for rows in made for job in rows.values_list("job_id", flat=True))}
    own = ((experiment.points.all(), ("id",)), (experiment.matrices.all(), ("epoch",)))
    for rows, order in (*own, *map(jobs.told_by, ids)):
        if trash.delete_some(rows, *order):
            return False
    with transaction.atomic():
        Experiment.everything.filter(pk=experiment.pk).delete()
        jobs.forget(ids)
    return True


def remove_files(folder: Path) -> None:
    """The RUN folder, and the configuration beside it that a training which did not succeed leaves."""
    files.remove(folder)
    folder.with_suffix(".json").unlink(missing_ok=True)
