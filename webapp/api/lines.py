"""Long answers of plain rows: written straight to JSON, since checking 10,000 rows against a schema would take a second."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from ninja import Query

from classifier.spec.events import finite

MOST_ROWS = 10_000
Since = Annotated[int, Query(ge=0, le=2**63 - 1, description="Exclusive: rows with a higher `seq` come.")]


def rows_json(name: str, rows: list[dict[str, Any]], following: int | None) -> HttpResponse:
    """{name: rows, "next": following}, without NaN."""
    return plain_json({name: finite(rows), "next": following})


def plain_json(body: dict[str, Any]) -> HttpResponse:
    """The body as it is."""
    text = json.dumps(body, cls=DjangoJSONEncoder, allow_nan=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json; charset=utf-8")
