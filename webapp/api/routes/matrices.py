"""Single predictions of an evaluation, its confusion matrix, and trainings that are done again on what the dataset has become."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.images import cell
from webapp.api.lines import plain_json
from webapp.api.matrix_schemas import AgainOut, AgainState, MatrixOut, PredictionFilters, PredictionList
from webapp.api.paging import cursor_behind, number_in
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets import packs
from webapp.datasets.views import looking
from webapp.evaluations.again import comparing
from webapp.evaluations.images.listing import Unscored, listing
from webapp.evaluations.images.showing import Told, tiles
from webapp.evaluations.images.wanted import Wanted
from webapp.evaluations.matrix import showing
from webapp.evaluations.matrix.orders import matrix_of
from webapp.evaluations.models import Evaluation
from webapp.experiments import again
from webapp.experiments.models import Experiment

router = Router()
UNDONE = "This evaluation is not done yet; follow its job."
UNSCORED = "The single predictions of this evaluation are not kept; evaluate the checkpoint again."


@router.get("/evaluations/{id}/images", response=answers({200: PredictionList}, 409), summary="List what was said of single images")
def list_predictions(request: Request, id: str, filters: Query[PredictionFilters]) -> HttpResponse:
    """Images that match, in an order. `POST /datasets/{dataset}/draft/changes` relabels them or takes them out, by their `position`."""
    told = done(get_for(request.actor, Evaluation, id, "report.read"))
    try:
        found = listing(told.evaluation, wanted(filters, told), to_the_end=True)
        place = number_in(filters.cursor) if filters.cursor else 0
        shown = tiles(told, looking.look(request, told.version.dataset), found.part(place, filters.limit))
    except Unscored:
        raise ApiError(409, "no_predictions", UNSCORED) from None
    except packs.Missing:
        raise Http404("The images of this dataset are not on this server.") from None
    behind = place + filters.limit
    following = cursor_behind(behind) if behind < len(found) else None
    return plain_json({"total": len(found), "items": [item(tile) for tile in shown], "next": following})


def done(evaluation: Evaluation) -> Told:
    """409 before there is a result."""
    if evaluation.result is None:
        raise ApiError(409, "not_ready", UNDONE)
    return Told(evaluation)


def wanted(filters: PredictionFilters, told: Told) -> Wanted:
    """The filters by number. FieldErrors for a class or a column that there is not."""
    numbers = {label: number for number, label in enumerate(told.labels)}
    chosen: dict[str, tuple[int, ...]] = {}
    for name, labels in (("true", filters.true), ("said", filters.said)):
        if unknown := [label for label in labels if label not in numbers]:
            raise FieldErrors({name: f"names no class of this evaluation: {unknown[0][:60]!r}"})
        chosen[name] = tuple(sorted({numbers[label] for label in labels}))
    cells = tuple(dict(cell(text, told.version) for text in filters.where).items())
    return Wanted(**chosen, right=filters.right, each=filters.each or 0, search=filters.q.strip(), cells=cells, sort=filters.sort)


def item(tile: dict[str, Any]) -> dict[str, Any]:
    """One prediction as the API tells it."""
    return {
        "row": tile["row"],
        "position": tile["at"] if tile["at"] >= 0 else None,
        "path": tile["path"],
        "label": tile["true_label"],
        "predicted": tile["said_label"],
        **{name: tile[name] for name in ("probability", "margin", "loss")},
        "best": [{"label": one["label"], "probability": one["share"]} for one in tile["best"]],
        "now": tile.get("was", ""),
    }


@router.get("/evaluations/{id}/matrix", response=answers({200: MatrixOut}, 409), summary="Read the confusion matrix")
def read_matrix(request: Request, id: str) -> HttpResponse:
    """Its cells that are not zero, and the orders in which classes that belong together stand together."""
    told = done(get_for(request.actor, Evaluation, id, "report.read"))
    return plain_json(showing.drawn(told, matrix_of(told.evaluation, told.names)))


@router.post("/experiments/{id}/again", response=answers({202: AgainOut}, 409), openapi_extra=IDEMPOTENCY, summary="Train again")
def train_again(request: Request, id: str) -> Status[Any]:
    """Queues the same training on the dataset as it is now. Where its draft has changes that is sealed first, and the training begins then.

    409 where nothing has changed since.
    """
    begun = again.ask(request.actor, get_for(request.actor, Experiment, id, "experiment.create"))
    return Status(202, {"experiment": begun.experiment and begun.experiment.pk, "job": begun.job.pk})


@router.get("/experiments/{id}/again", response=answers({200: AgainState}), summary="Compare a training with the one it repeats")
def read_again(request: Request, id: str) -> dict[str, Any]:
    """What changed for the test images of both; nothing is measured again for it."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    found = comparing.of(experiment)
    return {"of": experiment.again_of_id, "compared": comparing.told(found) if found else None}
