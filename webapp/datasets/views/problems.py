"""To leave the problems of an import as they are, to take that back, and to take their list along."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.metrics.predictions import quoted
from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.pieces import InPieces, csv_lines
from webapp.core.returning import back
from webapp.datasets import leaving, queries
from webapp.datasets.models import Dataset, Problem
from webapp.datasets.rules import rule_of

COLUMNS = ["file", "rule", "taken", "message", "hint"]
CSV_ROWS = 1000  # read at a time


@require_POST
@allowed("dataset.edit")
def leave(request: Request, id: str) -> HttpResponse:
    """Nobody of the team is reminded of them any more; back to where the button was."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    try:
        leaving.leave(request.actor, dataset)
    except InputError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, f"{dataset.name} is left as it is. Its page says so, and can bring the reminder back.")
    return HttpResponseRedirect(back(request, reverse("datasets:problems", args=[id])))


@require_POST
@allowed("dataset.edit")
def recall(request: Request, id: str) -> HttpResponse:
    """The problems stand on Home again."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    leaving.recall(request.actor, dataset)
    messages.success(request, f"The problems of {dataset.name} need somebody again.")
    return HttpResponseRedirect(back(request, reverse("datasets:problems", args=[id])))


@require_safe
@allowed("dataset.read")
def as_csv(request: Request, id: str) -> InPieces:
    """Every problem that the page shows with the same filter, with its rule and what to do about it."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    rule, file = (request.GET.get(name, "")[:200].replace("\0", "").strip() for name in ("rule", "q"))
    answer = InPieces(rows(dataset, rule, file), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return answer


def rows(dataset: Dataset, rule: str, file: str) -> Iterator[bytes]:
    """The file, so many rows at a time, read by key."""
    yield csv_lines([COLUMNS])
    after: int | None = 0
    while after is not None:
        found, after = queries.problems(dataset, rule, after, CSV_ROWS, file)
        yield csv_lines([cells(problem) for problem in found])


def cells(problem: Problem) -> list[str]:
    """A problem's cells; none of them starts like a formula."""
    said = "taken" if problem.taken else "left out"
    return [quoted(cell) for cell in (problem.file, problem.rule, said, problem.message, rule_of(problem.rule).hint)]
