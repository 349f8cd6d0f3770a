"""What is inside of a trained network: its layers at work on an image, their weights, and what a filter looks for."""

from __future__ import annotations

from typing import Annotated, Any

from asgiref.sync import sync_to_async
from ninja import Query, Router, Schema
from pydantic import Field

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.explaining_schemas import FilterOut, LayerOut, LayersOut
from webapp.api.routes.explaining import answered
from webapp.api.service import answers
from webapp.experiments import why_client
from webapp.experiments.layers import asking
from webapp.experiments.models import Experiment
from webapp.experiments.queries import has_model

router = Router()


class Watched(Schema):
    """On which image, and which checkpoint."""

    dataset: str | None = Field(None, max_length=40, description="Of the image; without it the training's own.")
    version: int | None = Field(None, ge=1, le=asking.MOST_POSITION, description="Of that dataset; without it its first.")
    position: int | None = Field(None, ge=0, le=asking.MOST_POSITION, description="Of the image; without it the first of validation.")
    checkpoint: str = Field("best", max_length=20, description="best, last or an epoch's number.")
    raw: bool = Field(False, description="The weights themselves, where the checkpoint keeps an average of them.")


On = Annotated[Watched, Query()]


@router.get("/experiments/{id}/layers", response=answers({200: LayersOut}, 409, 503), summary="List the layers of a network")
async def read_layers(request: Request, id: str, on: On) -> dict[str, Any]:
    """Every layer as it runs on one image. 409 while the experiment has no trained network."""
    return await asked(request, id, on, {"about": "layers"})


@router.get("/experiments/{id}/layers/{layer}", response=answers({200: LayerOut}, 409, 503), summary="Read a layer")
async def read_layer(request: Request, id: str, layer: str, on: On) -> dict[str, Any]:
    """Its weights, and what it gives for the image, in figures and pictures."""
    return await asked(request, id, on, {"about": "layer", "layer": layer[: asking.NAME_LENGTH]})


@router.get(
    "/experiments/{id}/layers/{layer}/filters/{filter}", response=answers({200: FilterOut}, 409, 503), summary="What a filter looks for"
)
async def read_filter(request: Request, id: str, layer: str, filter: int, on: On) -> dict[str, Any]:
    """The picture that excites one filter of a layer the most, grown from noise; it takes seconds on a processor."""
    return await asked(request, id, on, {"about": "filter", "layer": layer[: asking.NAME_LENGTH], "filter": filter})


async def asked(request: Request, id: str, on: Watched, question: dict[str, Any]) -> dict[str, Any]:
    """The worker's answer."""
    experiment, picture = await sync_to_async(looked_up)(request, id, on)
    return await answered(str(experiment.folder), on.checkpoint, picture, question, raw=on.raw)


def looked_up(request: Request, id: str, on: Watched) -> tuple[Experiment, why_client.Picture]:
    """The network and the image."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    experiment = Experiment.objects.select_related("job", "version__dataset").get(pk=experiment.pk)
    if not has_model(experiment):
        raise ApiError(409, "no_model", f"{experiment.name} has no trained network yet; wait until its training has succeeded.")
    version = asking.version_of(request.actor, experiment, {"of": on.dataset, "version": on.version})
    return experiment, asking.picture(asking.shown(version, on.position))
