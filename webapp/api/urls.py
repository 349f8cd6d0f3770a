"""The API's addresses: each call behind the guard, the documentation open, anything else 404 in JSON."""

from __future__ import annotations

from django.urls import URLPattern, include, path, re_path
from django.views.decorators.http import require_safe

from webapp.api.docs import index, resource
from webapp.api.guard import guarded, open_to_all, unknown
from webapp.api.service import make_api
from webapp.datasets.uploads.tus import spoken

OPEN = {"openapi-json"}
IN_PARTS = "uploads"  # speaks tus
api = make_api()


def behind_the_guard() -> list[URLPattern]:
    """The API's own addresses, each with its guard."""
    calls = [call for call in api.urls[0] if isinstance(call, URLPattern)]
    for call in calls:
        guard = open_to_all(require_safe(call.callback)) if call.name in OPEN else guarded(call.callback)
        call.callback = spoken(guard) if str(call.pattern).startswith(IN_PARTS) else guard
    return [call for call in calls if call.name != "api-root"] + [path("", open_to_all(unknown), name="api-root")]


urlpatterns = [
    path("docs", index, name="api-docs"),
    path("docs/<str:resource>", resource, name="api-docs-resource"),
    path("", include((behind_the_guard(), "api"))),
    re_path(r"^.*$", unknown),
]
