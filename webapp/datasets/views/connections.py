"""The team's connections to buckets: made, tested, given another key, deleted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.buckets import S3
from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.forms import SentenceForm
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets import connections
from webapp.datasets.models import Connection

NO_LIMIT = 10_000  # characters a field takes at all; what is allowed is said by connections.make
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
HIDDEN = {"autocomplete": "new-password"}
SECRETS = sensitive_post_parameters("secret", "key", "options")


def text(label: str, hint: str = "", *, required: bool = False, **attributes: str) -> forms.CharField:
    """A field of one line."""
    widget = forms.TextInput(attrs={**PLAIN, **attributes})
    return forms.CharField(label=label, help_text=hint, required=required, max_length=NO_LIMIT, widget=widget)


class OptionsField(forms.JSONField):
    """An object as JSON; nothing is an empty field, not the word null."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class KeyForm(SentenceForm):
    """What opens a bucket; none of it is ever shown again."""

    key = text("Access key", "Empty, with its secret, for a bucket that everybody may read.")
    secret = forms.CharField(
        label="Secret key",
        help_text="Kept encrypted, and shown to nobody again.",
        required=False,
        max_length=NO_LIMIT,
        widget=forms.PasswordInput(attrs=HIDDEN),
    )
    options = OptionsField(
        label="Options",
        help_text="For other kinds than S3: JSON, as fsspec's class takes them. Kept encrypted.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, **PLAIN}),
    )

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(connections.kinds()) == 1 or kind == S3:
            del self.fields["options"]
        if kind and kind != S3:
            del self.fields["key"], self.fields["secret"]


class ConnectionForm(KeyForm):
    """A new connection."""

    name = text("Name", "As editors choose it.", maxlength="80")
    kind = forms.CharField(label="Kind", required=False, max_length=NO_LIMIT, widget=forms.Select())
    bucket = text("Bucket")
    prefix = text(  # type: ignore[assignment]  # Django takes a field's name out of the class
        "Folder", "Imports see what is below it alone. Empty: the whole bucket.", placeholder="photos/2024"
    )
    endpoint = text("Server", "Of MinIO and others that speak S3. Empty: Amazon S3.", placeholder="https://minio.example.org:9000")
    region = text("Region", "Empty where you do not know it.", placeholder="eu-central-1")
    field_order = ("name", "kind", "bucket", "prefix", "endpoint", "region", "key", "secret", "options")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = connections.kinds()
        if len(choices) == 1:
            del self.fields["kind"]
        else:
            self.fields["kind"].widget.choices = [(kind, "S3" if kind == S3 else kind) for kind in choices]


def page(request: Request, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    """All of them, with the form that was just sent."""
    rows = connections.of_team(request.actor.team)
    forms_of = {row: KeyForm(kind=row.kind, auto_id=f"k{row.pk}_%s") for row in rows}
    shown = [{"row": row, "bucket": connections.bucket_shown(row), "key_form": form} for row, form in forms_of.items()]
    about = {"connections": shown, "form": ConnectionForm(), "is_on": settings.FETCH, **context}
    return render(request, "datasets/connections.html", about, status=status)


def tell(request: Request, connection: Connection) -> None:
    """Tests it and says what came of it."""
    try:
        opens = connections.attempt(request.actor, connection)
    except InputError as error:
        messages.warning(request, error.message)
        return
    (messages.success if opens else messages.warning)(request, f"{connection.name}: {connection.words}")


@never_cache
@require_safe
@allowed("team.edit")
def overview(request: Request) -> HttpResponse:
    """The connections and the form for another one."""
    return page(request)


@SECRETS
@never_cache
@require_POST
@allowed("team.edit")
def new(request: Request) -> HttpResponse:
    """A new one, tested at once; it is kept whatever the test says."""
    form = ConnectionForm(request.POST)
    if form.is_valid():
        try:
            made = connections.make(request.actor, form.cleaned_data["name"], form.cleaned_data)
        except ConfigError as error:
            form.refuse(error)
        else:
            tell(request, made)
            return redirect("connections:overview")
    return page(request, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)


@require_POST
@allowed("team.edit")
def test(request: Request, id: str) -> HttpResponse:
    """Whether it opens now."""
    tell(request, get_for(request.actor, Connection, id, "team.edit"))
    return redirect("connections:overview")


@SECRETS
@never_cache
@require_POST
@allowed("team.edit")
def new_key(request: Request, id: str) -> HttpResponse:
    """Another key, tested at once."""
    connection = get_for(request.actor, Connection, id, "team.edit")
    form = KeyForm(request.POST, kind=connection.kind)
    try:
        if not form.is_valid():
            raise ConfigError({name: str(errors[0]) for name, errors in form.errors.items()})
        connections.new_key(request.actor, connection, form.cleaned_data)
    except ConfigError as error:
        words = " ".join(f"{form.fields[name].label if name in form.fields else name}: {text}" for name, text in error.fields.items())
        return page(request, HTTPStatus.UNPROCESSABLE_ENTITY, refusal=f"{connection.name} keeps its key. {words}")
    tell(request, connection)
    return redirect("connections:overview")


@require_POST
@allowed("team.edit")
def delete(request: Request, id: str) -> HttpResponse:
    """It and its key are gone."""
    connection = get_for(request.actor, Connection, id, "team.edit")
    connections.delete(request.actor, connection)
    messages.success(request, f"The connection {connection.name} and its key are deleted.")
    return redirect("connections:overview")
