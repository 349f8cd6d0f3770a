"""What other apps end when somebody loses the right that it hangs on. They register in their `apps.py`: this app imports none of them."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.module_loading import import_string

from webapp.accounts.models import Role, Team, User
from webapp.accounts.permissions import permitted


class Ending(NamedTuple):
    """Things of a person in a team that do not outlive the person's right to make them."""

    verb: str
    thing: str  # in the singular: "share link"
    end: str  # the dotted name of a function (user, team) -> how many it ended, imported when it is first needed


endings: set[Ending] = set()


def end_what_hangs_on(user: User, team: Team, before: Role, now: Role | None) -> dict[str, int]:
    """Ends what that change of role takes the right to, inside the transaction that changes it: {"share link": 2}."""
    lost = [ending for ending in sorted(endings) if may(ending.verb, before) and not may(ending.verb, now)]
    ended = {ending.thing: int(import_string(ending.end)(user, team)) for ending in lost}
    return {thing: count for thing, count in ended.items() if count}


def may(verb: str, role: Role | None) -> bool:
    """Whether a member of that role may; who is no member may nothing."""
    return role is not None and permitted(verb, role, None)


def as_details(ended: dict[str, int]) -> dict[str, int]:
    """As the audit log keeps it: {"share_links": 2}."""
    return {f"{thing.replace(' ', '_')}s": count for thing, count in ended.items()}
