"""Whether somebody still may what they began: long answers ask again while they are sent (`webapp.core.pieces`)."""

from __future__ import annotations

from webapp.accounts.actions import ticket_actor
from webapp.accounts.actor import Actor, Request, let_in_again
from webapp.accounts.models import User


def still_let_in(request: Request, actor: Actor, verb: str) -> bool:
    """Whether the actor would be let in again to `verb`: signed in or with a living token, in the team, with that right."""
    if actor.via == "session":
        return let_in_again(request, verb)
    user = User.objects.filter(pk=actor.user.pk).first()
    now = None if user is None else ticket_actor(user, actor.team.pk, actor.token_id)
    return now is not None and now.can(verb)
