"""The actor of a request: a person in one team, with what that role (and token) allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth import get_user
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from webapp.accounts.choosing import COOKIE, last_place, page_team, place_for, place_in
from webapp.accounts.models import Membership, Role, Scope, Team, User
from webapp.accounts.permissions import VERBS, Forbidden, permitted


@dataclass(frozen=True)
class Actor:
    """Who acts. `scope` is what the token allows at most; a session has no such bound."""

    user: User
    team: Team
    role: Role
    scope: Scope = Scope.WRITE
    via: Literal["session", "token", "ticket"] = "session"
    token_id: str | None = None  # of a token, or of the one that a ticket was asked for with

    def can(self, verb: str) -> bool:
        """Whether this actor may; `verb` is a key of permissions.VERBS."""
        return permitted(verb, self.role, None if self.via == "session" else self.scope)

    def places(self) -> QuerySet[Membership]:
        """The person's places in all their teams, for the switcher."""
        return self.user.memberships.select_related("team").order_by("team__name")

    def require(self, verb: str) -> None:
        """Raises Forbidden (403), or Http404 where even the existence is hidden, unless this actor may."""
        if self.can(verb):
            return
        if VERBS[verb].hidden:
            raise Http404("There is nothing here.")
        why = "this token's scope or its owner's role does" if self.via != "session" else f"the role {self.role} in team {self.team} does"
        raise Forbidden(f"That needs the right {verb}, which {why} not give. Ask an owner of the team.")


class Request(HttpRequest):
    """For annotations: a request behind `@allowed`, which has an actor."""

    actor: Actor


def acting(user: User, place: Membership | None, **how: Any) -> Actor | None:
    """The active user in that place; `how` as the fields of Actor."""
    return None if place is None or not user.is_active else Actor(user, place.team, Role(place.role), **how)


def actor_in(user: User, team_id: str | None = None, **how: Any) -> Actor | None:
    """The user as a member of that team (of their first one when none is named), or None when they are in none."""
    return acting(user, place_in(user, team_id) if team_id else last_place(user), **how)


def session_actor(request: HttpRequest, page: str | None = None) -> Actor | None:
    """The signed-in person of a session, in the team that the request is for; `page` names it where its headers do not."""
    if not request.user.is_authenticated:
        return None
    page = page_team(request) if page is None else page
    return acting(request.user, place_for(request.user, page, request.COOKIES.get(COOKIE, "")))


def cookie_actor(cookies: Mapping[str, str], page: str) -> Actor | None:
    """The signed-in person of the cookie's session as the database has it now, in the team of the page that asks."""
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request = HttpRequest()
    request.COOKIES = dict(cookies)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request.user = get_user(request)
    return session_actor(request, page)


def let_in_again(request: Request, verb: str) -> bool:
    """Whether who was let in by a session would be let in again: neither signed out nor out of the team, with the right to `verb`."""
    now = cookie_actor(request.COOKIES, request.actor.team.pk)
    return now is not None and now.user == request.actor.user and now.can(verb)
