"""The quality report of a dataset's newest version: asked for, looked at while it is made, and read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.quality import MOST_FINDINGS, PAIRED
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.refusals import refusals_told
from webapp.datasets import charts as class_charts
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality import actions, charts, fixing, queries, showing
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.quality_models import QualityCheck
from webapp.datasets.queries import newest_version
from webapp.datasets.views import fix, looking
from webapp.datasets.views.browse import import_context, number, tab_context
from webapp.datasets.views.gallery import class_choices
from webapp.jobs import queries as jobs
from webapp.jobs.models import State

ROWS = 40


@require_safe
@allowed("dataset.read")
def quality(request: Request, id: str) -> HttpResponse:
    """What the newest check found; with `kind`, the findings of one kind."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", import_context(dataset))
    version = seen.newest
    newest = queries.newest(version)
    done = newest if newest and newest.job.state == State.SUCCEEDED else newest and queries.newest_done(version)
    kind = request.GET.get("kind", "")
    if done is not None and kind in KIND_WORDS:
        return findings(request, seen, done, kind)
    if done is not None and "means" in request.GET and request.htmx:  # type: ignore[attr-defined]
        return render(request, "datasets/_means.html", showing.means(version, done, number(request.GET["means"])))
    context = tab_context(dataset, version, "quality", seen) | running_context(newest)
    context |= {"check": done, "found": queries.total(done)}
    context |= unchecked_context(version) if done is None else report_context(version, done)
    return render(request, "datasets/quality.html", context)


def unchecked_context(version: DatasetVersion) -> dict[str, Any]:
    """What is known of a version that nobody has checked: leaks, and what was found in an earlier one."""
    earlier = queries.newest_earlier(version)
    return {"known": queries.leaking(version), "earlier": earlier, "found_earlier": queries.total(earlier)}


def report_context(version: DatasetVersion, check: QualityCheck) -> dict[str, Any]:
    """All that the report's page shows."""
    return {
        "cards": showing.cards(version, check),
        "clean": showing.clean(check),
        "leaking": showing.leaking(version, check),
        "shortcuts": showing.shortcuts(check),
        "uneven": showing.uneven(version, check),
        "judged": showing.judged(check),
        "unlabelled": check.facts.get("unlabelled", 0),
        **showing.means(version, check),
        "spreads": charts.spreads(check.facts.get("distributions", {})),
        "chart": class_charts.images_by_class(version.classes),
    }


def running_context(newest: QualityCheck | None) -> dict[str, Any]:
    """The newest check while it is no report: how far it is, or why it failed."""
    if newest is None or newest.job.state == State.SUCCEEDED:
        return {"job_of_check": None}
    job = newest.job
    waiting = {"position": jobs.position(job), "starts": jobs.started_about(job) if job.state == State.QUEUED else None}
    return {"job_of_check": job, **waiting}


def findings(request: Request, seen: looking.Look, check: QualityCheck, kind: str) -> HttpResponse:
    """Findings of one kind, the worst first; of one class where `label` says so, after the rank `after`; with `open` those alone of
    which the draft says nothing."""
    version, label = seen.newest, request.GET.get("label", "")
    wanted = number(label) if label.isdecimal() and number(label) < len(version.classes) else None
    asked = request.GET.get("after", "")
    still_open = request.GET.get("open") == "1"
    untouched_by = seen.draft if still_open else None
    found = queries.findings(check, kind, wanted, number(asked) if asked else -1, ROWS + 1, untouched_by)
    following = ""
    if len(found) > ROWS:
        kept = {"kind": kind, "label": "" if wanted is None else wanted, "open": int(still_open), "after": found[ROWS - 1].rank}
        following = f"{reverse('datasets:quality', args=[version.dataset_id])}?{urlencode(kept)}"
    context = tab_context(version.dataset, version, "quality", seen) | fix.of_rows(seen, check, kind)
    context |= {
        "all_at_once": kind in fixing.ALL_AT_ONCE,
        "words": KIND_WORDS[kind],
        "count": check.counts.get(kind, 0),
        "paired": kind in PAIRED,
        "most": MOST_FINDINGS,
        "part": showing.judged(check).part if kind == "label" else "",
    }
    rows = showing.rows(version, found[:ROWS], seen.draft if context["fits"] else None)
    context |= {"rows": rows, "next": following, "after": asked, "label": wanted, "still_open": still_open}
    context["offered"] = class_choices(version, wanted)
    template = "datasets/_findings.html" if request.htmx else "datasets/findings.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_safe
@allowed("dataset.read")
@part_of("datasets:quality")
def status(request: Request, id: str) -> HttpResponse:
    """How far the check is; once it has ended the page is loaded anew."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    version = newest_version(dataset)
    context = running_context(queries.newest(version) if version else None)
    job = context["job_of_check"]
    if job is None or job.is_final:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "datasets/_checking.html", {"dataset": dataset, **context})


@require_POST
@allowed("dataset.edit")
def check(request: Request, id: str) -> HttpResponse:
    """Queue a check of the newest version."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    version = newest_version(dataset)
    if version is None:
        messages.error(request, f"{dataset.name} has no images yet; wait for its import.")
        return HttpResponseRedirect(reverse("datasets:detail", args=[id]))
    with refusals_told(request):
        actions.start(request.actor, version)
    return HttpResponseRedirect(reverse("datasets:quality", args=[id]))
