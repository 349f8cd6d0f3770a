"""What an action refuses, said on the page that comes next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from classifier.spec.errors import InputError


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """Around an action: its InputError becomes a message, and the view goes on."""
    try:
        yield
    except InputError as error:
        messages.error(request, error.message)
