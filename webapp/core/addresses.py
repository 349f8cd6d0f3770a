"""Addresses that end in a number, or nearly: of many images that differ in it alone."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse

MARK = "918273645"  # stands for the number where an address is taken apart


@lru_cache(maxsize=1024)
def around(name: str, *places: str | int) -> tuple[str, str]:
    """What stands before and behind the last place of that address."""
    before, _, behind = reverse(name, args=[*places, int(MARK)]).rpartition(MARK)
    return before, behind


def numbered(name: str, *places: str | int) -> str:
    """As `reverse`, whose last place is a number: for the five addresses of each of sixty tiles that takes a fifth of their page."""
    *first, number = places
    before, behind = around(name, *first)
    return f"{before}{number}{behind}"
