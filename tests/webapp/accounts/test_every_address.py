"""Every page is in the table of rights, or is one of the few that need none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from webapp.accounts.permissions import VERBS

OPEN = {"healthz", "readyz", "login", "logout", "setup", "robots", "invite", "lost", "reset"}
BY_CODE = {"shared", "shared-image", "shared-file", "shared-model"}  # whoever has a link; tests/webapp/reports/test_share_links.py
OPEN |= BY_CODE
OWN = {  # of oneself, whatever one's role
    "account",
    "password",
    "mail",
    "new-token",
    "revoke-token",
    "end-session",
    "end-other-sessions",
    "new-team",
    "switch",
    "leave",
}


def pages(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every address outside the API, which holds its own table."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not where.startswith("/api/"):
                yield from pages(pattern.url_patterns, where)
        else:
            yield where, pattern


PAGES = sorted(pages(), key=lambda page: page[0])
GUARDED = [(where, pattern) for where, pattern in PAGES if pattern.name not in OPEN]


def example(pattern: URLPattern, where: str) -> str:
    """The address with something in each place."""
    path = where
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        value = "1" if kind == "int" else "0" * 20
        path = path.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
    return path


@pytest.mark.parametrize(("where", "pattern"), GUARDED, ids=[where for where, _ in GUARDED])
def test_a_page_asks_for_a_right(where, pattern):
    assert pattern.name in OWN or getattr(pattern.callback, "verb", None) in VERBS


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("where", "pattern"), GUARDED, ids=[where for where, _ in GUARDED])
def test_a_stranger_sees_nothing_but_the_login(client, db, where, pattern, method):
    answer = getattr(client, method)(example(pattern, where))
    assert answer.status_code == 405 or answer.headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize(
    ("where", "pattern"), [page for page in GUARDED if "<" in page[0]], ids=[where for where, _ in GUARDED if "<" in where]
)
def test_an_id_of_nothing_is_not_found(owner, signed_in, where, pattern):
    client = signed_in(owner)
    answers = {getattr(client, method)(example(pattern, where)).status_code for method in ("get", "post")}
    assert answers <= {404, 405}
