"""Removes what was given up for good: a slice of rows a transaction, so that others can write between."""

from __future__ import annotations

import logging
import time

from django.db import IntegrityError, InterfaceError, OperationalError

from webapp.accounts.models import Team
from webapp.core import trash
from webapp.ops.trash import KINDS, Kind

logger = logging.getLogger(__name__)
SECONDS = 0.2  # a round; then whoever waits for the database has it
MOST = 500  # things looked at in a round
MOST_TOLD = 10_000  # of a kind


def carry_on(seconds: float = SECONDS) -> bool:
    """One round; whether there is more to do at once. A process that dies in it loses nothing: the rows say what is left."""
    until = time.monotonic() + seconds
    for kind in KINDS.values():
        for thing in trash.given_up(kind.model)[:MOST]:
            while not finished(kind, thing):
                if time.monotonic() >= until:
                    return True
            if time.monotonic() >= until:
                return True
    return False


def finished(kind: Kind, thing: object) -> bool:
    """Takes the next slice of it; True where nothing is left, or where it has to wait for the next time."""
    try:
        return bool(kind.moves.finish(thing))
    except (OperationalError, InterfaceError):
        raise  # the database is away, for the others too
    except (IntegrityError, OSError) as error:
        logger.warning("The %s %s is not removed yet: %s", kind.noun, thing, error)
    except Exception:
        logger.exception("The %s %s is not removed yet, by a fault of ours", kind.noun, thing)
    return True


def left(team: Team) -> int:
    """How many of the team's things are being removed, as far as one looks ahead: asked by team, a database would read all of its rows."""
    teams = (trash.given_up(kind.model).values_list("team_id", flat=True)[:MOST_TOLD] for kind in KINDS.values())
    return sum(list(found).count(team.pk) for found in teams)
