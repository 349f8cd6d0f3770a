"""What the system stands on: is each part well, and if not, what to do. Read by readyz, the queue page and the metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from webapp.core import schema
from webapp.core.words import duration, shortened
from webapp.jobs import room
from webapp.jobs.models import Queue
from webapp.jobs.nodes import Seen, dispatch_late_seconds, number, reap_late_seconds, seen

PING_SECONDS = 1.0
WRITTEN = "synset:written"  # a server may answer and take no write: its disk or memory is full, it is a replica
REFUSAL_CHARACTERS = 120
WELL = {
    "database": "The database answers.",
    "redis": "Redis answers and takes what is written.",
    "disk": "The disk of the data folder has room.",
    "workers": "A worker serves each queue.",
    "keeper": "The keeper watches the queue.",
    "reaper": "Jobs whose worker died are taken up again.",
    "dispatcher": "Jobs whose message got lost are sent again.",
    "interactive": "A worker classifies.",
    "versions": "Every process fits the database's schema.",
}


class Service(NamedTuple):
    """One part; `late` has a sentence that needs an eye, while everything can still work."""

    name: str
    ok: bool
    late: bool
    sentence: str


def services(nodes: Sequence[Seen] | None = None) -> list[Service]:
    """Every part, in the order in which they matter. `nodes` where the caller has them already."""
    fault = database_fault()
    told = [service("database", fault), service("redis", redis_fault())]
    if fault:  # who lives stands in the database
        return [*told, service("disk", disk_fault([])), service("workers", workers_fault([])), service("keeper", keeper_fault([]))]
    nodes = seen() if nodes is None else nodes
    told += [service("disk", disk_fault(nodes)), service("workers", workers_fault(nodes)), *keeping(nodes), classifying(nodes)]
    return [*told, versions(nodes, " ".join(part.sentence for part in told))]


def service(name: str, fault: str, *, late: bool = False) -> Service:
    """The part with its fault, or well."""
    return Service(name, late or not fault, late and bool(fault), fault or WELL[name])


def database_fault() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"The database does not answer ({type(error).__name__}); nothing can be read or saved."
    return ""


def redis_fault() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PING_SECONDS, socket_connect_timeout=PING_SECONDS) as client:
            client.set(WRITTEN, 1, ex=60)
    except redis.ResponseError as error:
        return (
            f"Redis refuses what is written to it ({shortened(str(error), REFUSAL_CHARACTERS).rstrip('. ')}). Jobs are saved and wait; "
            "they go on by themselves once it takes writes again."
        )
    except (redis.RedisError, OSError) as error:
        return f"Redis does not answer ({type(error).__name__}); jobs are saved, live updates and classification wait."
    return ""


def disk_fault(nodes: Sequence[Seen]) -> str:
    """As this process sees the data folder; else what a worker tells of it that has a disk of its own there."""
    if full := room.waited_for():
        return full
    for each in nodes:
        if each.serves and (full := room.lacking(number(each.node.info.get("disk_free")))):
            return f"{each.node.name}: {full} {room.goes_on()}"
    return ""


def workers_fault(nodes: Sequence[Seen]) -> str:
    missing = [name for name in Queue.values if not any(seen.serves for seen in nodes if seen.node.role == name)]
    if not missing:
        return ""
    refusing = [refusal(seen) for seen in nodes if seen.alive and seen.refuses and seen.node.role in missing]
    return " ".join([f"No worker serves the queue {' and '.join(missing)}; its jobs wait.", *refusing])


def keeping(nodes: Sequence[Seen]) -> list[Service]:
    """The keeper and, while it reports, its two duties: it may beat on while one of them hangs or fails."""
    fault = keeper_fault(nodes)
    keepers = [seen for seen in nodes if seen.node.role == "keeper" and seen.serves]
    if fault:
        return [service("keeper", fault)]
    reaped, sent = newest(keepers, "reaped_at"), newest(keepers, "dispatched_at")
    return [service("keeper", ""), service("reaper", reaper_fault(reaped)), service("dispatcher", dispatcher_fault(sent))]


def keeper_fault(nodes: Sequence[Seen]) -> str:
    keepers = [seen for seen in nodes if seen.node.role == "keeper" and seen.alive]
    if any(seen.serves for seen in keepers):
        return ""
    if keepers:
        return f"{refusal(keepers[0])} Meanwhile jobs whose worker died stay where they are."
    return "The keeper does not report; jobs whose worker died stay where they are."


def newest(keepers: Sequence[Seen], fact: str) -> float:
    """Seconds since any of them last did it; 0 where none can say."""
    return min((ago for seen in keepers if (ago := seen.since(fact)) is not None), default=0.0)


def reaper_fault(ago: float) -> str:
    if ago <= reap_late_seconds():
        return ""
    return (
        f"The reaper is dead: the keeper reports, but looked after no job for {duration(ago)}. Jobs whose worker died stay where they are. "
        "Read the keeper's log and restart it."
    )


def dispatcher_fault(ago: float) -> str:
    if ago <= dispatch_late_seconds():
        return ""
    return (
        f"The dispatcher is dead: the keeper reports, but sent no waiting job for {duration(ago)}. A job whose message got lost waits. "
        "Read the keeper's log and restart it."
    )


def classifying(nodes: Sequence[Seen]) -> Service:
    """It starts after the others, since it loads torch: one that was never seen is late, one that was seen and is gone is down."""
    workers = [seen for seen in nodes if seen.node.role == "interactive"]
    if any(seen.alive for seen in workers):
        return service("interactive", "")
    if not workers:
        return service("interactive", "The worker that classifies has not reported yet; what is to be classified waits for it.", late=True)
    silent = duration(min(seen.silent for seen in workers))
    return service("interactive", f"The worker that classifies is silent for {silent}; what is to be classified waits until it is back.")


def versions(nodes: Sequence[Seen], said: str = "") -> Service:
    """Processes of another version than the database's tables, this web server among them; not those that were named already."""
    own = schema.mismatch()
    faults = [f"The web server's {own}."] if own else []
    refusals = [refusal(seen) for seen in nodes if seen.alive and seen.refuses]
    return service("versions", " ".join([*faults, *(words for words in refusals if words not in said)]), late=True)


def refusal(seen: Seen) -> str:
    """Who refuses and why."""
    return f"{seen.node.name} refuses: {seen.refuses}."
