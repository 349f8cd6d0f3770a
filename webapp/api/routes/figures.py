"""The figures of an evaluation, what is drawn of them, kept checkpoints, and the threshold below which a network is unsure."""

from __future__ import annotations

from typing import Any, TypeVar

from ninja import Router

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.fields import Text
from webapp.api.figure_schemas import CalibrationOut, CheckpointsOut, ClassesOut, CoverageOut, CurvesOut, UnsureAsked, UnsureOut
from webapp.api.service import answers
from webapp.evaluations import choices
from webapp.evaluations.figures import threshold, told
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment

router = Router()
Found = TypeVar("Found")
NONE = (
    "This evaluation keeps none: it is not done, has no images, is of an earlier release, or its file is damaged. "
    "Evaluate again to have them."
)


def there(found: Found | None) -> Found:
    """409 where an evaluation keeps nothing of the kind."""
    if found is None:
        raise ApiError(409, "no_curves", NONE)
    return found


@router.get("/evaluations/{id}/classes", response=answers({200: ClassesOut}, 409), summary="Figures of an evaluation by class")
def read_classes(request: Request, id: str) -> dict[str, Any]:
    """Each class with its figures, their intervals, its areas and its best threshold, in the network's order."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    rows = there(told.by_class(evaluation) or None)
    return {"split": evaluation.split, "n": (evaluation.result or {})["n"], "classes": [class_out(row) for row in rows]}


def class_out(row: told.ByClass) -> dict[str, Any]:
    """As the API calls its fields."""
    return {
        **row._asdict(),
        "precision_interval": row.precision_span,
        "recall_interval": row.recall_span,
        "f1_interval": row.f1_span,
        "roc_interval": row.roc_span,
        "average_precision": row.pr_area,
        "average_precision_interval": row.pr_span,
        "best_threshold": row.threshold,
    }


@router.get("/evaluations/{id}/curves", response=answers({200: CurvesOut}, 409), summary="ROC and precision-recall curve of a class")
def read_curves(request: Request, id: str, label: Text = "") -> dict[str, Any]:
    """Of the class of that label, with what is said of it at each threshold."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    labels = evaluation.classes
    if labels and label not in labels:
        raise FieldErrors({"label": f"names no class of the network: {label[:64]!r} came"})
    return there(told.curves_of(evaluation, labels.index(label)) if labels else None)


@router.get("/evaluations/{id}/calibration", response=answers({200: CalibrationOut}, 409), summary="Calibration of an evaluation")
def read_calibration(request: Request, id: str) -> dict[str, Any]:
    """Figures and bins, as trained and with the temperature."""
    found = there(told.calibration_of(get_for(request.actor, Evaluation, id, "report.read")))
    bins_after = found["bins_after"] and [each._asdict() for each in found["bins_after"]]
    return {**found, "fitted_on": found["n"], "bins": [each._asdict() for each in found["bins"]], "bins_after": bins_after}


@router.get("/evaluations/{id}/coverage", response=answers({200: CoverageOut}, 409), summary="Coverage against accuracy")
def read_coverage(request: Request, id: str) -> dict[str, Any]:
    """How many images would be answered, and how rightly, at each threshold."""
    return there(told.coverage_of(get_for(request.actor, Evaluation, id, "report.read")))


@router.get("/experiments/{id}/checkpoints", response=answers({200: CheckpointsOut}), summary="Kept checkpoints of an experiment")
def read_checkpoints(request: Request, id: str) -> dict[str, Any]:
    """What an evaluation can be asked of."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    return {"items": [each._asdict() for each in choices.checkpoints(experiment)], "averages": choices.averages(experiment)}


@router.get("/experiments/{id}/unsure", response=answers({200: UnsureOut}), summary="Read below what a network is unsure")
def read_unsure(request: Request, id: str) -> dict[str, Any]:
    """The threshold that its classifications are held against."""
    return {"below": threshold.of(get_for(request.actor, Experiment, id, "experiment.read"))}


@router.patch("/experiments/{id}/unsure", response=answers({200: UnsureOut}, 409), summary="Choose below what a network is unsure")
def set_unsure(request: Request, id: str, body: UnsureAsked) -> dict[str, Any]:
    """Answers with a lower probability are marked `unsure` from now on. 409 while there is no network."""
    experiment = get_for(request.actor, Experiment, id, "experiment.create")
    return {"below": threshold.choose(request.actor, experiment, body.below)}
