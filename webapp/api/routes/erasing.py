"""To erase an image for good: what that would do, the job that does it, and what was erased."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.erasing_schemas import ErasureAsked, ErasureList
from webapp.api.errors import ApiError
from webapp.api.lookups import NO_IMAGE, Position, image_at
from webapp.api.paging import Page, page_of
from webapp.api.schemas import Made, Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets.erasing import asking, beside, forgetting
from webapp.datasets.models import Dataset, DatasetVersion, Erasure
from webapp.datasets.queries import newest_version

router = Router()
ADDRESS = "/datasets/{id}/images/{position}/erasure"


@router.get(ADDRESS, response=answers({200: ErasureAsked}), summary="Ask what an erasure would do")
def look_at_erasure(request: Request, id: str, position: Position) -> dict[str, Any]:
    """Where the image is, what used it, and what may show the same and stays. Changes nothing."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    found = asking.look(version_with(dataset, position), position)
    told: dict[str, Any] = {"archives": [], "twins": [], "unchecked": []}
    if not found.is_erased:
        told["archives"] = [archive._asdict() for archive in beside.archives(dataset.team)]
        twins = beside.twins(found.places)
        told["twins"] = [{"dataset": twin.dataset.pk, "position": twin.position, "path": twin.path} for twin in twins]
        told["unchecked"] = beside.unchecked(found.places)
    return told | {
        "digest": found.digest,
        "erased": found.is_erased,
        "places": [forgetting.told(place) for place in found.places],
        "classifications": [kept._asdict() for kept in found.elsewhere if not kept.is_erased],
        "corrections": [row.draft.dataset.name for row in found.corrections],
        "saw": [use._asdict() for use in found.saw],
        "busy": found.busy.title if found.busy else None,
    }


def version_with(dataset: Dataset, position: int) -> DatasetVersion:
    """One that has the image in a split; else the newest, whose files know it all the same."""
    try:
        return image_at(dataset, position)[0]
    except ApiError:
        version = newest_version(dataset)
        if version is None:
            raise ApiError(404, "not_found", NO_IMAGE.format(position=position)) from None
        version.dataset = dataset
        return version


@router.post(ADDRESS, response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Erase an image for good")
def erase_image(request: Request, id: str, position: Position, body: Nothing | None = None) -> Status[Any]:
    """Queues the job, for owners alone: pixels are overwritten and names forgotten wherever the team has the image. It cannot be undone.

    One that waits or runs for the same image is given in its place. 409 where a job reads its dataset, and where it is erased already.
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    erasure = asking.ask(request.actor, version_with(dataset, position), position)
    return Status(202, {"id": erasure.id, "job": erasure.job_id})


@router.get("/datasets/{id}/erasures", response=answers({200: ErasureList}), summary="List erasures")
def list_erasures(request: Request, id: str, page: Query[Page]) -> dict[str, Any]:
    """Images that were erased from this dataset's pages or calls, newest first."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    rows, following = page_of(Erasure.objects.filter(dataset=dataset).select_related("job", "created_by"), page)
    return {"items": [shown(row) for row in rows], "next": following}


def shown(row: Erasure) -> dict[str, Any]:
    """As the API tells it."""
    return {
        "id": row.id,
        "digest": row.digest,
        "by": row.created_by.username if row.created_by else None,
        "state": row.job.state,
        "job": row.job_id,
        "asked_at": row.created_at,
        "places": row.places,
        "classifications": row.elsewhere,
        "saw": row.saw,
    }
