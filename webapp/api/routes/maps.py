"""Maps of an evaluation's images: asked for, read, and the training images nearest to one."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Router, Status
from pydantic import Field

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.map_schemas import MapOut, Method, NearestOut
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.evaluations.models import Evaluation
from webapp.evaluations.space import actions, reading

router = Router()
Limit = Annotated[int, Field(ge=1, le=reading.MOST_TILES)]
NO_MAP = "The training images were not looked at yet; POST /evaluations/{id}/map asks for it."
NO_PLACE = "This evaluation has no row {row} with a place on the map: there are fewer rows, or its image was erased or not read."
NOTHING: dict[str, Any] = {"method": None, "methods": [], "images": 0, "parts": [], "points": None}


@router.post("/evaluations/{id}/map", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Ask for a map")
def start_map(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Queues a look at every training and validation image; one that waits or runs already is given in its place."""
    made = actions.start(request.actor, get_for(request.actor, Evaluation, id, "experiment.create"))
    return Status(202, {"id": made.id, "job": made.job_id})


@router.get("/evaluations/{id}/map", response=answers({200: MapOut}), summary="Read a map")
def read_map(request: Request, id: str, method: Method | None = None) -> dict[str, Any]:
    """Where images lie in the network's own space, in the plane. Before the training images were looked at, those that were evaluated."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    newest, source = reading.newest(evaluation), reading.source_of(evaluation)
    told = {"job": newest.job_id if newest else None, "state": newest.job.state if newest else None, "classes": evaluation.classes}
    if source is None:
        return told | NOTHING | {"whole": False}
    drawn = reading.drawn(evaluation, source, method if method in source.methods else source.methods[-1])
    drawn["row"] = source.found.points["row"][drawn["point"]].tolist()
    columns = ("x", "y", "position", "row", "part", "label", "predicted", "sure")
    return told | {
        "whole": source.map is not None,
        "methods": list(source.methods),
        "points": {name: drawn[name] for name in columns},
        **{name: drawn[name] for name in ("method", "images", "parts")},
    }


@router.get("/evaluations/{id}/images/{row}/nearest", response=answers({200: NearestOut}, 409), summary="Nearest training images")
def read_nearest(request: Request, id: str, row: int, limit: Limit = reading.NEAREST) -> dict[str, Any]:
    """The training images that the network takes for most alike with the image of a row of the predictions. 409 while there is no map."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    source = reading.source_of(evaluation)
    if source is None or source.map is None:
        raise ApiError(409, "no_map", NO_MAP.format(id=id))
    number = reading.point_of_row(source.found, row)
    if number is None:
        raise ApiError(404, "not_found", NO_PLACE.format(row=row))
    near = reading.nearest(evaluation, source, number, limit)
    return {"of": source.found.learnt, "nearest": [shown(one) for one in near]}


def shown(near: reading.Neighbour) -> dict[str, Any]:
    """One of them."""
    return {"position": near.tile["position"], "path": near.tile["path"], "label": near.tile["true"], "likeness": near.likeness}
