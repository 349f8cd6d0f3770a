"""The page of an evaluation's groups."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import showing
from webapp.evaluations.slices.showing import Asked


@require_safe
@allowed("report.read")
def groups(request: Request, id: str) -> HttpResponse:
    """How right it is on each group: `by` a column or what images are like, `and` another one at once, of the class `of` alone; with
    `group` the mistakes of that one."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if evaluation.result is None:
        return redirect("evaluations:detail", id)
    get = request.GET.get
    return render(
        request, "evaluations/slices.html", showing.context(evaluation, Asked(get("by", ""), get("and", ""), get("of", ""), get("group")))
    )
