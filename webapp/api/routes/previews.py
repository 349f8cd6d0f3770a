"""How an archive is understood, shown before it is imported (`look` of an upload), corrected and let in."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.preview_schemas import Decide, PreviewOut
from webapp.api.schemas import Made
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets import previews
from webapp.datasets.models import Dataset

router = Router()


@router.get("/datasets/{id}/preview", response=answers({200: PreviewOut}), summary="Read a preview")
def read_preview(request: Request, id: str) -> dict[str, Any]:
    """What the look at the archive found, while its import waits for a word."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    waiting = previews.is_waiting(dataset)
    told = {"id": dataset.id, "waiting": waiting, "job": dataset.job_id, "state": dataset.job.state}
    return told | {"found": dataset.inspection if waiting else None, "choose": dataset.options.get("choose", {})}


@router.post("/datasets/{id}/preview", response=answers({202: Made}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Decide on a preview")
def decide_preview(request: Request, id: str, body: Decide | None = None) -> Status[Any]:
    """Imports the archive as it is understood, or looks at it once more as corrected. 409 where none waits for a word."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    asked = body or Decide.model_validate({})
    choose = dataset.options.get("choose", {}) if asked.choose is None else asked.choose
    act = previews.take if asked.do == "import" else previews.look_again
    act(request.actor, dataset, choose, asked.group)
    dataset.refresh_from_db()
    return Status(202, {"id": dataset.id, "job": dataset.job_id})
