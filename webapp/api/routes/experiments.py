"""Experiments: launch, list, read, metrics, report, delete."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.lines import Since, rows_json
from webapp.api.paging import Page, page_of
from webapp.api.routes.datasets import removed
from webapp.api.routes.evaluations import leaks_of
from webapp.api.schemas import ExperimentList, ExperimentOut, Launch, Made, Metrics, Removed, ReportOut
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import sealed_versions
from webapp.experiments import actions, openings, queries
from webapp.experiments.models import Experiment
from webapp.experiments.weights import FILE, RUN, upload_of
from webapp.reports.queries import of_experiment

router = Router()


@router.post("/experiments", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Launch an experiment")
def create_experiment(request: Request, body: Launch) -> Status[Any]:
    """Queues a training. Every wrong field of the configuration is named at once.

    With `folds` a call makes one fold of a cross-validation: the one that `fold` names, else the first.
    """
    request.actor.require("experiment.create")
    dataset = get_for(request.actor, Dataset, body.dataset, "dataset.read")
    version = named_version(dataset, body.version) if body.version else None
    experiment = actions.launch(request.actor, dataset, body.name, body.config, version)
    return Status(202, {"id": experiment.id, "job": experiment.job_id})


def named_version(dataset: Dataset, name: str) -> DatasetVersion:
    """The sealed version of that number or fingerprint."""
    wanted = {"number": int(name)} if name.isascii() and name.isdecimal() and len(name) < 10 else {"fingerprint": name}
    version = sealed_versions(dataset).filter(**wanted).first()
    if version is None:
        raise FieldErrors({"version": f"names no sealed version of this dataset: {name[:64]!r}; leave it out for the newest"})
    return version


@router.get("/experiments", response=answers({200: ExperimentList}), summary="List experiments")
def list_experiments(request: Request, page: Query[Page]) -> dict[str, Any]:
    """The team's experiments, newest first."""
    request.actor.require("experiment.read")
    rows, following = page_of(Experiment.objects.filter(team=request.actor.team).select_related("job", "version"), page)
    return {"items": [shown(row) for row in rows], "next": following}


@router.get("/experiments/{id}", response=answers({200: ExperimentOut}), summary="Read an experiment")
def read_experiment(request: Request, id: str) -> dict[str, Any]:
    """Its configuration, and how far it is."""
    return shown(get_for(request.actor, Experiment, id, "experiment.read"))


def shown(experiment: Experiment) -> dict[str, Any]:
    """An experiment as the API tells it."""
    return {
        "id": experiment.id,
        "name": experiment.name,
        "dataset": experiment.dataset_id,
        "version": experiment.version.number,
        "config": named(experiment.config),
        "resolved": named(experiment.resolved) if experiment.resolved else None,
        "state": experiment.job.state,
        "job": experiment.job_id,
        "best_epoch": experiment.best_epoch,
        "created_at": experiment.created_at,
    }


def named(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with its weights as a launch takes them: a file's name, file:ID or run:ID, never a folder of the server."""
    weights = config.get("weights")
    if not weights or weights == "default":
        return config
    if id := upload_of(weights):
        return config | {"weights": f"{FILE}{id}"}
    path = PurePath(weights)
    return config | {"weights": f"{RUN}{path.name}" if path.parent.name == "experiments" else path.name}


@router.delete("/experiments/{id}", response=answers({200: Removed}, 409), summary="Delete an experiment")
def delete_experiment(request: Request, id: str) -> dict[str, Any]:
    """Moves it to the trash with its figures, reports and checkpoints. Refused with 409 while it runs or is evaluated."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    actions.delete(request.actor, experiment)
    return removed(experiment)


@router.get("/experiments/{id}/metrics", response=answers({200: Metrics}), summary="Metrics of an experiment")
def read_metrics(request: Request, id: str, since: Since = 0) -> HttpResponse:
    """Up to 10,000 values with a `seq` above `since`, oldest first; one of each name an epoch."""
    points, following = queries.metrics_since(get_for(request.actor, Experiment, id, "job.read"), since)
    rows = [
        {"seq": point.pk, "epoch": point.epoch, "step": point.step, "name": point.name, "value": point.value, "time": point.time}
        for point in points
    ]
    return rows_json("points", rows, following)


@router.get("/experiments/{id}/report", response=answers({200: ReportOut}, 409), summary="Report of an experiment")
def read_report(request: Request, id: str) -> dict[str, Any]:
    """The test split's figures of the best checkpoint; 409 while there are none."""
    experiment = get_for(request.actor, Experiment, id, "report.read")
    report = of_experiment(experiment)
    if report is None or (figures := report.evaluation.figures) is None:
        raise ApiError(409, "no_report", f"{experiment.name} has no report yet; it is written when its training has succeeded.")
    links = {
        "page": reverse("reports:detail", args=[report.id]),
        "experiment": f"/api/v1/experiments/{experiment.id}",
        "dataset": f"/api/v1/datasets/{experiment.dataset_id}",
        "job": f"/api/v1/jobs/{experiment.job_id}",
        "metrics": f"/api/v1/experiments/{experiment.id}/metrics",
    }
    opened = openings.of(experiment, experiment.version)._asdict()
    addresses = {name: request.build_absolute_uri(path) for name, path in links.items()}
    return {"test": figures, "test_opened": opened, "leaks": leaks_of(report.evaluation), "links": addresses}
