"""Which validation images excite the filters of a network the most."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.explaining_schemas import FilterImagesOut
from webapp.api.fields import Text
from webapp.api.routes.slices import of_study
from webapp.api.schemas import Given, Made
from webapp.api.service import IDEMPOTENCY, answers
from webapp.api.slice_schemas import StudyOut
from webapp.evaluations.exciting import reading
from webapp.evaluations.studies import actions
from webapp.experiments.layers.asking import NAME_LENGTH
from webapp.experiments.models import Experiment

router = Router()
CHECKPOINT = "best, last or an epoch's number."
RAW = "The weights themselves, where the checkpoint keeps an average of them."


class Network(Schema):
    """Whose filters."""

    checkpoint: Annotated[Text, Field(max_length=20)] = Field("best", description=CHECKPOINT)
    raw: bool = Field(False, description=RAW)


class NetworkIn(Given):
    """Whose filters."""

    checkpoint: Annotated[Text, Field(max_length=20)] = Field("best", description=CHECKPOINT)
    raw: bool = Field(False, description=RAW)


Of = Annotated[Network, Query()]


@router.post("/experiments/{id}/filters", response=answers({202: Made}, 409), openapi_extra=IDEMPOTENCY, summary="Look at the filters")
def create_filters(request: Request, id: str, body: NetworkIn | None = None) -> Status[Any]:
    """Queues a look at the validation images, by which all filters of a checkpoint are known; one that goes on is given instead."""
    experiment, of = get_for(request.actor, Experiment, id, "experiment.create"), body or NetworkIn(checkpoint="best", raw=False)
    made = actions.look_at_filters(request.actor, experiment, of.checkpoint, raw=of.raw)
    return Status(202, {"id": made.pk, "job": made.job_id})


@router.get("/experiments/{id}/filters", response=answers({200: StudyOut}), summary="Read how far that look is")
def read_filters(request: Request, id: str, of: Of) -> dict[str, Any]:
    """The newest one at that checkpoint; all null before the first."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    study = reading.newest(experiment, of.checkpoint, raw=of.raw)
    return of_study(study, study.result if study else None)


@router.get(
    "/experiments/{id}/layers/{layer}/filters/{filter}/images",
    response=answers({200: FilterImagesOut}, 409),
    summary="Which images excite a filter",
)
def read_filter_images(request: Request, id: str, layer: str, filter: int, of: Of) -> dict[str, Any]:
    """The nine validation images that excite it the most, and where. 409 until the images were looked at for this very network."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    study = reading.looked(experiment, of.checkpoint, raw=of.raw)
    if study is None:
        raise ApiError(409, "not_looked", f"Nobody has looked yet; ask for it by POST /experiments/{id}/filters.")
    found, result = reading.of_filter(study, layer[:NAME_LENGTH], filter), study.result or {}
    about = {name: result[name] for name in ("split", "images", "of", "epoch")}
    about |= {"layer": found.layer["name"], "filter": filter, "grid": found.layer["grid"], "mean": found.mean, "same": found.same}
    return about | {"best": [tile | {"image": tile["link"]} for tile in found.tiles]}
