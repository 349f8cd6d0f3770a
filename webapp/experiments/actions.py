"""Every write to experiments: launch, what the training tells, the end, delete and restore (`removing`)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.accounts.models import Team
from webapp.core.form_keys import once
from webapp.core.texts import one_line
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality.queries import leaking
from webapp.datasets.queries import newest_version
from webapp.experiments import folds, hooks, queries, summaries, watched, weights
from webapp.experiments.models import EpochMatrix, Experiment, MetricPoint
from webapp.experiments.removing import check_not_evaluated, delete, held, purge, restore
from webapp.experiments.unfit import unfit
from webapp.jobs import actions as jobs
from webapp.jobs.models import Kind

__all__ = [
    "checked",
    "delete",
    "finished",
    "launch",
    "purge",
    "record_epoch",
    "record_memory",
    "record_steps",
    "record_validation",
    "restore",
    "retry",
]

NOT_SERIES = {"event", "epoch", "epochs", "step", "best", "confusion"}
STEP_POINTS = 2000  # at most about so many values of step_loss a training
NAME_LENGTH = 120


def launch(
    actor: Actor, dataset: Dataset, name: str, config: dict[str, Any], version: DatasetVersion | None = None, *, key: str | None = None
) -> Experiment:
    """Queue a training. ConfigError names every wrong field; the same `key` of the same user gives the first one's experiment."""
    actor.require("experiment.create")
    return once(lambda: launched_before(actor, key), lambda: queued(actor, dataset, name, config, version, key))


def queued(
    actor: Actor, dataset: Dataset, name: str, config: dict[str, Any], version: DatasetVersion | None, key: str | None
) -> Experiment:
    """The new experiment of `launch`, with its job."""
    values, name = checked(actor, name, config)
    values = values | {"fold": values["fold"] or (1 if values["folds"] else None)}
    version = version or newest_version(dataset)
    if version is None or version.dataset_id != dataset.id:
        raise ConfigError({"dataset": f"{dataset.name} has no imported images; wait for its import, or choose another dataset"})
    if wrong := unfit(version, values):
        raise ConfigError(wrong)
    with transaction.atomic():
        weights.keep(actor.team, values["weights"])
        check_offered(dataset)
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.TRAIN, title=name)
        about = {
            "name": name,
            "dataset": dataset,
            "version": version,
            "config": values,
            "leaks": leaking(version, values["folds"] or 0).images,
        }
        about["folds_key"] = folds.key_of(version, values)
        experiment = Experiment.objects.create(team=actor.team, created_by=actor.user, job=job, launch_key=key, **about)
        record(actor, "experiment.launch", experiment, dataset=dataset.name)
    return experiment


def check_offered(dataset: Dataset) -> None:
    """Inside a transaction: the dataset is neither archived nor in the trash, and stays so until its end. Else ConfigError."""
    row = Dataset.objects.select_for_update().filter(pk=dataset.pk).first()
    if row is None:
        raise ConfigError({"dataset": f"{dataset.name} is in the trash; restore it first, or choose another dataset"})
    if row.archived_at is not None:
        raise ConfigError({"dataset": f"{dataset.name} is archived; take it out of the archive first, or choose another dataset"})


def launched_before(actor: Actor, key: str | None) -> Experiment | None:
    """What the same form has made already, also where it lies in the trash by now."""
    return Experiment.everything.filter(created_by=actor.user, launch_key=key).first() if key else None


def checked(actor: Actor, name: str, config: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The whole configuration and the clean name; ConfigError for all that is wrong in both."""
    wrong: dict[str, str] = {}
    name = one_line(name) if "\0" not in name else ""
    if not 1 <= len(name) <= NAME_LENGTH:
        wrong["name"] = f"must have 1 to {NAME_LENGTH} characters; {len(name)} came"
    values: dict[str, Any] = {}
    try:
        values = checked_config(actor.team, config)
    except ConfigError as error:
        wrong |= error.fields
    if wrong:
        raise ConfigError(wrong)
    return values, name


def checked_config(team: Team, config: dict[str, Any]) -> dict[str, Any]:
    """The whole configuration with its weights as the engine takes them; ConfigError for all that is wrong."""
    wrong: dict[str, str] = {}
    values = config
    try:
        values = TrainConfig.from_mapping(config).to_mapping()
    except ConfigError as error:
        wrong = error.fields
    if "weights" not in wrong:
        try:
            values = {**values, "weights": weights.resolved(team, values.get("weights"))}
        except ValueError as error:
            wrong = {**wrong, "weights": str(error)}
    if not wrong and (words := weights.misfit(team, config.get("weights"), values["model"])):
        wrong = {"weights": words}
    if wrong:
        raise ConfigError(wrong)
    return values


def record_epoch(experiment_id: str, event: dict[str, Any]) -> None:
    """The figures and the matrix of an EpochEvent. Repeats change nothing: each name has one value an epoch."""
    epoch = event["epoch"]
    values = {name: value for name, value in event.items() if name not in NOT_SERIES and is_figure(value)}
    known = set(MetricPoint.objects.filter(experiment_id=experiment_id, epoch=epoch, name__in=values).values_list("name", flat=True))
    MetricPoint.objects.bulk_create(
        [
            MetricPoint(experiment_id=experiment_id, epoch=epoch, step=event["step"], name=name, value=value)
            for name, value in values.items()
            if name not in known
        ],
        ignore_conflicts=True,
    )
    if "confusion" in event:
        matrix = EpochMatrix(experiment_id=experiment_id, epoch=epoch, **by_image(experiment_id, event))
        EpochMatrix.objects.bulk_create([matrix], ignore_conflicts=True)
    if event.get("best"):
        earlier = Q(best_epoch__isnull=True) | Q(best_epoch__lt=epoch)
        Experiment.objects.filter(earlier, id=experiment_id).update(best_epoch=epoch, best_top1=event.get("val_top1"))


def record_validation(experiment_id: str, event: dict[str, Any]) -> None:
    """The figures and the matrix of a ValidationEvent. Repeats change nothing: each name has one value a step."""
    points = [
        MetricPoint(experiment_id=experiment_id, epoch=event["epoch"], step=event["step"], name=name, value=event[told])
        for told, name in queries.INSIDE.items()
        if is_figure(event.get(told))
    ]
    MetricPoint.objects.bulk_create(points, ignore_conflicts=True)
    if "confusion" in event:
        matrix = EpochMatrix(experiment_id=experiment_id, epoch=event["epoch"], part=event["part"], **by_image(experiment_id, event))
        EpochMatrix.objects.bulk_create([matrix], ignore_conflicts=True)


def by_image(experiment_id: str, event: dict[str, Any]) -> dict[str, Any]:
    """What a validation tells beside its figures."""
    return {"confusion": event["confusion"], "watched": watched.of_living(experiment_id, event.get("watched"))}


def is_figure(value: Any) -> bool:
    """A finite number, or null where it was none."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))


def record_steps(experiment_id: str, event: dict[str, Any]) -> None:
    """The training loss of a ProgressEvent as `step_loss`, thinned so that a long training stays drawable. Never goes back."""
    step, loss = event.get("step"), event.get("train_loss")
    if step is None or loss is None or not math.isfinite(loss):
        return
    points = MetricPoint.objects.filter(experiment_id=experiment_id, name="step_loss")
    last = points.aggregate(last=Max("step"))["last"]
    if last is None or step >= last + max(1, int(event.get("steps") or 0) // STEP_POINTS):
        point = MetricPoint(experiment_id=experiment_id, epoch=event.get("epoch") or 0, step=step, name="step_loss", value=loss)
        MetricPoint.objects.bulk_create([point], ignore_conflicts=True)


def record_memory(experiment_id: str, event: dict[str, Any]) -> None:
    """What the steps of a PreflightEvent took at their peak, as `memory_bytes` before the first epoch: what later launches are told."""
    if event.get("memory_bytes"):
        point = MetricPoint(experiment_id=experiment_id, epoch=0, step=0, name="memory_bytes", value=event["memory_bytes"])
        MetricPoint.objects.bulk_create([point], ignore_conflicts=True)


def finished(experiment_id: str, run_folder: Path) -> None:
    """Take over RUN/result.json; called inside the transaction that ends the job, so it happens once with the state."""
    result = json.loads((run_folder / "result.json").read_text(encoding="utf-8"))
    experiment = Experiment.objects.select_related("job", "dataset", "version", "team", "created_by").get(id=experiment_id)
    kept = summaries.kept(result)
    kept["best_top1"] = experiment.best_top1 if kept["best_top1"] is None else kept["best_top1"]
    for name, value in kept.items():
        setattr(experiment, name, value)
    experiment.save(update_fields=list(kept))
    hooks.tell_finished(experiment, result, run_folder)


def retry(actor: Actor, experiment: Experiment) -> Experiment:
    """Queue a failed or cancelled training again; it goes on from its newest good checkpoint. Refused while one of them is evaluated."""
    actor.require("job.edit")
    with transaction.atomic():
        locked = held(experiment)
        check_not_evaluated(locked, "try it again")
        try:
            locked.job = jobs.retry(locked.job, actor.user)
        except ValueError as error:
            raise InputError(str(error), code="busy") from None
        locked.save(update_fields=["job"])
        record(actor, "experiment.retry", locked)
    return locked
