"""A report's model card, the manifest of its run, and its snapshots."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError
from webapp.api.kept_schemas import CardOut, Intended, SnapshotList, SnapshotOut
from webapp.api.schemas import Nothing
from webapp.api.service import IDEMPOTENCY, answers
from webapp.datasets.cards import markdown
from webapp.reports import actions
from webapp.reports.actions.freezing import discard, freeze
from webapp.reports.cards import card_of
from webapp.reports.manifest import manifest
from webapp.reports.models import Report, Snapshot

router = Router()


@router.get("/reports/{id}/card", response=answers({200: CardOut}, 409), summary="Model card of a report")
def read_card(request: Request, id: str) -> dict[str, Any]:
    """What the network is, for what, on which data, how right it is and for whom, and its limits; 409 while there are no figures."""
    report = get_for(request.actor, Report, id, "report.read")
    if report.evaluation.counts is None:
        raise ApiError(409, "not_ready", "This report has no figures yet.")
    card = card_of(report)
    sections = [section._asdict() | {"tables": [table._asdict() for table in section.tables]} for section in card.sections]
    told = {"title": card.title, "intended": report.intended, "licence": card.licence, "sections": sections}
    return told | {"markdown": markdown.written(card)}


@router.patch("/reports/{id}/card", response=answers({200: CardOut}, 409), summary="Say what a network is for")
def intend(request: Request, id: str, body: Intended) -> dict[str, Any]:
    """Writes the card's words about its intended use."""
    report = get_for(request.actor, Report, id, "report.edit")
    actions.intend(request.actor, report, body.intended)
    return read_card(request, id)


@router.get("/reports/{id}/manifest", response=answers({200: dict[str, Any]}), summary="Manifest of the run of a report")
def read_manifest(request: Request, id: str) -> dict[str, Any]:
    """Code version, data, configuration, seed, versions, device, speed, figures and hashes."""
    return manifest(get_for(request.actor, Report, id, "report.read").evaluation)


@router.get("/reports/{id}/snapshots", response=answers({200: SnapshotList}), summary="Snapshots of a report")
def list_snapshots(request: Request, id: str) -> dict[str, Any]:
    """As it stood, with the manifest of that day."""
    report = get_for(request.actor, Report, id, "report.read")
    rows = Snapshot.objects.filter(report=report).select_related("created_by").defer("body").order_by("-id")
    return {"items": [shown(row) for row in rows]}


@router.post("/reports/{id}/snapshots", response=answers({201: SnapshotOut}, 400), openapi_extra=IDEMPOTENCY, summary="Freeze a report")
def create_snapshot(request: Request, id: str, body: Nothing | None = None) -> Status[Any]:
    """Keeps it as it stands; where that was frozen already, gives that one."""
    return Status(201, shown(freeze(request.actor, get_for(request.actor, Report, id, "report.edit"))))


@router.delete("/reports/{id}/snapshots/{snapshot}", response=answers({204: None}), summary="Delete a snapshot")
def delete_snapshot(request: Request, id: str, snapshot: str) -> HttpResponse:
    """Deletes it for good."""
    report, found = get_for(request.actor, Report, id, "report.edit"), get_for(request.actor, Snapshot, snapshot, "report.edit")
    if found.report_id != report.pk:
        raise ApiError(404, "not_found", "This report has no snapshot of this id.")
    discard(request.actor, found)
    return HttpResponse(status=204)


def shown(row: Snapshot) -> dict[str, Any]:
    author = row.created_by.username if row.created_by else None
    of = {"id": row.pk, "title": row.title, "created_at": row.created_at, "author": author}
    return of | {"sha256": row.digest, "manifest": row.manifest}
