"""Addresses that answer with a part of a page: a browser that opens one, by Back or in a new tab, is led to the page around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

View = TypeVar("View", bound=Callable[..., Any])


def is_opened(request: HttpRequest) -> bool:
    """Whether a browser loads the address as a page: scripts ask for anything or for JSON, and htmx says that it asks."""
    return "HX-Request" not in request.headers and "text/html" in request.headers.get("Accept", "")


def part_of(page: str, *, takes: tuple[str, ...] = ("id",), without: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Of a view that answers with a part of the page of that name, whose address has the places `takes`.

    The page gets the same query, so that it shows the same images, but for the fields `without`, which it does not know.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def led(request: HttpRequest, *args: Any, **places: Any) -> Any:
            if not is_opened(request):
                return view(request, *args, **places)
            query = request.GET.copy()
            for field in without:
                query.pop(field, None)
            address = reverse(page, kwargs={name: places[name] for name in takes})
            return redirect(f"{address}?{query.urlencode()}" if query else address)

        return cast(View, led)

    return decorate
