"""The model card of a report: the page, its two files, and what the team says that the network is for; and the report as PDF."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.markdown import markdown
from webapp.datasets.cards import markdown as text
from webapp.datasets.cards.card import Card
from webapp.datasets.cards.html import standalone
from webapp.reports import actions, pdf
from webapp.reports.cards import UNSAID, card_of
from webapp.reports.models import Report
from webapp.reports.standalone import file_name
from webapp.reports.views.read import as_pdf


@require_safe
@allowed("report.read")
def card(request: Request, id: str) -> HttpResponse:
    """The page."""
    return shown(request, get_for(request.actor, Report, id, "report.read"))


@require_POST
@allowed("report.edit")
def intend(request: Request, id: str) -> HttpResponseBase:
    """Write what the network is for; one who saves after somebody else sees both."""
    report = get_for(request.actor, Report, id, "report.edit")
    typed = request.POST.get("intended", "")
    try:
        saved = actions.intend(request.actor, report, typed, request.POST.get("before"))
    except ConfigError as error:
        return shown(request, report, HTTPStatus.UNPROCESSABLE_ENTITY, wrong=error.fields, typed=typed, editing=True)
    if not saved:
        return shown(request, report, HTTPStatus.CONFLICT, typed=typed, editing=True, stale=True)
    messages.success(request, "Saved.")
    return redirect("reports:card", id)


def shown(request: Request, report: Report, status: int = 200, **more: object) -> HttpResponse:
    made = made_of(report)
    said = {"report": report, "card": made, "description": markdown(made.description), "unsaid": made.description == UNSAID}
    return render(request, "reports/card.html", said | more, status=status)


def made_of(report: Report) -> Card:
    """Http404 while there are no figures."""
    if report.evaluation.counts is None:
        raise Http404("This report has no figures yet.")
    return card_of(report)


@require_safe
@allowed("report.read")
def card_markdown(request: Request, id: str) -> HttpResponse:
    """For a repository beside the weights."""
    report = get_for(request.actor, Report, id, "report.read")
    return download(text.written(made_of(report)), f"model-card-{file_name(report)[:-5]}.md", "text/markdown")


@require_safe
@allowed("report.read")
def card_html(request: Request, id: str) -> HttpResponse:
    """One file that opens anywhere."""
    report = get_for(request.actor, Report, id, "report.read")
    return download(standalone(made_of(report)), f"model-card-{file_name(report)}", "text/html")


def download(content: str, name: str, kind: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(content, content_type=f"{kind}; charset=utf-8", headers=headers)


@require_safe
@allowed("report.read")
def report_pdf(request: Request, id: str) -> HttpResponseBase:
    """The report on sheets, printed by this system's Chromium; where that does not go, the page and why."""
    report = get_for(request.actor, Report, id, "report.read")
    try:
        return as_pdf(request, report, with_groups=True)
    except pdf.NoPdf as error:
        messages.error(request, error.message)
        return redirect("reports:detail", id)
