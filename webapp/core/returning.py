"""After a form: back to the page it stood on, with what was done and a way to undo it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, otherwise: str) -> str:
    """The page that the request came from, if it is ours."""
    return own_page(request, request.headers.get("Referer", ""), otherwise)


def own_page(request: HttpRequest, address: str, otherwise: str) -> str:
    """The address, if it is one of ours."""
    named = address.startswith(("/", "http://", "https://"))  # Django takes any other word for the name of a view
    safe = named and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else otherwise


def say(request: HttpRequest, words: str, **undo: list[str]) -> None:
    """A good message; with fields that the form of its Undo button sends (templates/components/_toast.html)."""
    fields = [[name, value] for name, values in undo.items() for value in values]
    messages.success(request, words, extra_tags=json.dumps(fields) if fields else "")


def undo_fields(message: Message) -> list[list[Any]]:
    """(name, value) of each field of a message's Undo button; none where it has no such button."""
    try:
        fields = json.loads(message.extra_tags or "[]")
    except ValueError:  # a tag that is none of ours
        return []
    return fields if isinstance(fields, list) else []


def wants_json(request: HttpRequest) -> bool:
    """Whether a script sent this form itself, and asks for an answer without a page."""
    return "application/json" in request.headers.get("Accept", "")
