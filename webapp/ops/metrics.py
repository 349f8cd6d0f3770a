"""GET /metrics for Prometheus: what stands in the rows at this moment, behind a token of its own.

No login and no person's token opens it: figures of all teams are nobody's own, and a scraper must not end with somebody's account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client.core import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from webapp.ops import families

NEVER = {"Cache-Control": "no-store"}
NO_TOKEN = "Metrics need their own token. Send the header Authorization: Bearer TOKEN; the server's operator knows it (METRICS_TOKEN).\n"
AWAY = "The database does not answer ({}); there are no figures until it is back.\n"


class Once(Collector):
    """Families that were made already."""

    def __init__(self, made: Iterable[Metric]) -> None:
        self.made = list(made)

    def collect(self) -> Iterator[Metric]:
        return iter(self.made)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The text format (or OpenMetrics, where it is asked for); 401 without the token, 503 while the database is away."""
    if not opens(request.headers.get("Authorization", "")):
        return plain(NO_TOKEN, 401, {"WWW-Authenticate": 'Bearer realm="Synset metrics"'})
    try:
        made = list(families.collected())
    except (DatabaseError, InterfaceError) as error:
        connection.close()
        return plain(AWAY.format(type(error).__name__), 503)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once(made))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type, headers=NEVER)


def opens(header: str) -> bool:
    """Whether an Authorization header carries the token; compared in a time that tells nothing of it."""
    scheme, _, token = header.partition(" ")
    return scheme.lower() == "bearer" and compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def plain(words: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """A sentence."""
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8", headers={**NEVER, **(headers or {})})
