"""What the frame around every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """The actor, for the side bar; counts are added by the apps that own them."""
    return {"actor": getattr(request, "actor", None)}
