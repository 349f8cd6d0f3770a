"""Evaluations of a checkpoint on a split, and pictures to classify."""

from __future__ import annotations

from typing import Annotated, Any

from asgiref.sync import sync_to_async
from ninja import File, Router, Status
from ninja.files import UploadedFile

from webapp.accounts.actor import Actor, Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.evaluation_schemas import EvaluationOut
from webapp.api.schemas import ClassifyOut, EvaluationAsked, Made, Removed
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets.models import Dataset
from webapp.evaluations import actions, groups, leaks, removing
from webapp.evaluations.models import Evaluation
from webapp.evaluations.space import reading
from webapp.experiments import openings
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model
from webapp.predictions import actions as predictions
from webapp.predictions import networks
from webapp.predictions.client import PUBLISHED, Unavailable

router = Router()
MOST_IMAGES = 1000
MOST_BYTES = 256 * 1024**2  # of all images of one call
Images = Annotated[list[UploadedFile], File(..., description="One image or many, each as a part of this name.")]


@router.post(
    "/experiments/{id}/evaluations", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Evaluate a checkpoint"
)
def create_evaluation(request: Request, id: str, body: EvaluationAsked) -> Status[Any]:
    """Queues the evaluation of one checkpoint on one split, of the experiment's own dataset or of another one."""
    experiment = get_for(request.actor, Experiment, id, "experiment.create")
    dataset = get_for(request.actor, Dataset, body.dataset, "dataset.read") if body.dataset else None
    evaluation = actions.request(request.actor, experiment, body.split, body.checkpoint, dataset, views=body.views, raw=body.raw)
    return Status(202, {"id": evaluation.id, "job": evaluation.job_id})


@router.get("/evaluations/{id}", response=answers({200: EvaluationOut}), summary="Read an evaluation")
def read_evaluation(request: Request, id: str) -> dict[str, Any]:
    """Its figures, once its job has succeeded."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    return {
        "id": evaluation.id,
        "experiment": evaluation.experiment_id,
        "dataset": evaluation.version.dataset_id,
        "split": evaluation.split,
        "checkpoint": evaluation.checkpoint,
        "views": evaluation.views,
        "raw": evaluation.raw,
        "state": evaluation.job.state,
        "job": evaluation.job_id,
        "result": evaluation.figures,
        "test_opened": test_opened(evaluation),
        "groups": groups.told(evaluation),
    }


def leaks_of(evaluation: Evaluation) -> dict[str, Any]:
    """Whether its images were learnt from, as far as that is known."""
    stamp = leaks.of(evaluation)
    return {"images": stamp.leaks, "known": stamp.leaks_known}


def test_opened(evaluation: Evaluation) -> dict[str, int] | None:
    """How often its test split was opened; None for another split."""
    return openings.of(evaluation.experiment, evaluation.version)._asdict() if evaluation.split == "test" else None


@router.delete("/evaluations/{id}", response=answers({200: Removed}, 409), summary="Delete an evaluation without a result")
def delete_evaluation(request: Request, id: str) -> dict[str, Any]:
    """Deletes one that failed or was cancelled, for good. Refused with 409 while it waits or runs, and where there is a result."""
    removing.delete(request.actor, get_for(request.actor, Evaluation, id, "job.edit"))
    return {"id": id, "outcome": "purged", "until": None}


@router.post(
    "/experiments/{id}/classify",
    response=answers({200: ClassifyOut}, 400, 409, 413, 503),
    exclude_none=True,
    openapi_extra=IDEMPOTENCY,
    summary="Classify images",
)
async def classify(
    request: Request,
    id: str,
    images: Images,
    nearest: bool = False,
) -> dict[str, Any]:
    """The five best classes of each image, in their order. 409 while the experiment has no trained network.

    `?nearest=true` tells each image's nearest training images too; 409 while no map of the network was made.
    """
    experiment = await sync_to_async(ready_to_classify)(request, id)
    near = await sync_to_async(index_of)(experiment) if nearest else ""
    return await classified(request, str(experiment.folder), images, near)


@router.post(
    "/models/{name}/classify",
    response=answers({200: ClassifyOut}, 400, 409, 413, 503),
    exclude_none=True,
    openapi_extra=IDEMPOTENCY,
    summary="Classify images with a published network",
)
async def classify_published(request: Request, name: str, images: Images) -> dict[str, Any]:
    """The same by a network of the catalogue with its own 1,000 classes of ImageNet. 409 where its weights are not on the server."""
    request.actor.require("classify")
    return await classified(request, published_source(request.actor, name), images)


def published_source(actor: Actor, name: str) -> str:
    """As the worker is asked for a published network; 409 where its weights are not here."""
    network = networks.chosen(actor, f"{PUBLISHED}{name}")
    if network is None:
        raise ApiError(409, "no_model", f"The server has no published weights of {name[:60]!r}; GET /models says of which it has (here).")
    return network.source


def index_of(experiment: Experiment) -> str:
    """The stem of the map of the network that classifies."""
    found = reading.index_of(experiment)
    if found is None:
        raise ApiError(409, "no_map", "The training images were not looked at yet; POST /evaluations/{id}/map of its best checkpoint.")
    return str(found.stem)


async def classified(request: Request, network: str, images: list[UploadedFile], near: str = "") -> dict[str, Any]:
    """The worker's answer."""
    check_amount(images)
    try:
        results = await predictions.classify(request.actor, network, images, MOST_IMAGES, near)
    except Unavailable as error:
        raise ApiError(503, "unavailable", str(error), Retry_After="2") from error
    return {"results": results}


def ready_to_classify(request: Request, id: str) -> Experiment:
    """The experiment, when it has a trained network."""
    experiment = get_for(request.actor, Experiment, id, "classify")
    if not has_model(experiment):
        raise ApiError(409, "no_model", f"{experiment.name} has no trained network yet; wait until its training has succeeded.")
    return experiment


def check_amount(images: list[UploadedFile]) -> None:
    """413 for more than one call should carry."""
    size = sum(image.size or 0 for image in images)
    if len(images) > MOST_IMAGES or size > MOST_BYTES:
        limits = f"{MOST_IMAGES:,} images and {MOST_BYTES // 1024**2} MB"
        raise ApiError(
            413, "too_large", f"One call takes {limits}; {len(images):,} images and {size // 1024**2:,} MB came. Send several calls."
        )
