"""The page of the models: the catalogue, and uploaded weights, which are sent, listed and deleted there."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.models import Team
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.returning import wants_json
from webapp.datasets.files import StorageFull, no_room_in_words, shown_name
from webapp.experiments import uploads
from webapp.experiments.catalogue import models_context
from webapp.experiments.entries import sentence
from webapp.experiments.models import WeightsFile
from webapp.jobs import room
from webapp.jobs.models import FINAL
from webapp.jobs.nodes import seen
from webapp.jobs.services import disk_fault

SHOWN = 100
FULL = "The server's disk is full, so the file was not kept. Free some space on it, then upload again."


def weights_context(team: Team) -> dict[str, Any]:
    """The team's files, newest first, and whether one of them is still to be checked."""
    files = list(WeightsFile.objects.filter(team=team).select_related("job", "created_by").order_by("-id")[:SHOWN])
    full = disk_fault(seen())
    rows = [{"file": file, "why": room.why(file.job.error, full)} for file in files]
    return {"weights_rows": rows, "checking": any(file.job.state not in FINAL for file in files)}


def page(request: Request, status: HTTPStatus = HTTPStatus.OK, **wrong: str) -> HttpResponse:
    """The page of the models, with what was wrong with the form; a script that sent it gets that alone."""
    if wrong and wants_json(request):
        return JsonResponse({"fields": {name: sentence(text) for name, text in wrong.items()}}, status=status)
    context = models_context() | weights_context(request.actor.team)
    context |= {"wrong": {name: sentence(text) for name, text in wrong.items()}, "typed": request.POST.get("name", "")}
    return render(request, "experiments/models.html", context, status=status)


@require_GET
@allowed("experiment.read")
def model_list(request: Request) -> HttpResponse:
    """Every network one can train, and the team's own weights; asked for by the page itself, those alone."""
    if request.headers.get("HX-Request"):
        return render(request, "experiments/_weights.html", weights_context(request.actor.team))
    return page(request)


@require_POST
@allowed("experiment.create")
@csrf_exempt
def upload(request: Request) -> HttpResponse:
    """A file to be checked and kept. A disk that fills while the body is read (the CSRF check reads it first) is told in words."""
    try:
        with no_room_in_words():
            answer: HttpResponse = csrf_protect(take)(request)
    except StorageFull:
        messages.error(request, FULL)
        return to_weights(request)
    return answer


def take(request: Request) -> HttpResponse:
    """The form, once its key is checked."""
    sent = request.FILES.getlist("file")
    if len(sent) != 1:
        words = uploads.ONE_FILE.format(count=len(sent)) if sent else "is missing; choose a .pth, .pt or .safetensors file"
        return page(request, HTTPStatus.UNPROCESSABLE_ENTITY, file=words)
    file_name = shown_name(sent[0].name or "")
    name = request.POST.get("name", "").strip() or PurePath(file_name).stem
    key = kept_key(request.POST.get(FIELD, ""), name, file_name, sent[0].size)
    try:
        made = uploads.create(request.actor, name, sent[0], file_name, key=key)
    except ConfigError as error:
        return page(request, HTTPStatus.UNPROCESSABLE_ENTITY, **error.fields)
    messages.success(request, f"{made.name} is being checked; once it is ready, trainings can start from it.")
    return to_weights(request)


def to_weights(request: Request) -> HttpResponse:
    """On to the team's weights."""
    url = f"{reverse('models:list')}#your-weights"
    return JsonResponse({"url": url}) if wants_json(request) else redirect(url)


@require_POST
@allowed("job.edit")
def delete(request: Request, id: str) -> HttpResponse:
    """For good; refused with a sentence while a training needs it."""
    file = get_for(request.actor, WeightsFile, id, "job.edit")
    try:
        uploads.delete(request.actor, file)
    except InputError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{file.name} is deleted.")
    return redirect(f"{reverse('models:list')}#your-weights")
