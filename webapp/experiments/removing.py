"""How an experiment leaves: to the trash, back again, or for good."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.db.models import Q

from classifier.spec.errors import InputError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core import trash
from webapp.datasets import files
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.experiments.models import Experiment
from webapp.jobs.clock import database_time
from webapp.jobs.models import FINAL


def delete(actor: Actor, experiment: Experiment) -> None:
    """To the trash, with its figures, evaluations and reports; refused while anything of it runs or waits. Its files stay."""
    actor.require("job.edit")
    with transaction.atomic():
        locked = held(experiment)
        if locked.job.state not in FINAL:
            raise InputError(f"{locked.name} is not finished; cancel it first, then delete it.", code="busy")
        if locked.evaluations.exclude(job__state__in=FINAL).exists():
            raise InputError(f"{locked.name} is being evaluated; wait for it or cancel it, then delete it.", code="busy")
        trash.lay(locked, actor.user, database_time())
        audit.record(actor, "experiment.delete", locked)


def held(experiment: Experiment) -> Experiment:
    """The row, which nobody else changes before this transaction ends; InputError where it lies in the trash."""
    rows = Experiment.objects.select_for_update(of=("self",)).select_related("job")
    locked = rows.filter(pk=experiment.pk).first()
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
    """Removes rows and files of an experiment in the trash for good; without an actor since its term is over."""
    if actor is not None:
        actor.require("trash.purge")
    with transaction.atomic():
        rows = Experiment.everything.select_for_update().filter(pk=experiment.pk, trashed_at__isnull=False)
        locked = (rows if actor else rows.filter(trashed_at__lte=database_time() - trash.term())).first()
        if locked is None:
            raise InputError(f"{experiment.name} is not in the trash any more.", code="gone")
        if heir := Experiment.objects.filter(config__weights=str(locked.folder)).exclude(job__state__in=FINAL).first():
            raise InputError(f"{locked.name} stays in the trash while {heir.name} starts from its weights.", code="in_use")
        audit.record_of(locked.team, actor, "experiment.purge", locked)
        folder = locked.folder
        files.doom(folder)
        locked.delete()
        transaction.on_commit(lambda: remove_files(folder))


def remove_files(folder: Path) -> None:
    """The RUN folder, and the configuration beside it that a training which did not succeed leaves."""
    files.remove(folder)
    folder.with_suffix(".json").unlink(missing_ok=True)
