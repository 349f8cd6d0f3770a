"""Slices of an evaluation, probes of its network, and which class needs more images."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.api.slice_schemas import SlicesOut, StudyOut
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import figures
from webapp.evaluations.slices.figures import Slice
from webapp.evaluations.studies import actions, probes
from webapp.evaluations.study_models import Study, What
from webapp.experiments.models import Experiment

router = Router()
By = Annotated[str, Query(max_length=1000, description="A column's name, @size, @shape, @light or @ending; all of them where it is empty.")]
Also = Annotated[str, Query(alias="and", max_length=1000, description="Another one at once: groups are pairs of values then.")]
Of = Annotated[str, Query(max_length=1000, description="A class: its images alone.")]


@router.get("/evaluations/{id}/slices", response=answers({200: SlicesOut}, 409), summary="Read figures by slice")
def read_slices(request: Request, id: str, by: By = "", also: Also = "", of: Of = "") -> dict[str, Any]:
    """How right the network is on groups of images. 409 while the evaluation has no result."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if evaluation.result is None:
        raise ApiError(409, "no_result", "This evaluation has no result yet; wait until its job has succeeded.")
    if of and of not in evaluation.classes:
        raise FieldErrors({"of": f"must be a class of the network; {of[:60]!r} came"})
    if (also or of) and not by:
        raise FieldErrors({"by": "is missing: name what to slice by"})
    slices = [one(evaluation, by, also, of)] if by else every(evaluation)
    return {"split": evaluation.split, "n": evaluation.result.get("n", 0), "slices": slices}


def one(evaluation: Evaluation, by: str, also: str, of: str) -> dict[str, Any]:
    label = evaluation.classes.index(of) if of else None
    found = figures.chosen(evaluation, by, also, label)
    if found is None:
        what = f"{by[:60]!r} and {also[:60]!r}" if also else repr(by[:60])
        raise FieldErrors({"by": f"cannot slice these images by {what}; read all slices for what there is"})
    return told(by, found.column, found.slices)


def every(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [told(line.key, line.column, line.slices) for line in figures.lines(evaluation)]


def told(by: str, column: Any, slices: list[Slice]) -> dict[str, Any]:
    small = [group.told() for group in column.small]
    return {"by": by, "name": column.name, "groups": [it.told() for it in slices], "small": small, "gap": column.gap and column.gap.told()}


@router.post("/evaluations/{id}/probes", response=answers({202: Made}, 409), openapi_extra=IDEMPOTENCY, summary="Probe a network")
def create_probes(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Queues a look at what the network still tells when parts of the images are hidden; one that goes on is given instead."""
    made = actions.probe(request.actor, get_for(request.actor, Evaluation, id, "experiment.create"))
    return Status(202, {"id": made.pk, "job": made.job_id})


@router.get("/evaluations/{id}/probes", response=answers({200: StudyOut}), summary="Read the probes of a network")
def read_probes(request: Request, id: str) -> dict[str, Any]:
    """The newest look; all null before the first."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    study = actions.newest(evaluation.experiment, What.PROBES, evaluation)
    return of_study(study, probes.for_programs(study) if study and study.result else None)


@router.post("/experiments/{id}/growth", response=answers({202: Made}, 409), openapi_extra=IDEMPOTENCY, summary="Make learning curves")
def create_growth(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Queues learning curves a class, with what twice as many images would bring; those that are under way are given instead."""
    made = actions.grow(request.actor, get_for(request.actor, Experiment, id, "experiment.create"))
    return Status(202, {"id": made.pk, "job": made.job_id})


@router.get("/experiments/{id}/growth", response=answers({200: StudyOut}), summary="Read learning curves")
def read_growth(request: Request, id: str) -> dict[str, Any]:
    """The newest ones; all null before the first. Shares of 1; `gain` with `low` and `high` is of recall, at twice as many images."""
    experiment = get_for(request.actor, Experiment, id, "report.read")
    study = actions.newest(experiment, What.GROWTH)
    return of_study(study, study.result if study else None)


def of_study(study: Study | None, result: dict[str, Any] | None) -> dict[str, Any]:
    if study is None:
        return {"id": None, "job": None, "state": None, "result": None}
    return {"id": study.pk, "job": study.job_id, "state": study.job.state, "result": result}
