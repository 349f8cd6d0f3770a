"""Websocket addresses."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from webapp.jobs.consumers import JobSocket, Nowhere, TeamSocket

websocket_urlpatterns: list[Any] = [
    path("ws/jobs/<str:job_id>/", JobSocket.as_asgi()),
    path("ws/team/", TeamSocket.as_asgi()),
    re_path(r"", Nowhere.as_asgi()),
]
