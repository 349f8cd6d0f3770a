"""The page of one image's explanation, which is a part of the image's page as well."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import is_opened
from webapp.evaluations.explain import asking, choices
from webapp.evaluations.explain.halves import halves
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import names_of


@require_GET
@allowed("report.read")
async def explain(request: Request, id: str, row: int) -> HttpResponse:
    """Opened, the page around it; asked for by a script, the pictures for the method, the class and the networks of the query."""
    if is_opened(request):
        return await sync_to_async(page)(request, id, row)
    try:
        asked = asking.asked_in(request.GET)
        evaluation, found, sides = await sync_to_async(looked_up)(request, id, row, asked)
        asked = asked._replace(label=choices.label_of(evaluation, asked.label))
    except InputError as error:
        return await sync_to_async(shown)(request, {"refused": error.message})
    answers = await asking.explained(found.picture, sides, asked)
    return await sync_to_async(told)(request, evaluation, found, sides, answers)


def evaluation_of(request: Request, id: str) -> Evaluation:
    """With what its page tells of it."""
    found = get_for(request.actor, Evaluation, id, "report.read")
    return Evaluation.objects.select_related("experiment", "version__dataset").get(pk=found.pk)


def looked_up(request: Request, id: str, row: int, asked: asking.Asked) -> tuple[Evaluation, asking.Row, list[asking.Side]]:
    """What the worker is shown, and which networks are asked."""
    evaluation = evaluation_of(request, id)
    return evaluation, asking.row_of(evaluation, row), asking.sides_of(request.actor, evaluation, asked)


def shown(request: Request, context: dict[str, Any]) -> HttpResponse:
    """The part."""
    return render(request, "evaluations/explain/_shown.html", context)


def told(
    request: Request, evaluation: Evaluation, row: asking.Row, sides: list[asking.Side], answers: list[dict[str, Any]]
) -> HttpResponse:
    """The part with a half for each network."""
    return shown(request, halves(sides, answers, names_of(evaluation), path=row.path, true=row.true))


def page(request: Request, id: str, row: int) -> HttpResponse:
    """The page by itself."""
    evaluation = evaluation_of(request, id)
    seen: dict[str, Any] = {"evaluation": evaluation, "experiment": evaluation.experiment, "version": evaluation.version, "row": row}
    count = len(evaluation.scored) if evaluation.scored is not None else 0
    seen |= {"before": row - 1 if row else None, "behind": row + 1 if row + 1 < count else None}
    try:
        found = asking.row_of(evaluation, row)
        names = names_of(evaluation)
        seen |= {"found": found, "true_name": names.get(found.true, found.true), "said_name": names.get(found.said, found.said)}
    except InputError as error:
        seen["refused"] = error.message
    return render(request, "evaluations/explain/page.html", seen)
