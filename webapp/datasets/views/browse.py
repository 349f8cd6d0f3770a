"""What is read: the list, a dataset's images and problems, and its import while it runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.models import Team
from webapp.accounts.permissions import allowed, get_for
from webapp.core.ids import is_id
from webapp.core.parts import part_of
from webapp.core.pieces import InPieces
from webapp.core.zones import zone_of
from webapp.datasets import charts, hooks, origins, packs, previews, queries
from webapp.datasets.addresses import thumb_url
from webapp.datasets.drafts import adding, reading
from webapp.datasets.forms import SEARCH_LENGTH, ReplaceForm
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.rules import rule_of, with_hints
from webapp.datasets.uploads import begin
from webapp.datasets.views import gallery, looking
from webapp.datasets.views.looking import Look
from webapp.jobs import queries as jobs
from webapp.jobs.logs import as_file
from webapp.jobs.models import Job, JobEvent, State

LIST_ROWS = 24
CARD_IMAGES = 6
PROBLEM_ROWS = 100
FIRST_PROBLEMS = 5
SHOWN_CLASSES = 5_000  # that a page names; with a hundred thousand it would have 50 MB


@require_safe
@allowed("dataset.read")
def dataset_list(request: Request) -> HttpResponse:
    """The team's datasets, newest first, or its archived ones; the same cards again when something moves."""
    asked = request.GET.get("before", "")
    before, archived = asked if is_id(asked) else "", request.GET.get("archived") == "1"
    found = queries.datasets(request.actor.team, before, LIST_ROWS + 1, archived=archived)
    context: dict[str, Any] = {
        "cards": cards(found[:LIST_ROWS]),
        "before": before,
        "older": found[LIST_ROWS - 1].id if len(found) > LIST_ROWS else "",
    }
    any_archived, unfinished = beside(request.actor.team)
    context |= {"archived": archived, "any_archived": archived or any_archived}
    context |= {"unfinished": unfinished if request.actor.can("dataset.edit") else 0}
    return render(request, "datasets/_cards.html" if request.htmx else "datasets/list.html", context)  # type: ignore[attr-defined]


def beside(team: Team) -> tuple[bool, int]:
    """What the list leads to: (whether the archive holds anything, how many uploads are unfinished), in one query."""
    count = begin.living_for(team).order_by().values("team").annotate(number=Count("pk")).values("number")
    found = Team.objects.filter(pk=team.pk).annotate(any_archived=Exists(queries.offered(team, archived=True)), unfinished=Subquery(count))
    row = found.values("any_archived", "unfinished").get()
    return row["any_archived"], row["unfinished"] or 0


def cards(found: list[Dataset]) -> list[dict[str, Any]]:
    """Each dataset with its version and some images over all classes, read from the pack's files."""
    versions = queries.versions_of(found)
    return [card(dataset, versions.get(dataset.id)) for dataset in found]


def card(dataset: Dataset, version: DatasetVersion | None) -> dict[str, Any]:
    images = packs.spread(version, CARD_IMAGES) if version else []
    return {
        "dataset": dataset,
        "version": version,
        "job": dataset.job,
        "thumbs": [thumb_url(version, image) for image in images if version],
    }


@require_safe
@allowed("dataset.read")
def detail(request: Request, id: str) -> HttpResponse:
    """The images; before there are any, the import."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", import_context(dataset))
    version = seen.version
    context = tab_context(dataset, version, "images", seen) | gallery.context(request, seen) | looking.labelling(seen)
    context |= {"chart": charts.images_by_class(version.classes), **gallery.choices(seen, context["wanted"])}
    context |= additions(seen)
    if not dataset.archived_at and not context["used_by"]:
        context["steps"] = hooks.steps(request.actor, version)
    return render(request, "datasets/detail.html", context)


def additions(seen: Look) -> dict[str, Any]:
    """What the form that adds images says of them, and what was uploaded for the draft and can still be changed or taken back."""
    if not seen.editable:
        return {}
    waiting = adding.waiting(seen.draft) if seen.draft and seen.draft.added else []
    return {"waiting_additions": waiting, "add_sides": adding.sides(seen.version), "exif_choices": reading.notes(seen.version.dataset)}


@require_safe
@allowed("dataset.read")
def problems(request: Request, id: str) -> HttpResponse:
    """Files that were left out and warnings, by rule."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    rule, after = request.GET.get("rule", "")[:40].replace("\0", ""), number(request.GET.get("after", ""))
    file = request.GET.get("q", "")[:SEARCH_LENGTH].replace("\0", "").strip()
    found = queries.problems(dataset, rule, after, PROBLEM_ROWS, file)
    rules = [(name, rule_of(name).words, count) for name, count in sorted(dataset.problem_rules.items(), key=lambda item: -item[1])]
    seen = looking.look(request, dataset)
    context = tab_context(dataset, seen.version if seen else None, "problems", seen)
    context |= {"problems": with_hints(found.rows), "rule": rule, "rules": rules, "q": file}
    context["next"], context["query"] = more_problems(dataset, rule, found.after, file), urlencode({"rule": rule, "q": file})
    return render(request, "datasets/_problem_rows.html" if request.htmx else "datasets/problems.html", context)  # type: ignore[attr-defined]


def more_problems(dataset: Dataset, rule: str, after: int | None, file: str = "") -> str:
    """The address of the rows after that one, or nothing at the end."""
    if after is None:
        return ""
    query = urlencode({"rule": rule, "q": file, "after": after})
    return f"{reverse('datasets:problems', args=[dataset.id])}?{query}"


def number(text: str) -> int:
    """A row's id from an address; what is none counts as the beginning."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0


@require_safe
@allowed("dataset.read")
@part_of("datasets:detail")
def status(request: Request, id: str) -> HttpResponse:
    """The import as it stands; once it has ended the page is loaded anew."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    if dataset.job.is_final or previews.is_waiting(dataset):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "datasets/_import.html", import_context(dataset))


@require_safe
@allowed("dataset.read")
@part_of("datasets:detail")
def line(request: Request, id: str) -> HttpResponse:
    """How far its look or its import is, in a line: for who has just uploaded several."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    context = {"dataset": dataset, "job": dataset.job, "waits": previews.is_waiting(dataset), "version": queries.newest_version(dataset)}
    return render(request, "datasets/_line.html", context)


@require_safe
@allowed("job.read")
def whole_log(request: Request, id: str) -> InPieces:
    """The whole log of the import as a file."""
    dataset = get_for(request.actor, Dataset, id, "job.read")
    return as_file(dataset.job, dataset.folder / "log.txt", zone_of(request))


def import_context(dataset: Dataset) -> dict[str, Any]:
    """What the import told last."""
    job = dataset.job
    running = job.state == State.RUNNING
    told = JobEvent.objects.filter(job=job, kind="progress").order_by("-seq").first() if running else None
    return {
        "dataset": dataset,
        "preview": previews.shown(dataset) if previews.is_waiting(dataset) else None,
        "job": job,
        "position": jobs.position(job),
        "starts": jobs.started_about(job) if job.state == State.QUEUED else None,
        "told": told.data if told else {},
        "stage": stage_of(job, told.data if told else {}),
        "problems": with_hints(queries.problems(dataset, limit=FIRST_PROBLEMS).rows),
        "replace_form": ReplaceForm(),
        "unfinished": begin.living_for(dataset.team, dataset) if job.is_final else (),
        "can_retry": job.is_final and origins.can_begin(dataset),
        "source": origins.words(dataset),
    }


def stage_of(job: Job, told: dict[str, Any]) -> str:
    """What it is at; how many of how many files stands beside it, and is not said twice."""
    return job.stage.partition(":")[0] if told.get("total") and told.get("unit") != "bytes" else job.stage


def tab_context(dataset: Dataset, version: DatasetVersion | None, tab: str, seen: Look | None = None) -> dict[str, Any]:
    """The head and the tabs, the same over each of them, and the bar of the draft."""
    return looking.bar(seen) | {
        "dataset": dataset,
        "version": version,
        "job": dataset.job,
        "tab": tab,
        "counts": queries.split_counts(version) if version else {},
        "used_by": hooks.users(dataset, with_trash=False),
    }
