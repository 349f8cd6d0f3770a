"""A click on a finding: one edit of the draft. A script gets the finding as it stands then, and others of the page with its images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from classifier.spec.errors import InputError
from classifier.spec.quality import MOST_FINDINGS
from webapp.accounts.actor import Actor, Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.ids import is_id
from webapp.datasets.models import Dataset, Edit
from webapp.datasets.quality import fixing, showing
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.datasets.views import drafting, looking

GONE = "This finding is not there any more: the dataset was checked again."
MOST_BESIDE = 200  # other findings of the page that are drawn again


@require_POST
@allowed("dataset.edit")
def fix(request: Request, id: str) -> HttpResponse:
    """What some findings ask for, or what the draft says of them taken back; `rank` names them, `all` means every one of the kind."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    post = request.POST
    asked = post.get("check", "") if is_id(post.get("check", "")) else ""
    found = QualityCheck.objects.select_related("version").filter(pk=asked, version__dataset=dataset).first()
    kind = post.get("kind", "")
    if found is None or kind not in KIND_WORDS:
        messages.error(request, GONE)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return HttpResponseRedirect(reverse("datasets:quality", args=[id]))
    found.version.dataset = dataset
    ranks = None if post.get("all") else numbers(post.getlist("rank"), MOST_FINDINGS)
    do = post.get("do", fixing.OUT)

    def click(actor: Actor) -> Edit:
        if do == fixing.UNDO and ranks:
            return fixing.undo(actor, found, kind, ranks[0])
        return fixing.fix(actor, found, kind, do, ranks)

    if request.htmx and ranks:  # type: ignore[attr-defined]
        return in_place(request, found, kind, [ranks[0], *numbers(post.get("also", "").split(","), MOST_BESIDE)], click)
    return drafting.edited(request, dataset, click, undone=do == fixing.UNDO)


def numbers(texts: list[str], most: int) -> list[int]:
    """Ranks; what is none is left out."""
    return [int(text) for text in texts[:most] if text.isascii() and text.isdecimal() and len(text) < 10]


def in_place(request: Request, check: QualityCheck, kind: str, ranks: list[int], click: Callable[[Actor], Edit]) -> HttpResponse:
    """Does it, and gives the first of these findings as it stands then, or why not; the others and the draft's bar stand aside."""
    trouble = ""
    try:
        click(request.actor)
    except InputError as error:
        trouble = error.message
    seen = looking.look(request, check.version.dataset)
    by_rank = {finding.rank: finding for finding in Finding.objects.filter(of=check, kind=kind, rank__in=ranks)}
    found = [by_rank[rank] for rank in dict.fromkeys(ranks) if rank in by_rank]
    if seen is None or not found or found[0].rank != ranks[0]:
        messages.error(request, GONE)
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context = looking.bar(seen) | of_rows(seen, check, kind)
    rows = showing.rows(check.version, found, seen.draft if context["fits"] else None)
    return render(request, "datasets/_finding_changed.html", context | {"rows": rows, "trouble": trouble})


def of_rows(seen: looking.Look, check: QualityCheck, kind: str) -> dict[str, Any]:
    """What each finding of a list needs: whether a click would be about the images that it shows."""
    version = seen.newest
    fits = version.pk == check.version_id and (seen.draft is None or seen.draft.base_id == version.pk)
    about = {"dataset": version.dataset, "version": version, "tab": "quality", "check": check, "kind": kind}
    return about | {"fits": fits, "fixable": seen.editable and fits}
