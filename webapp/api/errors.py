"""Every error of the API in one shape: {"error": {"code", "message", "fields"}}, never HTML, never a traceback."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from ninja.errors import HttpError
from redis.exceptions import RedisError

from classifier.spec.errors import MOST_NAMED, ClassifierError, ConfigError, named
from webapp.datasets.uploads.refusals import Refused
from webapp.jobs.room import lacking

logger = logging.getLogger(__name__)

# Statuses of errors whose code says more than their class: what time or another call can cure, and a full disk.
NOT_NOW = (
    "busy",
    "in_use",
    "no_model",
    "not_ready",
    "gone",
    "archived",
    "moved",
    "no_draft",
    "no_version",
    "nothing",
    "covered",
    "closed",
    "sealed",
)
BY_CODE = {**dict.fromkeys(NOT_NOW, 409), "storage_full": 507, "unavailable": 503}
TOO_BIG = "The request's fields are over the limit. Send less in one call."
NO_SPACE = "The server's disk is full, so nothing was kept. Free some space in its data folder, then try again."
BROKEN_FORM = "The request could not be read: its form has too many parts, or broken ones."
BROKEN_MULTIPART = "The multipart body could not be read; it is cut short or malformed."
NO_REDIS = "The queue does not answer at the moment; try again shortly."
NO_DATABASE = "The database is busy at the moment; try again shortly."
NO_JSON = "The body is no JSON object. Send one, with the header Content-Type: application/json."
UNEXPECTED = "Something went wrong in the server and was logged with the id {id}. Try again, or tell whoever runs it."


class ApiError(Exception):
    """An answer that is no success: status, a short stable code, a sentence, and a sentence a field."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, str] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields or {}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class FieldErrors(ApiError):
    """422 (or another status) with a sentence for each wrong field; of very many, the first, and in the message how many more."""

    def __init__(self, fields: dict[str, str], code: str = "invalid", status: int = 422) -> None:
        super().__init__(status, code, named(fields), dict(islice(fields.items(), MOST_NAMED)))


def body_of(error: ApiError) -> dict[str, Any]:
    """The JSON of an error."""
    return {"error": {"code": error.code, "message": error.message, "fields": error.fields}}


def answer(error: ApiError) -> JsonResponse:
    """The response of an error."""
    return JsonResponse(body_of(error), status=error.status, headers=error.headers)


def from_engine(error: ClassifierError) -> ApiError:
    """An error that has a sentence: its code decides, then whether trying again can help."""
    return ApiError(BY_CODE.get(error.code, 503 if error.retry else 422), error.code, error.message)


def from_os(error: OSError) -> ApiError:
    """A full disk is said; any other trouble with files is unexpected."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ApiError(507, "storage_full", NO_SPACE)
    raise error


def from_http(error: HttpError) -> ApiError:
    """What django-ninja itself refuses: a body that is no JSON, or that holds what `reading` names."""
    if isinstance(error.__cause__, ApiError):
        return error.__cause__
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return ApiError(400, "bad_json", NO_JSON)
    return ApiError(error.status_code, "refused", str(error))


# The first entry whose class fits is taken.
TRANSLATIONS: list[tuple[type[Exception], Callable[[Any], ApiError]]] = [
    (ApiError, lambda error: error),
    (Refused, lambda error: ApiError(error.status, error.code, error.message, **error.headers)),
    (ConfigError, lambda error: FieldErrors(error.fields, error.code)),
    (ClassifierError, from_engine),
    (Http404, lambda error: ApiError(404, "not_found", str(error) or "There is nothing here.")),
    (PermissionDenied, lambda error: ApiError(403, "forbidden", str(error) or "You may not do this.")),
    (HttpError, from_http),
    (RawPostDataException, lambda _: ApiError(400, "bad_json", NO_JSON)),  # a form where JSON is due
    (RequestDataTooBig, lambda error: ApiError(413, "too_large", TOO_BIG)),
    (
        SuspiciousOperation,
        lambda error: ApiError(400, "bad_request", BROKEN_FORM),
    ),
    (
        MultiPartParserError,
        lambda error: ApiError(400, "bad_multipart", BROKEN_MULTIPART),
    ),
    (BadRequest, lambda error: ApiError(400, "bad_request", "The request could not be read.")),
    (UnreadablePostError, lambda error: ApiError(400, "cut_short", "The request ended before its body was complete.")),
    (
        RedisError,
        lambda error: ApiError(503, "unavailable", NO_REDIS, Retry_After="5"),
    ),
    (OperationalError, lambda error: ApiError(503, "busy", lacking() or NO_DATABASE, Retry_After="2")),
    (OSError, from_os),
]


def translated(error: Exception) -> ApiError | None:
    """The answer to an expected error; None for an unexpected one."""
    for kind, translate in TRANSLATIONS:
        if isinstance(error, kind):
            try:
                return translate(error)
            except OSError:
                return None
    return None


def response_to(request: HttpRequest, error: Any) -> JsonResponse:
    """The response to any exception; unexpected ones are logged with their traceback under the id that the answer names."""
    expected = translated(error)
    if expected is None:
        return unexpected(request, error)
    if expected.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("%s %s: %s", request.method, request.path, error, exc_info=error)
    return answer(expected)


def unexpected(request: HttpRequest, error: Exception) -> JsonResponse:
    """500, with an id that finds the traceback in the log."""
    mark = f"{id(error) & 0xFFFFFF:06x}"
    logger.error("unexpected error %s in %s %s", mark, request.method, request.path, exc_info=error)
    return answer(ApiError(500, "unexpected", UNEXPECTED.format(id=mark)))
