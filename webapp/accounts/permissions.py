"""Who may do what: one table, read by pages, API and sockets alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from webapp.accounts.choosing import page_team
from webapp.accounts.models import Role, Scope
from webapp.core.ids import is_id
from webapp.core.returning import back

if TYPE_CHECKING:
    from webapp.accounts.actor import Actor

Found = TypeVar("Found", bound=models.Model)
View = TypeVar("View", bound=Callable[..., Any])


class Rule(NamedTuple):
    """Which roles may, and the least scope of a token that may (None: no token at all)."""

    roles: frozenset[Role]
    scope: Scope | None
    hidden: bool = False  # refusal answers 404, as if the thing were not there


OWNER = frozenset({Role.OWNER})
EDITORS = OWNER | {Role.EDITOR}
MEMBERS = EDITORS | {Role.VIEWER}
VERBS: dict[str, Rule] = {
    "dataset.read": Rule(MEMBERS, Scope.READ),
    "dataset.edit": Rule(EDITORS, Scope.WRITE),  # create, upload, relabel too
    "dataset.delete": Rule(OWNER, Scope.WRITE),
    "job.read": Rule(MEMBERS, Scope.READ),  # metrics, log, socket
    "job.edit": Rule(EDITORS, Scope.WRITE),  # cancel, delete
    "experiment.read": Rule(MEMBERS, Scope.READ),
    "experiment.create": Rule(EDITORS, Scope.WRITE),
    "model.download": Rule(MEMBERS, Scope.READ),
    "classify": Rule(MEMBERS, Scope.WRITE),
    "report.read": Rule(MEMBERS, Scope.READ),
    "report.edit": Rule(EDITORS, Scope.WRITE),  # title, notes, tags; share and revoke
    "report.comment": Rule(MEMBERS, Scope.WRITE),
    "trash.read": Rule(EDITORS, Scope.READ),  # to restore asks for the right that deleting asked for
    "trash.purge": Rule(OWNER, Scope.WRITE),
    "team.edit": Rule(OWNER, None, hidden=True),
}


class Missing(Http404):
    """The team has nothing of that kind and id."""

    def __init__(self, model: type[models.Model], id: str) -> None:
        super().__init__(f"There is no {model._meta.verbose_name} of this id.")
        self.model, self.id = model, id


class Forbidden(PermissionDenied):
    """The actor sees the thing but may not do this to it (403)."""


def permitted(verb: str, role: Role, token_scope: Scope | None) -> bool:
    """Whether that role may, through a token of that scope (None: signed in with a password)."""
    rule = VERBS[verb]
    if role not in rule.roles:
        return False
    return token_scope is None or (rule.scope is not None and token_scope in (rule.scope, Scope.WRITE))


def get_for(actor: Actor, model: type[Found], id: str, verb: str, *, without: tuple[str, ...] = ()) -> Found:
    """The team's object of that id. Another team's and a random id raise the same Http404; a missing right raises Forbidden.

    without: large fields, which are read when they are asked for.
    """
    if not is_id(id):
        raise Missing(model, id)
    found = model._default_manager.filter(pk=id, team=actor.team).defer(*without).first()
    if found is None or getattr(found, "in_trash", False):
        raise Missing(model, id)
    actor.require(verb)
    return found


def stopped(request: HttpRequest, verb: str) -> HttpResponseBase | None:
    """The redirect of somebody who is not signed in; nothing for those who may. Raises Forbidden or Http404 for the rest."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        actor.require(verb)
        return None
    if request.user.is_authenticated and page_team(request):
        raise Forbidden(f"This page belongs to a team that {request.user} is not in, or not any more. Nothing was done. Reload the page.")
    if request.user.is_authenticated:
        raise Forbidden("You are in no team yet. Ask an owner to add you, or run manage.py create_user with --team.")
    return to_login(request)


def to_login(request: HttpRequest) -> HttpResponseBase:
    """To the login and back here; a script's request gets 401, and says so on its page."""
    here = request.get_full_path() if request.method in ("GET", "HEAD") else back(request, "/")  # a form's own address takes no GET
    address = f"{settings.LOGIN_URL}?{urlencode({'next': here})}"
    if request.headers.get("HX-Request") or request.headers.get("Sec-Fetch-Mode") in ("cors", "same-origin"):
        return HttpResponse("Sign in first.", status=401, content_type="text/plain")
    return redirect(address)


def allowed(verb: str) -> Callable[[View], View]:
    """Lets a page view run only for those who may `verb`; inside it `request.actor` is never None."""

    def decorate(view: View) -> View:
        @wraps(view)
        def plain(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return stopped(request, verb) or view(request, *args, **kwargs)

        @wraps(view)
        async def waiting(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return stopped(request, verb) or await view(request, *args, **kwargs)

        wrapper = cast(View, waiting if iscoroutinefunction(view) else plain)
        setattr(wrapper, "verb", verb)  # noqa: B010  # a test walks the addresses and asks for it
        return wrapper

    return decorate
