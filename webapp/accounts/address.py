"""The network address of whoever asks."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Behind the TLS proxy (HTTPS on) the one that it wrote, last in its header; else, and where that is none, the peer's.

    Whatever stands further left in the header is the client's own word, and without a proxy all of it is: neither is believed.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1] if settings.HTTPS else ""
    return plain(told) or plain(request.META.get("REMOTE_ADDR", ""))


def plain(text: str) -> str:
    """The address without port and brackets; empty where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
