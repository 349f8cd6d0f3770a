"""Errors before any view, in JSON under the API's address and as pages elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from webapp.api.errors import ApiError, answer

API = "/api/"
BAD_REQUEST = "The request could not be read: its headers or its host are not what this server expects (ALLOWED_HOSTS)."
FAILED = "Something went wrong in the server and was logged. Try again, or tell whoever runs it."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, for a host that is not allowed and the like."""
    if request.path.startswith(API):
        return answer(ApiError(400, "bad_request", BAD_REQUEST))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, for a middleware that failed; Django has logged it."""
    if request.path.startswith(API):
        return answer(ApiError(500, "unexpected", FAILED))
    return defaults.server_error(request)
