"""The API itself: what every call shares, and the routers that make it up."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer
from ninja.types import DictStrAny

from classifier.spec.checks import said
from webapp.accounts.actor import Actor
from webapp.api.errors import FieldErrors, response_to
from webapp.api.fields import OF_FIELDS
from webapp.api.reading import StrictParser
from webapp.api.schemas import Error

ABOUT = """Datasets, trainings, evaluations, reports and jobs for programs; comments, the trash and the rest of a team's housekeeping \
are on the pages alone. Send `Authorization: Bearer TOKEN` with each call; the account page makes tokens, \
and `manage.py create_token` does. A token never does more than its owner's role, and a read token only reads.

Work is queued: a call that starts some answers 202 with a job, and `GET /jobs/{id}` tells how far it is. \
Every error is `{"error": {"code", "message", "fields"}}`. An `Idempotency-Key` header on a POST makes a repeat return the first answer."""

IDEMPOTENCY = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            "description": "A text of your own for this one thing you ask for; a repeat with the same key returns the first answer.",
        }
    ]
}


class Bearer(HttpBearer):
    """The token in the Authorization header; `guard.identified` has checked it before any call is reached."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor that the guard put on the request."""
        actor: Actor | None = getattr(request, "actor", None)
        return actor if actor is not None and actor.via == "token" else None


class Api(NinjaAPI):
    """NinjaAPI whose wrong values are named field by field, with what came."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.schemas: dict[str, OpenAPISchema] = {}  # by the address that all calls begin with

    def validation_error_from_error_contexts(self, error_contexts: list[ValidationErrorContext[Any]]) -> Any:
        """FieldErrors in place of django-ninja's own list."""
        fields: dict[str, str] = {}
        code = "invalid"
        for context in error_contexts:
            for error in context.pydantic_validation_error.errors(include_url=False):
                if error["type"] == OF_FIELDS:
                    fields, code = {**error["ctx"]["fields"], **fields}, "bad_config"
                    continue
                reverse = context.model.__ninja_flatten_map_reverse__
                fields.setdefault(field_name(reverse.get(error["loc"], error["loc"])), sentence(error))
        return FieldErrors(fields, code)

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None) -> OpenAPISchema:
        """The schema under that address, gathered once by a process: it takes more than a second, and the calls stay what they are.
        Whoever asks reads it alone."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self.schemas:
            self.schemas[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self.schemas[prefix]


def field_name(place: tuple[int | str, ...]) -> str:
    """Where the wrong value stands, without the name of the parameter that holds the whole body."""
    parts = [str(part) for part in place]
    return ".".join(parts[1:] if parts[0] in ("body", "page", "filters") and len(parts) > 1 else parts)[:120]


def sentence(error: Any) -> str:
    """What was expected and what came."""
    kind, given = error["type"], error.get("input")
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is no field of this call"
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    text = str(error["msg"])
    return f"{text[:1].lower()}{text[1:]}; {said(given)} came"


def answers(success: dict[int, Any], *errors: int) -> dict[int, Any]:
    """The responses of a call: its success, and the errors that any call or this one can give."""
    return {**success, **dict.fromkeys(sorted({401, 403, 404, 422, *errors}), Error)}


def make_api() -> Api:
    """The API with all its routers."""
    from webapp.api.routes import (
        account,
        blocks,
        bringing,
        buckets,
        classifications,
        comparing,
        correcting,
        datasets,
        downloads,
        drafts,
        erasing,
        evaluations,
        experiments,
        explaining,
        figures,
        filters,
        jobs,
        kept,
        layers,
        maps,
        matrices,
        pictures,
        previews,
        quality,
        reports,
        rounds,
        slices,
        uploads,
        versions,
        waiting,
        watching,
        weights,
    )

    api = Api(
        title="Synset",
        version="1",
        description=ABOUT,
        docs_url=None,
        openapi_url="/openapi.json",
        urls_namespace="api",
        auth=Bearer(),
        parser=StrictParser(),
    )
    for tag, router in (
        ("datasets", datasets.router),
        ("datasets", pictures.router),
        ("datasets", versions.router),
        ("datasets", downloads.router),
        ("datasets", bringing.router),
        ("drafts", drafts.router),
        ("drafts", waiting.router),
        ("drafts", correcting.router),
        ("quality", quality.router),
        ("labelling", rounds.router),
        ("datasets", buckets.router),
        ("datasets", previews.router),
        ("datasets", erasing.router),
        ("uploads", uploads.router),
        ("experiments", experiments.router),
        ("experiments", watching.router),
        ("weights", weights.router),
        ("evaluations", evaluations.router),
        ("evaluations", figures.router),
        ("evaluations", matrices.router),
        ("evaluations", slices.router),
        ("evaluations", explaining.router),
        ("experiments", layers.router),
        ("experiments", filters.router),
        ("evaluations", comparing.router),
        ("evaluations", maps.router),
        ("classifications", classifications.router),
        ("reports", reports.router),
        ("reports", blocks.router),
        ("reports", kept.router),
        ("jobs", jobs.router),
        ("account", account.router),
    ):
        api.add_router("", router, tags=[tag])
    for kind in (Exception, Http404, HttpError):
        api.add_exception_handler(kind, response_to)
    return api
