"""Every address, by every kind of caller, about own, another team's, trashed, deleted and random things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.access.rights import ANYBODY, LINK, ROLES, may_session, may_token
from tests.access.routes import CALLS, PAGES, SOCKETS, Route
from tests.access.world import Side
from webapp.api.urls import api
from webapp.jobs.consumers import Nowhere
from webapp.jobs.routing import websocket_urlpatterns
from webapp.reports.models import ShareLink

OPEN = (ANYBODY, LINK)
ABOUT = {name: route for name, route in {**PAGES, **CALLS}.items() if route.about and route.right is not LINK}


def pages(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the URLconf outside the API's calls."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        where = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, where)
        elif not where.startswith("/api/v1/") or where.startswith("/api/v1/docs"):
            yield where


def calls() -> set[str]:
    """Every call of the API."""
    paths = api.get_openapi_schema()["paths"]
    return {f"{method.upper()} {path.removeprefix('/api/v1')}" for path, methods in paths.items() for method in methods}


def test_every_page_stands_in_the_table():
    assert set(pages()) == set(PAGES)


def test_every_call_stands_in_the_table():
    assert calls() == set(CALLS)


def test_every_socket_stands_in_the_table():
    served = [str(pattern.pattern) for pattern in websocket_urlpatterns if pattern.callback.consumer_class is not Nowhere]
    assert set(served) == set(SOCKETS)


def address(name: str, route: Route, side: Side) -> str:
    """The address with that side's thing in its place."""
    path = f"/api/v1{name.split()[1]}" if " " in name else name
    named = {place: side.ids[thing] for place, thing in route.also.items()}
    for place, value in {route.place: side.ids.get(route.about, ""), **named, **route.rest}.items():
        for kind in ("str:", "int:", "slug:", ""):
            path = path.replace(f"<{kind}{place}>", str(value))
        path = path.replace(f"{{{place}}}", str(value))
    return path


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no row behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def call(client: Client, name: str, route: Route, side: Side, token: str = "") -> HttpResponse:
    """The answer; nothing of what it did stays."""
    body = {**route.body, **({route.named: side.ids[route.about]} if route.named else {})}
    headers = {**route.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
    with undone():
        if " " in name and route.method in ("post", "patch") and not route.file and "Content-Type" not in headers:
            return getattr(client, route.method)(
                address(name, route, side), json.dumps(body), content_type="application/json", headers=headers
            )
        files = {route.file: SimpleUploadedFile("some.zip", b"something")} if route.file else {}
        return getattr(client, route.method)(address(name, route, side), {**body, **files}, headers=headers)


def let_in(answer: HttpResponse) -> bool:
    """Whether the caller got as far as the thing itself: done, or refused for what was sent or how the thing stands."""
    to_login = answer.status_code == 302 and answer["Location"].startswith("/login/?next=")
    return not to_login and answer.status_code not in (401, 403, 404, 500)


def check_member(name: str, route: Route, answer: HttpResponse, may: bool) -> None:
    """A member's answer about the team's own thing."""
    if not may:
        assert answer.status_code in ({403, 404} if route.own else {404} if route.right.hidden else {403}), answer.content[:300]
    elif route.method == "get" and " " not in name:
        assert answer.status_code == route.opens, answer.content[:300]
    else:
        assert let_in(answer), (answer.status_code, answer.content[:300])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_a_members_browser_opens_what_the_role_may(name, role, sides, browser_of):
    route = PAGES[name]
    may = route.right in OPEN or (may_session(route.right, role) and (role == "owner" or not route.own))
    check_member(name, route, call(browser_of(role), name, route, sides["own"]), may)


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", CALLS)
def test_a_token_does_what_its_scope_and_its_owners_role_may(name, role, scope, sides, browser_of, token_of):
    route = CALLS[name]
    answer = call(browser_of("nobody"), name, route, sides["own"], token_of(role, scope))
    check_member(name, route, answer, may_token(route.right, role, scope))


@pytest.mark.parametrize(("name", "whose"), [(name, whose) for name, route in ABOUT.items() for whose in route.gone])
def test_what_is_not_there_for_one_is_not_found_by_any_role(name, whose, sides, browser_of, token_of):
    route = ABOUT[name]
    for role in ROLES:
        token = token_of(role, "write") if " " in name else ""
        answer = call(browser_of("nobody" if token else role), name, route, sides[whose], token)
        may = may_token(route.right, role, "write") if token else may_session(route.right, role)
        assert answer.status_code == 404 or (answer.status_code == 403 and not may), (role, answer.status_code)


@pytest.mark.parametrize("name", ABOUT)
def test_another_teams_thing_and_a_random_id_answer_alike(name, sides, browser_of, token_of):
    token = token_of("owner", "write") if " " in name else ""
    client = browser_of("nobody" if token else "owner")
    theirs, random = (call(client, name, ABOUT[name], sides[whose], token) for whose in ("another team's", "random"))
    assert (theirs.status_code, without_ids(theirs, sides)) == (random.status_code, without_ids(random, sides))


def without_ids(answer: HttpResponse, sides: dict[str, Side]) -> str:
    """The body without what differs by itself: the ids that were asked for, and the forms' keys."""
    text = answer.content.decode()
    for whose in ("another team's", "random"):
        for id in sides[whose].ids.values():
            text = text.replace(id, "ID")
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower())


@pytest.mark.parametrize("name", ABOUT)
def test_an_outsider_finds_nothing_of_ours(name, sides, browser_of, token_of):
    token = token_of("outsider", "write") if " " in name else ""
    answer = call(browser_of("nobody" if token else "outsider"), name, ABOUT[name], sides["own"], token)
    assert answer.status_code == 404


@pytest.mark.parametrize("name", [name for name, route in PAGES.items() if route.right not in OPEN])
def test_nobodys_browser_is_sent_to_the_login(name, sides, browser_of, token_of):
    for token in ("", token_of("owner", "write")):  # a token opens no page
        for whose in ("own", *PAGES[name].gone):
            answer = call(browser_of("nobody"), name, PAGES[name], sides[whose], token)
            assert answer.status_code == 302 and answer["Location"].startswith("/login/?next="), (whose, answer.status_code)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_without_a_living_token_is_told_401(name, sides, browser_of):
    for client, token in (
        (browser_of("nobody"), ""),
        (browser_of("owner"), ""),
        (browser_of("nobody"), "x" * 40),
    ):  # a cookie opens no call
        for whose in ("own", *CALLS[name].gone):
            assert call(client, name, CALLS[name], sides[whose], token).status_code == 401


SHARED = [name for name, route in PAGES.items() if route.right is LINK]


@pytest.mark.parametrize("who", ["nobody", "outsider"])
@pytest.mark.parametrize("name", SHARED)
def test_a_code_opens_its_report_to_anybody_while_it_lives(name, who, sides, browser_of):
    def statuses() -> list[int]:
        return [call(browser_of(who), name, PAGES[name], sides[whose]).status_code for whose in ("own", "trashed", "deleted", "random")]

    assert statuses() == [200, 404, 404, 404]
    link = ShareLink.objects.filter(pk=sides["own"].ids["link"])
    link.update(expires_at=timezone.now())
    assert statuses() == [404] * 4
    link.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    assert statuses() == [404] * 4


def test_a_code_opens_nothing_else(sides, browser_of):
    client = browser_of("nobody")
    client.get(address(SHARED[0], PAGES[SHARED[0]], sides["own"]))
    for name, route in PAGES.items():
        if route.right not in OPEN:
            assert call(client, name, route, sides["own"]).headers.get("Location", "").startswith("/login/"), name


@pytest.mark.parametrize("name", [name for name, route in PAGES.items() if route.method == "post"])
def test_a_form_without_its_key_is_refused(name, sides, cast):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(cast["owner"])
    answer = call(client, name, PAGES[name], sides["own"])
    assert answer.status_code == 403 and b"This page was open too long" in answer.content


def test_a_form_sent_after_signing_out_leads_through_the_login_back_to_its_page(db):
    answer = Client(enforce_csrf_checks=True).post("/reports/preview/", headers={"Referer": "http://testserver/reports/?q=a"})
    assert answer.status_code == 403
    assert "/login/?next=http%3A%2F%2Ftestserver%2Freports%2F%3Fq%3Da" in answer.content.decode()


@pytest.mark.parametrize("name", [name for name, route in PAGES.items() if route.method == "get"])
def test_a_page_that_reads_takes_no_other_method(name, sides, browser_of):
    client, path = browser_of("owner"), address(name, PAGES[name], sides["own"])
    answers: dict[str, Any] = {method: getattr(client, method)(path).status_code for method in ("put", "patch", "delete")}
    assert set(answers.values()) <= {403, 404, 405}, answers


@pytest.mark.parametrize("name", [name for name, route in PAGES.items() if route.method == "post"])
def test_an_address_that_only_takes_forms_says_so_to_who_opens_it(name, sides, browser_of):
    answer = browser_of("owner").get(address(name, PAGES[name], sides["own"]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert b"This address takes POST only; GET came." in answer.content and b"To the home page" in answer.content


@pytest.mark.parametrize("name", [name for name, route in PAGES.items() if route.method == "post"])
def test_a_script_is_told_so_in_a_sentence_alone(name, sides, browser_of):
    answer = browser_of("owner").get(address(name, PAGES[name], sides["own"]), headers={"HX-Request": "true"})
    assert answer.status_code == 405 and answer.content.startswith(b"This address takes POST only; GET came.")
