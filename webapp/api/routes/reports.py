"""Reports: listed, read, edited, and shared by link."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router, Status

from webapp.accounts.actor import Request
from webapp.accounts.permissions import get_for
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.idempotency import shown_once
from webapp.api.paging import Page, page_of
from webapp.api.report_schemas import LinkAsked, LinkOut, ReportDetail, ReportEdit, ReportList
from webapp.api.routes.evaluations import leaks_of, test_opened
from webapp.api.service import IDEMPOTENCY, answers
from webapp.evaluations import groups
from webapp.reports import actions, listing
from webapp.reports.models import Report, ShareLink

router = Router()
STALE = "Somebody else has saved this report since this edit began. Read it again, take over what you need, then send yours."


@router.get("/reports", response=answers({200: ReportList}), summary="List reports")
def list_reports(request: Request, page: Query[Page]) -> dict[str, Any]:
    """The team's reports, newest first."""
    request.actor.require("report.read")
    rows, following = page_of(listing.found(request.actor.team, listing.asked({})), page)
    return {"items": [shown(row) for row in listing.with_tags_and_links(rows)], "next": following}


def shown(row: listing.Row) -> dict[str, Any]:
    """A report as the list tells it."""
    report = row.report
    return {
        "id": report.id,
        "title": report.title,
        "tags": row.tags,
        "dataset": report.evaluation.version.dataset_id,
        "experiment": report.evaluation.experiment_id,
        "evaluation": report.evaluation_id,
        "model": report.model,
        "top1": report.top1,
        "author": report.created_by.username if report.created_by else None,
        "shared": row.is_shared,
        "opened": row.opened,
        "created_at": report.created_at,
    }


@router.get("/reports/{id}", response=answers({200: ReportDetail}), summary="Read a report")
def read_report(request: Request, id: str) -> dict[str, Any]:
    """Its words and its figures."""
    return detail(get_for(request.actor, Report, id, "report.read"))


def detail(report: Report) -> dict[str, Any]:
    """A report with its words and figures."""
    (row,) = listing.with_tags_and_links([report])
    words = {"notes": report.notes, "revision": report.revision, "test": report.evaluation.figures}
    words |= {"test_opened": test_opened(report.evaluation), "leaks": leaks_of(report.evaluation)}
    return shown(row) | words | {"groups": groups.told(report.evaluation)}


@router.patch("/reports/{id}", response=answers({200: ReportDetail}, 409), summary="Edit a report")
def edit_report(request: Request, id: str, body: ReportEdit) -> dict[str, Any]:
    """Changes what is given of title, notes and tags. With `revision`, 409 when somebody else has saved since."""
    report = get_for(request.actor, Report, id, "report.edit")
    kept = {"title": report.title, "notes": report.notes, "tags": [tag.name for tag in report.tags.all()]}
    given = body.model_dump(exclude_unset=True, exclude={"revision"})
    begun = report.revision if body.revision is None else body.revision  # what is kept was read at that revision
    edited = actions.edit(request.actor, report, **(kept | given), revision=begun)
    if edited.stale:
        raise ApiError(409, "stale", STALE)
    if edited.wrong:
        raise FieldErrors(edited.wrong)
    return detail(report)


@router.post("/reports/{id}/links", response=answers({201: LinkOut}, 400, 409), openapi_extra=IDEMPOTENCY, summary="Share a report by link")
def create_link(request: Request, id: str, body: LinkAsked) -> Status[Any]:
    """A link that shows the report without login until it ends. Its address is in this answer alone."""
    report = get_for(request.actor, Report, id, "report.edit")
    shown_once(request)
    link, code = actions.share(request.actor, report, body.days, with_model=body.with_model, with_groups=body.with_groups)
    url = request.build_absolute_uri(reverse("shared", args=[code]))
    told = {"id": link.id, "url": url, "expires_at": link.expires_at}
    return Status(201, told | {"with_model": link.with_model, "with_groups": link.with_groups})


@router.delete("/reports/{id}/links/{link}", response=answers({204: None}), summary="Revoke a link")
def revoke_link(request: Request, id: str, link: str) -> HttpResponse:
    """Ends it at once; again is no error."""
    report = get_for(request.actor, Report, id, "report.edit")
    found = get_for(request.actor, ShareLink, link, "report.edit")
    if found.report_id != report.id:
        raise ApiError(404, "not_found", "This report has no link of this id.")
    actions.revoke(request.actor, found)
    return HttpResponse(status=204)
