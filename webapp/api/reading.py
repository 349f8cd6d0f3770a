"""Where the API reads JSON, addresses and forms: text that is none is refused here, by the field it stands in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from webapp.api.errors import FieldErrors
from webapp.core.texts import BROKEN, HALF, halves, trouble

LONGEST_NAME = 120


class StrictParser(Parser):
    """django-ninja's parser, for which each text is one that every database and page can hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON of the body. Raises FieldErrors."""
        body = super().parse_body(request)
        wrong = {(".".join(place) or "body")[:LONGEST_NAME]: HALF for place in halves(body)}
        if wrong:
            raise FieldErrors(wrong)
        return body

    def parse_querydict(self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest) -> Any:
        """The values of an address or a form. Raises FieldErrors."""
        wrong = {name[:LONGEST_NAME]: words for name, values in data.lists() if (words := first_trouble(name, values))}
        if wrong:
            raise FieldErrors(wrong)
        return super().parse_querydict(data, list_fields, request)


def first_trouble(name: str, values: list[Any]) -> str | None:
    """What is wrong with a name or its values; files are no text."""
    if trouble(name):
        return BROKEN
    return next((words for value in values if isinstance(value, str) and (words := trouble(value))), None)
