"""Snapshots of a report: made, looked at, deleted, and their pictures and manifests."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets import packs
from webapp.datasets.views.media import safe_headers
from webapp.evaluations.models import Evaluation
from webapp.reports import pdf, standalone
from webapp.reports.actions.freezing import discard, freeze
from webapp.reports.models import Report, Snapshot
from webapp.reports.outside import image_at
from webapp.reports.views.read import sheets


@require_POST
@allowed("report.edit")
def snapshot_new(request: Request, id: str) -> HttpResponseBase:
    """Keep the report as it stands."""
    report = get_for(request.actor, Report, id, "report.edit")
    try:
        made = freeze(request.actor, report)
    except ConfigError as error:
        messages.error(request, f"{error.fields['snapshot']}.")
        return redirect(f"{reverse('reports:detail', args=[id])}#again")
    return redirect("reports:snapshot", made.id)


@require_safe
@allowed("report.read")
def snapshot(request: Request, id: str) -> HttpResponse:
    """The report as it stood."""
    found = get_for(request.actor, Snapshot, id, "report.read")
    shown = {"snapshot": found, "body": mark_safe(found.body), "manifest": written(found)}  # made by `freeze` from our own template
    shown |= {"can_print": pdf.browser() is not None}
    return render(request, "reports/snapshot.html", shown)


@require_POST
@allowed("report.edit")
def snapshot_delete(request: Request, id: str) -> HttpResponseBase:
    """Delete it for good."""
    found = get_for(request.actor, Snapshot, id, "report.edit")
    discard(request.actor, found)
    messages.success(request, "The snapshot is deleted.")
    return redirect(f"{reverse('reports:detail', args=[found.report_id])}#snapshots")


def written(found: Snapshot) -> str:
    """Its manifest as a file."""
    return json.dumps(found.manifest, indent=2, ensure_ascii=False) + "\n"


@require_safe
@allowed("report.read")
def snapshot_manifest(request: Request, id: str) -> HttpResponse:
    """manifest.json as it stood."""
    found = get_for(request.actor, Snapshot, id, "report.read")
    headers = {"Content-Disposition": 'attachment; filename="manifest.json"'}
    return HttpResponse(written(found), content_type="application/json", headers=headers)


@require_safe
@allowed("report.read")
def snapshot_pdf(request: Request, id: str) -> HttpResponseBase:
    """It on sheets, printed by this system's Chromium; where that does not go, the report's page and why."""
    found = get_for(request.actor, Snapshot, id, "report.read")
    name = f"{pdf.file_name(found.report).removesuffix('.pdf')}-{found.created_at:%Y-%m-%d}.pdf"
    try:
        return sheets(request, name, lambda: pdf.on_sheets(lambda: standalone.frozen(found)))
    except pdf.NoPdf as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('reports:detail', args=[found.report_id])}#snapshots")


@require_safe
@allowed("report.read")
def snapshot_image(request: Request, id: str, place: int) -> HttpResponse:
    """The thumbnail at that place of its mistakes; none of an image that was erased since."""
    evaluation = get_for(request.actor, Snapshot, id, "report.read").report.evaluation
    return thumbnail(evaluation, image_at(evaluation, place))


@require_safe
@allowed("report.read")
def snapshot_picture(request: Request, id: str, place: int) -> HttpResponse:
    """The same, of the images of its blocks."""
    found = get_for(request.actor, Snapshot, id, "report.read")
    return thumbnail(found.report.evaluation, found.pictures[place] if place < len(found.pictures) else None)


def thumbnail(evaluation: Evaluation, image: int | None) -> HttpResponse:
    """Http404 where there is none."""
    try:
        if image is None:
            raise packs.Missing
        data, media_type = packs.thumbnail(evaluation.version, image)
    except packs.Missing:
        raise Http404("There is no such picture in this snapshot any more.") from None
    return HttpResponse(data, content_type=media_type, headers=safe_headers())
