"""Datasets whose images nobody sends: from an address, a folder of this server or a bucket; and images that a draft gains."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.parts import part_of
from webapp.core.returning import back, wants_json
from webapp.datasets import bringing, connections, drafts, roots
from webapp.datasets.forms import NO_LIMIT, ReplaceForm
from webapp.datasets.models import Connection, Dataset
from webapp.datasets.views import drafting
from webapp.datasets.views.browse import number
from webapp.datasets.views.upload import answer_error, first_errors, in_trash, with_room

LONGEST_PATH = 4_000


class BringForm(ReplaceForm):
    """Name and options; the rules are those of `actions.create`."""

    name = forms.CharField(max_length=NO_LIMIT, required=False)  # type: ignore[assignment]
    archive = None  # type: ignore[assignment]


class AddressForm(BringForm):
    address = forms.CharField(max_length=NO_LIMIT, required=False)


class FolderForm(BringForm):
    root = forms.CharField(max_length=LONGEST_PATH, required=False)
    folder = forms.CharField(max_length=LONGEST_PATH, required=False, strip=False)


class BucketForm(BringForm):
    connection = forms.CharField(max_length=NO_LIMIT, required=False)
    path = forms.CharField(max_length=NO_LIMIT, required=False, strip=False)


@require_safe
@allowed("dataset.edit")
def from_address(request: Request) -> HttpResponse:
    """The form for an archive that this server downloads."""
    return render(request, "datasets/new_address.html", {"form": AddressForm(), "is_on": settings.FETCH})


@require_POST
@allowed("dataset.edit")
def take_address(request: Request) -> HttpResponse:
    """A new dataset of an archive at an address."""
    form = AddressForm(request.POST)
    try:
        said = read(form)
        address, name, options = said["address"], said["name"], form.import_options()
        key = kept_key(request.POST.get(FIELD, ""), name, address, options)
        return made(request, bringing.from_address(request.actor, name, address, options, key=key))
    except ConfigError as error:
        context = {"form": again(request, form), "wrong": error.fields, "is_on": settings.FETCH}
        return render(request, "datasets/new_address.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@allowed("dataset.edit")
def from_server(request: Request) -> HttpResponse:
    """The folders of this server that may be imported from, one level at a time."""
    return render(
        request, "datasets/new_server.html", picker(request.GET.get("root", ""), request.GET.get("folder", "")) | {"form": FolderForm()}
    )


@require_POST
@allowed("dataset.edit")
def take_folder(request: Request) -> HttpResponse:
    """A new dataset of a folder of this server."""
    form = FolderForm(request.POST)
    try:
        said = read(form)
        root, folder, name, options = said["root"], said["folder"], said["name"], form.import_options()
        key = kept_key(request.POST.get(FIELD, ""), name, root, folder, options)
        return made(request, bringing.from_server(request.actor, name, root, folder, options, key=key))
    except ConfigError as error:
        there = (form.cleaned_data.get("root", ""), form.cleaned_data.get("folder", ""))
        shown = picker("", "") if {"root", "folder"} & error.fields.keys() else picker(*there)
        context = shown | {"form": again(request, form), "wrong": error.fields}
        return render(request, "datasets/new_server.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_safe
@allowed("dataset.edit")
def from_bucket(request: Request) -> HttpResponse:
    """The form for images that lie in a bucket."""
    return bucket_page(request, BucketForm(initial={"connection": request.GET.get("connection", "")}))


@require_POST
@allowed("dataset.edit")
def take_bucket(request: Request) -> HttpResponse:
    """A new dataset of an archive or a folder in a bucket."""
    form = BucketForm(request.POST)
    connection = get_for(request.actor, Connection, request.POST.get("connection", ""), "dataset.edit")
    try:
        said = read(form)
        path, name, options = said["path"], said["name"], form.import_options()
        key = kept_key(request.POST.get(FIELD, ""), name, connection.pk, path, options)
        return made(request, bringing.from_bucket(request.actor, name, connection, path, options, key=key))
    except ConfigError as error:
        return bucket_page(request, again(request, form), HTTPStatus.UNPROCESSABLE_ENTITY, wrong=error.fields)


@require_safe
@allowed("dataset.edit")
@part_of("datasets:new-bucket", takes=(), without=("path",))
def bucket_level(request: Request) -> HttpResponse:
    """The folders and archives directly in a folder of a bucket, to choose among; the field for the path follows."""
    connection = get_for(request.actor, Connection, request.GET.get("connection", ""), "dataset.edit")
    path = request.GET.get("path", "").replace("\0", "").strip("/ ")
    try:
        found = connections.listed(request.actor, connection, path)
    except InputError as error:
        return render(request, "datasets/_bucket_level.html", {"trouble": error.message, "path": path})
    below = f"{path}/" if path else ""
    parts = path.split("/") if path else []
    steps = [(connections.bucket_shown(connection), ""), *((part, "/".join(parts[: at + 1])) for at, part in enumerate(parts))]
    context = {name: [(each, f"{below}{each}") for each in found[name]] for name in ("folders", "archives")}
    return render(request, "datasets/_bucket_level.html", context | {"found": found, "steps": steps, "path": path})


def bucket_page(request: Request, form: BringForm, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    """The team's connections, and the form."""
    found = [(row, connections.bucket_shown(row)) for row in connections.of_team(request.actor.team)]
    context |= {"form": form, "connections": found, "is_on": settings.FETCH}
    return render(request, "datasets/new_bucket.html", context, status=status)


def full(request: Request, words: str, id: str) -> HttpResponse:
    """The disk has no room for images that the draft was to gain."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    if wants_json(request):
        return answer_error(request, {"archive": words}, HTTPStatus.INSUFFICIENT_STORAGE)
    messages.error(request, words)
    return redirect("datasets:classes", dataset.pk)


@require_POST
@allowed("dataset.edit")
@partial(with_room, full=full)
def add(request: Request, id: str) -> HttpResponse:
    """An archive whose images the draft gains, from a plain form; the page's script sends it in parts."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    archive = request.FILES.get("archive")
    label = request.POST.get("label", "").replace("\0", "")
    try:
        if archive is None:
            raise InputError("Choose an archive of images first.")
        how = {"exif": request.POST.get("exif", ""), "encoding": request.POST.get("encoding", "")}
        edit = drafts.add(request.actor, dataset, archive, archive.name or "", label, how=how)
        messages.success(request, drafting.sentence(edit))
    except ConfigError as error:
        messages.error(request, f"The archive {error.fields['archive']}." if "archive" in error.fields else f"{error.message}.")
    except InputError as error:
        messages.error(request, error.message)
    return redirect("datasets:classes", id)


@require_POST
@allowed("dataset.edit")
def change_addition(request: Request, id: str) -> HttpResponse:
    """Another class for images that wait in the draft, another way to read them, or none of them added after all."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    addition, label = number(request.POST.get("addition", "")), request.POST.get("label", "").replace("\0", "")
    do = request.POST.get("do")
    try:
        if do == "read":
            how = {name: request.POST.get(name) for name in ("encoding", "exif")}
            edit = drafts.read_addition(request.actor, dataset, addition, **how)
        else:
            edit = drafts.change_addition(request.actor, dataset, addition, label="" if do == "out" else label, out=do == "out")
        messages.success(request, drafting.sentence(edit))
    except (InputError, ConfigError) as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(back(request, reverse("datasets:classes", args=[id])))


def read(form: BringForm) -> dict[str, Any]:
    """What was typed. ConfigError names what cannot be read: left out, a place would be all of a root or bucket, an option its default."""
    if not form.is_valid():
        raise ConfigError(first_errors(form))
    return form.cleaned_data


def picker(root: str, folder: str) -> dict[str, Any]:
    """What the page shows of that folder; Http404 where it is none to import from. Without a root: all roots, or the only one."""
    if not root and len(settings.ROOTS) != 1:
        return {"roots": [(each, roots.shown(each, "")) for each in settings.ROOTS]}
    root = root or settings.ROOTS[0]
    try:
        found = roots.listed(root, folder)
    except (InputError, OSError):
        raise Http404("no folder to import from") from None
    inner = [(name, f"{folder}/{name}".strip("/")) for name in found.folders]
    steps = roots.steps(root, folder)
    return {"root": root, "folder": folder, "inner": inner, "more": found.more, "files": found.files, "steps": steps, "here": steps[-1][0]}


def again(request: Request, form: BringForm) -> BringForm:
    """The same form with what was typed."""
    return type(form)(initial={name: request.POST.get(name, "") for name in type(form).base_fields})


def made(request: Request, dataset: Dataset) -> HttpResponse:
    """Where it is now."""
    return in_trash(request, dataset) if dataset.trashed_at else redirect("datasets:detail", dataset.id)
