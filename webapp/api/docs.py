"""The pages that explain the API: one about what holds for every call, and one for each resource. They show no data, so they need no
login."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from webapp.accounts.actions.tokens import TICKET_SECONDS
from webapp.api.errors import ApiError, answer
from webapp.api.gate import SMALL_BYTES
from webapp.api.guard import open_to_all
from webapp.api.idempotency import KEPT, LONGEST_KEY
from webapp.api.lines import MOST_ROWS
from webapp.api.operations import ORIGIN, Call, call_named, find, groups
from webapp.api.paging import MOST, Page
from webapp.api.routes.evaluations import MOST_BYTES, MOST_IMAGES
from webapp.api.schemas import Error
from webapp.api.shapes import example_of
from webapp.core.parts import is_opened

LONGEST_QUESTION = 200
ERRORS = {
    400: "The request could not be read: its body is no JSON object, its form is broken, or it ended too early.",
    401: "No token came, or one that is unknown, expired or revoked.",
    403: "The token's scope or its owner's role does not allow this.",
    404: "The token's team has no such thing, or it lies in the trash.",
    405: "The address takes other methods; the header Allow names them.",
    408: "The body came too slowly.",
    409: "Not as things stand: it has ended, is not ready, or was changed meanwhile. The code says which.",
    410: "The upload was discarded, or waited too long. Begin it again.",
    412: "The upload speaks another version of tus than this server.",
    413: "The body is larger than this address takes.",
    415: "The body is of another type than this address takes.",
    422: "Values are wrong; fields has a sentence for each of them.",
    423: "Another connection is just sending this upload.",
    500: "Something unexpected, which is logged under the id that the message names.",
    503: "Busy or restarting; the header Retry-After says for how many seconds to wait.",
    507: "The server's disk is full.",
}
FIRST_STEPS = (
    ("POST /datasets", "Upload an archive with a folder for each class. The answer names the dataset and the job that imports it."),
    ("GET /jobs/{id}", "Ask how far that job is, until its state is succeeded."),
    ("POST /experiments", "Train a network on the dataset. That is a job too."),
    ("GET /experiments/{id}/report", "Once it has succeeded, read how right the network is on the test images."),
)


@open_to_all
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What holds for every call, and every call by resource with the way to its page."""
    return shown(request, "api/index.html", guide(request))


@open_to_all
@require_safe
def resource(request: HttpRequest, resource: str) -> HttpResponse:
    """Every call of one resource with its values, answers and a command to try it."""
    group = groups().get(resource)
    if group is None:
        return missing(request, resource)
    return shown(request, "api/resource.html", {"group": group._replace(calls=[here(request, call) for call in group.calls])})


def missing(request: HttpRequest, resource: str) -> HttpResponse:
    """404: a page to a browser, and to programs an error like any other."""
    said = f"The API has no resource called “{resource[:60]}”. It has {', '.join(groups())}."
    if is_opened(request):
        return shown(request, "api/missing.html", {"said": said, "search_path": reverse("api-docs")}, 404)
    return answer(ApiError(404, "not_found", said))


def shown(request: HttpRequest, template: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page with its list at the side; while somebody types in the search, that list alone, with what was found in its place."""
    question = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    found = {"question": question, "hits": find(question) if question else [], "groups": groups().values()}
    if "HX-Request" in request.headers:
        template = "api/_side.html"
    return render(request, template, {**told, **found}, status=status)


def here(request: HttpRequest, call: Call) -> Call:
    """The call with a command for the address at which the reader finds this server."""
    return call._replace(curl=call.curl.replace(ORIGIN, request.build_absolute_uri("/").rstrip("/")))


def guide(request: HttpRequest) -> dict[str, Any]:
    """What the first page tells, with the limits that this server has."""
    return {
        "schema_path": reverse("api:openapi-json"),
        "listing": here(request, call_named("GET /datasets")),
        "job": call_named("GET /jobs/{id}"),
        "ticket": call_named("POST /tickets"),
        "upload": call_named("POST /uploads"),
        "classify": call_named("POST /experiments/{id}/classify"),
        "steps": [(words, here(request, call_named(name))) for name, words in FIRST_STEPS],
        "errors": ERRORS.items(),
        "error_example": json.dumps(example_of({}, Error.model_json_schema()), indent=2),
        "limits": limits(),
    }


def limits() -> dict[str, Any]:
    """How much goes into one call, by name."""
    return {
        "archive_bytes": settings.UPLOAD_MAX_BYTES,
        "weights_bytes": settings.WEIGHTS_MAX_BYTES,
        "body_bytes": SMALL_BYTES,
        "images": MOST_IMAGES,
        "images_bytes": MOST_BYTES,
        "items": MOST,
        "items_unless_asked": Page.model_fields["limit"].default,
        "rows": MOST_ROWS,
        "key": LONGEST_KEY,
        "key_hours": KEPT.total_seconds() // 3600,
        "ticket_seconds": TICKET_SECONDS,
    }
