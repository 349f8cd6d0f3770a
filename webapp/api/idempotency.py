"""An Idempotency-Key makes a repeat of a POST return the first answer: the row first, then the work.

no row ──first call──▶ open (status null) ──2xx or 409──▶ answered, for a day
                             └── anything else: nothing was begun, the row goes and a repeat runs

What a call makes is noted in its row by the transaction that makes it (`making`): a process that dies between that and its
answer leaves a row that answers, and the repeat makes no second one. An answer that shows something once, such as the address of a
share link, is stored sealed: a repeat by the same token opens it, nobody else does.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from webapp.accounts.actor import Actor
from webapp.api.errors import ApiError, FieldErrors
from webapp.api.making import row_here
from webapp.api.models import IdempotentAnswer
from webapp.api.sealing import bearer, seal, unseal

HEADER = "Idempotency-Key"
LONGEST_KEY = 200
CONFLICT = 409
KEPT = timedelta(days=1)
ABANDONED = timedelta(minutes=10)  # an open row this old belongs to a process that died
WAIT_SECONDS = 5.0  # how long a repeat waits for the first call's answer
POLL_SECONDS = 0.05
PURGE_EVERY = 50  # rows
OTHER_REQUEST = "This Idempotency-Key was used for another request. Take a new key for each new thing you ask for."
OTHER_TOKEN = (
    "The first call with this Idempotency-Key was answered with something that is shown once, to another token. "
    "Repeat it with that token, or take a new key."
)
STILL_OPEN = "The first call with this Idempotency-Key is still being answered; repeat it in a moment."


def first_answer(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """The answer to an earlier call of the same key; None for a first call, whose row is then noted on the request."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise FieldErrors({HEADER: f"must have 1 to {LONGEST_KEY} printable characters"}, status=400)
    digest, deadline = digest_of(request, actor), time.monotonic() + WAIT_SECONDS
    while True:
        row, ours = IdempotentAnswer.objects.get_or_create(user=actor.user, key=key, defaults={"request_digest": digest})
        if ours or taken_over(row, digest):
            open_row(request, row)
            return None
        if row.request_digest != digest:
            raise ApiError(422, "key_reused", OTHER_REQUEST)
        if row.status is not None:
            return again(request, row)
        if time.monotonic() > deadline:
            raise ApiError(409, "still_open", STILL_OPEN, Retry_After="1")
        time.sleep(POLL_SECONDS)


def again(request: HttpRequest, row: IdempotentAnswer) -> HttpResponse:
    """The stored answer."""
    headers = {"Idempotent-Replayed": "true"}
    if not row.sealed:
        if row.status == 201 and isinstance(row.body, dict) and "url" in row.body:  # an upload's, which goes on from its address
            headers["Location"] = row.body["url"]
        return JsonResponse(row.body, status=row.status, safe=False, headers=headers)
    body = unseal(bearer(request), row.sealed)
    if body is None:
        raise ApiError(409, "other_token", OTHER_TOKEN)
    return HttpResponse(body, status=row.status, content_type="application/json; charset=utf-8", headers=headers)


def shown_once(request: HttpRequest) -> None:
    """The answer to this call holds what is kept as a hash alone: it is stored sealed."""
    setattr(request, "is_shown_once", True)  # noqa: B010


def open_row(request: HttpRequest, row: IdempotentAnswer) -> None:
    """Notes whose answer this request gives; every so often old rows go."""
    setattr(request, "idempotent_row", row.pk)  # noqa: B010
    row_here.set(row.pk)
    if row.pk % PURGE_EVERY == 0:
        purge()


def taken_over(row: IdempotentAnswer, digest: str) -> bool:
    """Whether a row that is too old, answered or abandoned, is now this call's (one of several callers wins)."""
    rows = IdempotentAnswer.objects.filter(pk=row.pk, created_at=row.created_at)
    old = rows.filter(created_at__lt=Now() - KEPT) | rows.filter(created_at__lt=Now() - ABANDONED, status=None, request_digest=digest)
    return old.exists() and bool(old.update(created_at=Now(), status=None, body=None, sealed="", request_digest=digest))


def purge() -> None:
    """Removes answers older than a day."""
    IdempotentAnswer.objects.filter(created_at__lt=Now() - KEPT).delete()


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keeps the answer of a first call; one that began nothing is forgotten, so that a corrected repeat runs."""
    row_here.set(None)
    row = getattr(request, "idempotent_row", None)
    if row is None:
        return None
    if not (200 <= response.status_code < 300 or response.status_code == CONFLICT) or not isinstance(response, HttpResponse):
        return forget(request)
    rows = IdempotentAnswer.objects.filter(pk=row)
    if response.status_code == CONFLICT:
        rows = rows.filter(status=None)  # a refusal takes no other call's place
    rows.update(status=response.status_code, **stored(request, response.content))
    return None


def stored(request: HttpRequest, content: bytes) -> dict[str, Any]:
    """An answer's columns."""
    if getattr(request, "is_shown_once", False):
        return {"body": None, "sealed": seal(bearer(request), content)}
    return {"body": json.loads(content) if content else None}


def forget(request: HttpRequest) -> None:
    """Removes the open row of this request."""
    row = getattr(request, "idempotent_row", None)
    if row is not None:
        IdempotentAnswer.objects.filter(pk=row, status=None).delete()


def digest_of(request: HttpRequest, actor: Actor) -> str:
    """sha256 over what makes two requests the same: team, method, address, an upload's headers, and body (fields and files of a form)."""
    told = [value for name, value in sorted(request.headers.items()) if name.startswith("Upload-")]
    digest = hashlib.sha256(json.dumps([actor.team.id, request.method, request.get_full_path(), *told]).encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    digest.update(json.dumps(sorted(request.POST.lists())).encode())
    for field, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(json.dumps([field, file.name, file.size]).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()
