"""What belongs to the caller or to nobody: socket tickets, the catalogue of models."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status

from classifier.spec.catalogue import MODELS
from classifier.spec.local_weights import at_hand
from webapp.accounts.actions import issue_ticket
from webapp.accounts.actor import Request
from webapp.api.idempotency import shown_once
from webapp.api.schemas import ModelList, Nothing, TicketOut
from webapp.api.service import IDEMPOTENCY, answers

router = Router()


@router.post("/tickets", response=answers({201: TicketOut}, 400), openapi_extra=IDEMPOTENCY, summary="Get a socket ticket")
def create_ticket(request: Request, body: Nothing | None = None) -> Status[Any]:
    """Opens one socket within a minute; a read token may have it too."""
    request.actor.require("job.read")
    shown_once(request)
    return Status(201, {"ticket": issue_ticket(request.actor)})


@router.get("/models", response=answers({200: ModelList}), summary="List the models")
def list_models(request: Request) -> dict[str, Any]:
    """Every network that an experiment's `model` can name, with its published figures."""
    here = set(at_hand())
    return {"items": [entry._asdict() | {"here": entry.name in here} for entry in MODELS.values()]}
