"""Pages of reports: the list, one report, its notes, and the files behind its figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.ids import is_id
from webapp.evaluations import showing
from webapp.experiments.live import half_width
from webapp.reports import actions, replay
from webapp.reports.models import Report

PAGE = 40


@require_GET
@allowed("report.read")
def report_list(request: Request) -> HttpResponse:
    """Every report of the team, newest first."""
    asked = request.GET.get("after", "")
    after = asked if is_id(asked) else ""
    reports = Report.objects.filter(team=request.actor.team).select_related("evaluation__experiment", "evaluation__version__dataset")
    found = list((reports.filter(id__lt=after) if after else reports).order_by("-id").defer("evaluation__mistakes")[: PAGE + 1])
    shown = {"rows": [row(report) for report in found[:PAGE]], "next": found[PAGE - 1].id if len(found) > PAGE else ""}
    return render(request, "reports/_rows.html" if after else "reports/list.html", shown)


def row(report: Report) -> dict[str, Any]:
    """One line of the list."""
    result = report.evaluation.result or {}
    return {
        "report": report,
        "evaluation": report.evaluation,
        "result": result,
        "interval": half_width(result.get("top1"), result.get("n", 0)),
    }


@require_GET
@allowed("report.read")
def report_detail(request: Request, id: str) -> HttpResponse:
    """The report."""
    report = get_for(request.actor, Report, id, "report.read")
    return page(request, report)


def page(request: Request, report: Report, wrong: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    """The report's page, with what is wrong in its notes' form."""
    evaluation = report.evaluation
    again = {"commands": replay.commands(evaluation), "config": replay.config_json(evaluation)}
    shown = showing.context(evaluation) | again | {"report": report, "field_errors": wrong or {}}
    return render(request, "reports/detail.html", shown, status=status)


@require_POST
@allowed("report.edit")
def report_edit(request: Request, id: str) -> HttpResponseBase:
    """Write its title and notes."""
    report = get_for(request.actor, Report, id, "report.edit")
    wrong = actions.edit(request.actor, report, title=request.POST.get("title", ""), notes=request.POST.get("notes", ""))
    if wrong:
        return page(request, report, wrong, status=422)
    messages.success(request, "Saved.")
    return redirect("reports:detail", id)


@require_GET
@allowed("report.read")
def report_config(request: Request, id: str) -> HttpResponse:
    """config.json of the training."""
    report = get_for(request.actor, Report, id, "report.read")
    headers = {"Content-Disposition": 'attachment; filename="config.json"'}
    return HttpResponse(replay.config_json(report.evaluation), content_type="application/json", headers=headers)


@require_GET
@allowed("report.read")
def report_predictions(request: Request, id: str) -> FileResponse:
    """Every prediction of the report's own evaluation, as CSV."""
    report = get_for(request.actor, Report, id, "report.read")
    path = report.evaluation.predictions_file
    if path is None:
        raise Http404("There is no file of predictions for this report.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8")
