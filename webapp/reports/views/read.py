"""What members read: the list, one report, what moved in it, and the files behind its figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from webapp.accounts.actor import Actor, Request
from webapp.accounts.audit import record
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import is_opened, part_of
from webapp.core.pieces import FileInPieces, InPieces, sliced
from webapp.evaluations import replays, showing
from webapp.experiments import insights
from webapp.reports import actions, listing, manifest, outside, pdf, queries, replay, standalone
from webapp.reports.blocks import showing as showing_blocks
from webapp.reports.models import Comment, Report


@require_GET
@allowed("report.read")
def report_list(request: Request) -> HttpResponse:
    """The team's reports; with `cursor`, the rows after it."""
    wanted, cursor = listing.asked(request.GET), request.GET.get("cursor", "")
    rows, following = listing.page(request.actor.team, wanted, cursor)
    shown = {"rows": rows, "next": following, "asked": wanted, "sorts": listing.SORTS}
    if cursor and not is_opened(request):
        return render(request, "reports/_rows.html", shown)
    filters = listing.choices(request.actor.team) if rows or wanted.narrows else {}
    return render(request, "reports/list.html", shown | {"filters": filters})


@require_GET
@allowed("report.read")
def report_detail(request: Request, id: str) -> HttpResponse:
    """The report."""
    return page(request, get_for(request.actor, Report, id, "report.read"))


def page(request: Request, report: Report, status: int = 200, **more: Any) -> HttpResponse:
    """The report's page, with what came of a form."""
    evaluation = report.evaluation
    again: dict[str, Any] = {"commands": replay.commands(evaluation), "config": replay.config_json(evaluation)}
    again |= {"replays": replays.replays(evaluation.experiment), "snapshots": queries.snapshots(report)}
    own = evaluation.job_id == evaluation.experiment.job_id  # of others the curves say nothing
    ece = (evaluation.result or {}).get("ece")
    said = insights.told(evaluation.experiment, evaluation.counts, evaluation.split, ece=ece) if own else []
    file = {"file_bytes": standalone.about_bytes(report), "model_file": queries.model_file(report), "can_print": pdf.browser() is not None}
    live = parts(request.actor, report, request.GET.get("before", ""))
    blocks = {"blocks": showing_blocks.shown(report, showing_blocks.for_members(report), live["composed"])}
    shown = showing.context(evaluation) | outside.facts(report) | again | file | live | blocks | {"insights": said} | more
    shown.setdefault("typed", {"title": report.title, "notes": report.notes, "tags": ", ".join(shown["tags"])})
    return render(request, "reports/detail.html", shown, status=status)


def parts(actor: Actor, report: Report, before: str = "") -> dict[str, Any]:
    """What other people change while one looks: words, comments, links."""
    links, composed = queries.links(report), showing_blocks.blocks_of(report)
    return {
        "report": report,
        "composed": composed,
        "blocks_stamp": showing_blocks.stamp(composed),
        "notes": actions.html_of(report),
        "tags": queries.tags(report),
        **talk(actor, report, before),
        "links": links if actor.can("report.edit") else [],
        "is_shared": any(link.is_live for link in links),
        "opened": sum(link.opened for link in links),
        "days": actions.DAYS,
    }


def talk(actor: Actor, report: Report, before: str = "") -> dict[str, Any]:
    """A page of its comments: the newest, or those before one."""
    comments, earlier = queries.comments(report, before)
    return {"comments": [said(actor, comment) for comment in comments], "earlier": earlier, "before": before}


def said(actor: Actor, comment: Comment) -> dict[str, Any]:
    """A comment as the page shows it to that person."""
    return {
        "comment": comment,
        "text": actions.html_of(comment),
        "mine": comment.author_id == actor.user.pk and actor.can("report.comment"),
        "may_delete": actions.may_delete(actor, comment),
        "delete_url": reverse("reports:comment-delete", args=[comment.pk]),
    }


@require_GET
@allowed("report.read")
@part_of("reports:detail", without=("moves",))
def report_live(request: Request, id: str) -> HttpResponse:
    """What other people changed, when it moved beyond `moves`; nothing (204) else."""
    report = get_for(request.actor, Report, id, "report.read")
    if request.GET.get("moves") == str(report.moves):
        return HttpResponse(status=204)
    shown = parts(request.actor, report)
    shown["typed"] = {"title": report.title, "notes": report.notes, "tags": ", ".join(shown["tags"])}
    return HttpResponse(render_to_string("reports/_live.html", shown, request))


@require_GET
@allowed("report.read")
@part_of("reports:detail")
def comments_earlier(request: Request, id: str) -> HttpResponse:
    """The comments before one, for the head of the list."""
    report = get_for(request.actor, Report, id, "report.read")
    shown = talk(request.actor, report, request.GET.get("before", ""))
    return render(request, "reports/_earlier_comments.html", {"report": report, **shown})


@require_GET
@allowed("report.read")
def report_config(request: Request, id: str) -> HttpResponse:
    """config.json of the training."""
    report = get_for(request.actor, Report, id, "report.read")
    headers = {"Content-Disposition": 'attachment; filename="config.json"'}
    return HttpResponse(replay.config_json(report.evaluation), content_type="application/json", headers=headers)


@require_GET
@allowed("report.read")
def report_manifest(request: Request, id: str) -> HttpResponse:
    """manifest.json: what it was run with, and what it came to."""
    report = get_for(request.actor, Report, id, "report.read")
    headers = {"Content-Disposition": 'attachment; filename="manifest.json"'}
    return HttpResponse(manifest.written(report.evaluation), content_type="application/json", headers=headers)


@require_GET
@allowed("report.read")
def report_predictions(request: Request, id: str) -> FileInPieces:
    """Every prediction of the report's own evaluation, as CSV."""
    report = get_for(request.actor, Report, id, "report.read")
    path = report.evaluation.predictions_file
    file = opened(path)
    if path is None or file is None:
        raise Http404("There is no file of predictions for this report.")
    return FileInPieces(file, as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8")


def opened(path: Path | None) -> BinaryIO | None:
    """The file; a run that goes on or is removed may take it at any moment before it is open."""
    try:
        return path.open("rb") if path else None
    except FileNotFoundError:
        return None


@require_GET
@allowed("report.read")
def report_file(request: Request, id: str) -> InPieces:
    """The report as one HTML file."""
    return as_file(get_for(request.actor, Report, id, "report.read"), with_groups=True)


def as_file(report: Report, *, with_groups: bool) -> InPieces:
    """A download of the file that stands alone."""
    parts = standalone.standalone(report, with_groups=with_groups)
    headers = {
        "Content-Length": str(sum(map(len, parts))),
        "Content-Disposition": f'attachment; filename="{standalone.file_name(report)}"',
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return InPieces(sliced(parts), content_type="text/html; charset=utf-8", headers=headers)


def as_pdf(request: HttpRequest, report: Report, *, with_groups: bool, wait: float = pdf.WAIT_SECONDS) -> InPieces:
    """A download of the report on sheets. Raises NoPdf."""
    return sheets(request, pdf.file_name(report), lambda: pdf.printed(report, with_groups=with_groups, wait=wait))


def sheets(request: HttpRequest, name: str, printed: Callable[[], bytes]) -> InPieces:
    """A download of what is printed; a look at the headers alone prints nothing. Raises NoPdf."""
    pdf.found()
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store",
    }
    if request.method == "HEAD":
        return InPieces(iter(()), content_type="application/pdf", headers=headers)
    made = printed()
    return InPieces(sliced([made]), content_type="application/pdf", headers=headers | {"Content-Length": str(len(made))})


@require_GET
@allowed("model.download")
def report_model(request: Request, id: str) -> FileInPieces:
    """The trained weights that the report is about."""
    report = get_for(request.actor, Report, id, "model.download")
    answer = as_model(report)
    record(request.actor, "model.download", report)
    return answer


def as_model(report: Report) -> FileInPieces:
    """A download of the checkpoint."""
    path = queries.model_file(report)
    file = opened(path)
    if path is None or file is None:
        raise Http404("The checkpoint of this report is not kept.")
    name = standalone.file_name(report).removesuffix(".html") + path.suffix
    return FileInPieces(file, as_attachment=True, filename=name, content_type="application/octet-stream")
