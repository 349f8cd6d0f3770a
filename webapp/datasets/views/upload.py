"""What changes a dataset: upload, replace, import again, delete, out of the archive."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.refusals import refusals_told
from webapp.core.returning import say, wants_json
from webapp.datasets import actions, sample
from webapp.datasets.files import StorageFull, no_room_in_words
from webapp.datasets.forms import ReplaceForm, UploadForm
from webapp.datasets.models import Dataset
from webapp.datasets.uploads import begin
from webapp.datasets.views.browse import import_context

logger = logging.getLogger(__name__)
Work = Callable[..., HttpResponse]
Full = Callable[..., HttpResponse]  # (request, sentence, and what else the view is given) → the answer that says so


def with_room(view: Work, full: Full | None = None) -> Work:
    """A disk that fills while the body is read (the CSRF check reads it first) is told in words; the temporary files are gone then.

    Without `full` on the form of a new dataset.
    """

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with no_room_in_words():
                return csrf_protect(view)(request, *args, **kwargs)
        except StorageFull as error:
            logger.warning("upload refused: the disk is full")
            if full is not None:
                return full(request, error.message, *args, **kwargs)
            return answer_error(request, {"archive": error.message}, HTTPStatus.INSUFFICIENT_STORAGE)

    return csrf_exempt(wrapped)


@require_safe
@allowed("dataset.edit")
def new(request: Request) -> HttpResponse:
    """The form for a new dataset."""
    return render(request, "datasets/new.html", {"form": UploadForm(), "unfinished": begin.living_for(request.actor.team)})


@require_POST
@allowed("dataset.edit")
@with_room
def upload(request: Request) -> HttpResponse:
    """A new dataset from an archive. Scripts get JSON, a plain form a redirect."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return answer_error(request, first_errors(form))
    archive = form.cleaned_data["archive"]
    try:
        options = form.import_options()
        key = kept_key(request.POST.get(FIELD, ""), form.cleaned_data["name"], archive.name, archive.size, options)
        dataset = actions.create(request.actor, form.cleaned_data["name"], archive, archive.name, options, key=key)
    except ConfigError as error:
        return answer_error(request, error.fields)
    if dataset.trashed_at:
        return in_trash(request, dataset)
    return answer(request, dataset, HTTPStatus.CREATED)


@require_POST
@allowed("dataset.edit")
def load_sample(request: Request) -> HttpResponse:
    """The bundled digits as a dataset of the team; a second click of the same form finds the first one's."""
    try:
        dataset = sample.load(request.actor, kept_key(request.POST.get(FIELD, "")))
    except StorageFull as error:
        messages.error(request, error.message)
        return redirect("datasets:list")
    return in_trash(request, dataset) if dataset.trashed_at else redirect("datasets:detail", dataset.id)


def in_trash(request: Request, dataset: Dataset) -> HttpResponse:
    """The form was sent again after its dataset had been deleted."""
    messages.error(request, f"{dataset.name} lies in the trash. Restore it there, or load the page again to make another.")
    return redirect("datasets:list")


def full_for(request: Request, words: str, id: str) -> HttpResponse:
    """The disk has no room for the archive that was to replace a dataset's."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    return answer_error(request, {"archive": words}, HTTPStatus.INSUFFICIENT_STORAGE, dataset)


@require_POST
@allowed("dataset.edit")
@partial(with_room, full=full_for)
def replace(request: Request, id: str) -> HttpResponse:
    """Another archive for a dataset whose import failed."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    form = ReplaceForm(request.POST, request.FILES)
    if not form.is_valid():
        return answer_error(request, first_errors(form), dataset=dataset)
    archive = form.cleaned_data["archive"]
    try:
        actions.replace_archive(request.actor, dataset, archive, archive.name, form.import_options())
    except ConfigError as error:
        return answer_error(request, error.fields, dataset=dataset)
    except InputError as error:
        return answer_error(request, {"archive": error.message}, HTTPStatus.CONFLICT, dataset)
    return answer(request, dataset, HTTPStatus.OK)


@require_POST
@allowed("dataset.edit")
def retry(request: Request, id: str) -> HttpResponse:
    """The same archive once more, or a look at it first."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    with refusals_told(request):
        actions.retry(request.actor, dataset, look=request.GET.get("look") == "1")
    return redirect("datasets:detail", dataset.id)


@require_POST
@allowed("dataset.delete")
def delete(request: Request, id: str) -> HttpResponse:
    """To the trash, or into the archive where runs used it; refused with a sentence while it is being imported."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    try:
        outcome = actions.delete(request.actor, dataset)
    except InputError as error:
        messages.error(request, error.message)
        return redirect("datasets:detail", id)
    if outcome == "archived":
        say(request, f"{dataset.name} is archived; what used it goes on reading it.", archived=[id])
    else:
        say(request, f"{dataset.name} is in the trash.", dataset=[id])
    return redirect("datasets:list")


@require_POST
@allowed("dataset.delete")
def unarchive(request: Request, id: str) -> HttpResponse:
    """Back into the list."""
    dataset = get_for(request.actor, Dataset, id, "dataset.delete")
    actions.unarchive(request.actor, dataset)
    messages.success(request, f"{dataset.name} is back in the list.")
    return redirect("datasets:detail", id)


def first_errors(form: UploadForm) -> dict[str, str]:
    """One sentence a wrong field."""
    return {name: str(errors[0]) for name, errors in form.errors.items()}


def answer(request: HttpRequest, dataset: Dataset, status: HTTPStatus) -> HttpResponse:
    """Where the dataset is now."""
    url = reverse("datasets:detail", args=[dataset.id])
    return JsonResponse({"id": dataset.id, "url": url}, status=status) if wants_json(request) else HttpResponseRedirect(url)


def answer_error(
    request: Request, fields: dict[str, str], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY, dataset: Dataset | None = None
) -> HttpResponse:
    """Each wrong field with its sentence: as JSON, or as the form once more, in the page of a dataset whose archive was to be replaced."""
    if wants_json(request):
        message = next(iter(fields.values()), "")
        return JsonResponse({"error": {"message": message, "fields": fields}}, status=status)
    form = UploadForm(initial={name: request.POST.get(name, "") for name in UploadForm.base_fields if name != "archive"})
    context: dict[str, Any] = {"form": form, "wrong": fields}
    if dataset is None:
        context["unfinished"] = begin.living_for(request.actor.team)
        return render(request, "datasets/new.html", context, status=status)
    if status == HTTPStatus.CONFLICT:  # there is no form to show: it is imported already, or just being imported
        messages.error(request, fields["archive"])
        return redirect("datasets:detail", dataset.id)
    return render(request, "datasets/importing.html", import_context(dataset) | context, status=status)
