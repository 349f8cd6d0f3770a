"""Pages of a classification: watched, read, taken along, asked again; and the team's history of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError, InputError
from classifier.spec.explaining import DEFAULT, METHODS
from classifier.spec.packfile import ERASED
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core import paging
from webapp.core.parts import is_opened, part_of
from webapp.core.pieces import InPieces
from webapp.core.returning import say
from webapp.datasets import packs
from webapp.datasets.views.media import MOST_IMAGES, safe_headers
from webapp.jobs import queries as jobs
from webapp.jobs.models import JobEvent, State
from webapp.predictions import removing
from webapp.predictions.many import asking, beside, correcting, reading
from webapp.predictions.many.choosing import DOUBT, choices, others, place_of, wanted_of
from webapp.predictions.many.reading import Wanted
from webapp.predictions.models import Classification

HISTORY_PAGE = 40
NEWEST = paging.Sort("Newest", F("id"), True, paging.is_text)
LONGEST_NETWORK = 120


@require_safe
@allowed("experiment.read")
def history(request: Request) -> HttpResponse:
    """What the team had classified, the newest first; by one network alone."""
    network, cursor = request.GET.get("network", "")[:LONGEST_NETWORK].replace("\0", ""), request.GET.get("cursor", "")
    shown, following = paging.page_of(reading.history(request.actor.team, network), NEWEST, cursor, HISTORY_PAGE)
    context = {"rows": shown, "next": following, "network": network, "query": urlencode({"network": network}) if network else ""}
    if cursor and not is_opened(request):
        return render(request, "predictions/_history_rows.html", context)
    return render(request, "predictions/history.html", context | {"networks": reading.networks(request.actor.team)})


@require_safe
@allowed("experiment.read")
def detail(request: Request, id: str) -> HttpResponse:
    """One classification: under way, ended badly, or what was said."""
    found = get_for(request.actor, Classification, id, "experiment.read")
    context = {"c": found, "job": found.job, "network_words": reading.network_words(found)}
    context |= {"threshold_url": reading.threshold_page(found)}
    if not found.is_done:
        return render(request, "predictions/waiting.html", context | progress(found) | choices(request, found.network))
    context |= others(request, found.network) | correcting.offered(request, found)
    try:
        context |= rows_context(found, wanted_of(request), place_of(request))
    except InputError as error:
        return render(request, "predictions/detail.html", context | {"trouble": error.message})
    counted = reading.counted(found)
    return render(request, "predictions/detail.html", context | {"counted": counted, "never": len(found.classes) - len(counted)})


@require_safe
@allowed("experiment.read")
@part_of("predictions:detail")
def rows(request: Request, id: str) -> HttpResponse:
    """The rows behind a place."""
    found = done(request, id)
    try:
        context = {"c": found} | correcting.offered(request, found) | rows_context(found, wanted_of(request), place_of(request))
    except InputError as error:
        raise Http404(error.message) from None
    return render(request, "predictions/_rows.html", context)


@require_safe
@allowed("experiment.read")
@part_of("predictions:detail")
def status(request: Request, id: str) -> HttpResponse:
    """How far it is; once it has ended the page is loaded anew."""
    found = get_for(request.actor, Classification, id, "experiment.read")
    if found.job.is_final:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "predictions/_progress.html", {"c": found, "job": found.job} | progress(found))


@require_safe
@allowed("experiment.read")
def as_csv(request: Request, id: str) -> HttpResponseBase:
    """All answers as a file; with those of another network where that is wanted."""
    found = done(request, id)
    try:
        return csv_answer(found, beside.named(found, request.GET.get("beside", "")))
    except InputError as error:
        messages.error(request, error.message)
        return redirect("predictions:detail", id)


def csv_answer(found: Classification, other: Classification | None = None) -> InPieces:
    """The file, a piece at a time; InputError where the answers are gone. Where the other's are, the file is without them."""
    answers = reading.opened(found)
    held = reading.beside_of(found, answers, other) if other else None
    answer = InPieces(reading.as_csv(found, answers, held), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="classification-{found.pk}.csv"'
    return answer


@require_safe
@allowed("experiment.read")
def thumb(request: Request, id: str, image: int) -> HttpResponse:
    """A picture's thumbnail."""
    return picture(request, id, image, small=True)


@require_safe
@allowed("experiment.read")
def whole(request: Request, id: str, image: int) -> HttpResponse:
    """The picture, without the metadata it came with."""
    return picture(request, id, image, small=False)


def picture(request: Request, id: str, image: int, *, small: bool) -> HttpResponse:
    """The bytes with the headers that keep them an image and nothing else."""
    found = done(request, id)
    read = packs.stored_thumbnail if small else packs.stored_picture
    try:
        if image >= MOST_IMAGES:
            raise packs.Missing("no row has this number")
        pack = found.answers / "pack"
        if packs.storage_of(pack, image) & ERASED:
            raise packs.Missing("it was erased")
        data, media_type = read(pack, image)
    except packs.Missing:
        raise Http404("There is no such image.") from None
    return HttpResponse(data, content_type=media_type, headers=safe_headers())


@require_POST
@allowed("experiment.create")
def again(request: Request, id: str) -> HttpResponse:
    """The same pictures by another network, or once more."""
    found = get_for(request.actor, Classification, id, "experiment.create")
    try:
        made = asking.again(request.actor, found, request.POST.get("network", ""))
    except ConfigError as error:
        messages.error(request, f"The network {next(iter(error.fields.values()))}")
        return redirect("predictions:detail", id)
    except InputError as error:
        messages.error(request, error.message)
        return redirect("predictions:detail", id)
    return redirect("predictions:detail", made.pk)


@require_POST
@allowed("job.edit")
def delete(request: Request, id: str) -> HttpResponse:
    """To the trash, with its pictures."""
    found = get_for(request.actor, Classification, id, "job.edit")
    try:
        removing.delete(request.actor, found)
    except InputError as error:
        messages.error(request, error.message)
        return redirect("predictions:detail", id)
    say(request, f"The classification of {found.name} is in the trash.", classification=[id])
    return redirect("predictions:history")


def done(request: Request, id: str) -> Classification:
    """One that has answers; 404 else."""
    found = get_for(request.actor, Classification, id, "experiment.read")
    if not found.is_done:
        raise Http404("It is not classified yet.")
    return found


def rows_context(found: Classification, wanted: Wanted, after: int) -> dict[str, Any]:
    """Some rows, and where the next ones are; beside them those of another network where that is wanted."""
    relatives = beside.relatives(found)
    other = beside.named(found, wanted.beside, relatives)
    wanted = wanted if other else wanted._replace(beside="", differing=False)
    page = reading.page(found, wanted, after, other=other)
    query = query_of(wanted)
    following = ""
    if page.after is not None:
        following = f"{reverse('predictions:rows', args=[found.pk])}?{urlencode({**query, 'after': page.after})}"
    name = next((one["name"] for one in found.classes if one["label"] == wanted.label), wanted.label)
    turned = urlencode(query_of(wanted._replace(by_doubt=not wanted.by_doubt)))
    shown = {"refused_rows": page.refused, "next": following, "wanted": wanted, "wanted_name": name, "other": turned}
    shown |= {"relatives": relatives, "beside_one": other, "beside": page.beside, "kept": f"beside={other.pk}&" if other else ""}
    shown |= {"can_ask": not found.network_left, "methods": METHODS, "method": DEFAULT}
    return shown | {"rows": correcting.marked(found, page.rows), "small": page.small}


def query_of(wanted: Wanted) -> dict[str, str]:
    """As an address says it."""
    fields = (
        ("show", wanted.show),
        ("class", wanted.label),
        ("sort", DOUBT if wanted.by_doubt else ""),
        ("beside", wanted.beside),
        ("differ", "1" if wanted.differing else ""),
    )
    return {name: value for name, value in fields if value}


def progress(found: Classification) -> dict[str, Any]:
    """What its job told last."""
    job = found.job
    told = JobEvent.objects.filter(job=job, kind="progress").order_by("-seq").first() if job.state == State.RUNNING else None
    data = told.data if told else {}
    starts = jobs.started_about(job) if job.state == State.QUEUED else None
    stage = job.stage.partition(":")[0] if data.get("total") else job.stage
    return {"told": data, "stage": stage, "position": jobs.position(job), "starts": starts}
