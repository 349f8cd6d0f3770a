"""The processes that report themselves, and what a silence of theirs means."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from django.conf import settings

from webapp.jobs.clock import database_time, node_alive_seconds
from webapp.jobs.models import Node

PACES_TO_MISS = 5


class Seen(NamedTuple):
    """A process as it last reported itself, and the seconds since, by the database's clock."""

    node: Node
    silent: float
    now: datetime.datetime

    @property
    def alive(self) -> bool:
        return self.silent <= node_alive_seconds()

    @property
    def serves(self) -> bool:
        """Whether it takes work; one of another version reports no slots."""
        return self.alive and self.node.slots > 0

    @property
    def refuses(self) -> str:
        """Why it takes no work: "its version is older than …"; empty where it does."""
        return str(self.node.info.get("refuses") or "")

    @property
    def lost(self) -> list[str]:
        """Its devices that stopped working."""
        return [str(name) for name in self.node.info.get("lost_devices") or []]

    @property
    def up_seconds(self) -> float | None:
        """How long it runs; None where it did not say."""
        up = number(self.node.info.get("up_seconds"))
        return None if up is None else up + self.silent

    def since(self, fact: str) -> float | None:
        """Seconds since the time that its info has under that name, or since its start where it has none yet; None for unknown."""
        told = self.node.info.get(fact)
        return self.up_seconds if told is None else (self.now - datetime.datetime.fromisoformat(told)).total_seconds()


def seen(now: datetime.datetime | None = None) -> list[Seen]:
    """Every process that reported within the day; `now` by the database's clock where the caller has asked it already."""
    now = now or database_time()
    return [Seen(node, max(0.0, (now - node.beat_at).total_seconds()), now) for node in Node.objects.order_by("role", "name")]


def reap_late_seconds() -> float:
    """After how long without reaping the reaper counts as dead."""
    return max(node_alive_seconds(), PACES_TO_MISS * float(settings.JOB_REAP_SECONDS))


def dispatch_late_seconds() -> float:
    """After how long without dispatching the dispatcher counts as dead."""
    return max(node_alive_seconds(), PACES_TO_MISS * float(settings.JOB_DISPATCH_SECONDS))


def number(value: Any) -> float | None:
    """A figure that a process told; None for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
