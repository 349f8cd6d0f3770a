"""A training as it goes: what each step told, each validation by class and image, and the log."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from ninja import Query, Router

from classifier.metrics import trace
from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.service import answers
from webapp.api.watch_schemas import LogAsked, LogOut, StepsAsked, StepsOut, ValidationAsked, ValidationOut
from webapp.experiments import logs, queries, steps
from webapp.experiments.models import Experiment

router = Router()


@router.get("/experiments/{id}/steps", response=answers({200: StepsOut}, 422), summary="Steps of an experiment")
def read_steps(request: Request, id: str, asked: Query[StepsAsked]) -> dict[str, Any]:
    """One series over the steps, thinned so that no extreme is lost: training loss, learning rate, norm of the gradient, images a second,
    and which share of the time it waited for data or the device worked. Nothing is told of trainings of releases that kept no steps."""
    if asked.of not in trace.SERIES:
        raise FieldErrors({"of": f"is one of {', '.join(trace.SERIES)}; {asked.of!r} came"})
    kept = steps.kept(get_for(request.actor, Experiment, id, "experiment.read"))
    line = trace.series(kept, asked.of)
    if asked.window:
        line = trace.smooth(line, asked.window)
    last = len(kept) if asked.last is None else asked.last
    at, values = trace.drawn(trace.within(line, asked.first, last), asked.points)
    return {"of": asked.of, "steps": len(kept), "step": at.tolist(), "value": values.tolist()}


@router.get("/experiments/{id}/validation", response=answers({200: ValidationOut}, 409), summary="A validation of an experiment")
def read_validation(request: Request, id: str, asked: Query[ValidationAsked]) -> dict[str, Any]:
    """The confusion matrix of the validation split after an epoch, and what was said of the images that are watched."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    places = list(queries.places(experiment))
    found = queries.matrix(experiment, asked.at)
    if found is None:
        there = f"there are some at {places[0]:g} to {places[-1]:g} epochs" if places else "there was none yet"
        raise ApiError(409, "no_validation", f"No validation lies at {'the end' if asked.at is None else f'{asked.at:g} epochs'}: {there}.")
    at = queries.place(found.epoch, found.part)
    return {"at": at, "places": places, "confusion": found.confusion, "watched": found.watched}


@router.get("/experiments/{id}/log", response=answers({200: LogOut}), summary="Log of an experiment")
def read_log(request: Request, id: str, asked: Query[LogAsked]) -> dict[str, Any]:
    """The newest lines of the log, or of those in which something stands."""
    lines, count = logs.found(get_for(request.actor, Experiment, id, "job.read"), UTC, asked.q.strip())
    return {"found": count, "lines": lines}
