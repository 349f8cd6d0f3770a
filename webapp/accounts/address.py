"""The network address of whoever asks."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Behind the TLS proxy (HTTPS on) the one that it wrote, last in its header; else, and where that is none, the peer's.

    Whatever stands further left in the header is the client's own word, and without a proxy all of it is: neither is believed.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1] if settings.HTTPS else ""
    return plain(told) or plain(request.META.get("REMOTE_ADDR", ""))


def client_network(request: HttpRequest) -> str:
    """What limits count by: an IPv4 address, of IPv6 the /64 that one connection has. Empty where there is no address."""
    address = client_address(request)
    known = ip_address(address) if address else None
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return address


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
