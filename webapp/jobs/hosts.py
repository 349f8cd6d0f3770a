"""What the queue page shows of each host: its figures, its GPUs, its processes and what they run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from webapp.core.words import UNKNOWN, bytes_size, duration, percent, plural, role_words
from webapp.jobs.models import Job, Queue
from webapp.jobs.nodes import Seen, dispatch_late_seconds, number, reap_late_seconds

FULL = 0.95  # of memory or disk: above it the bar is red
DUTIES = (("reaped", "reaped_at"), ("dispatched", "dispatched_at"))  # of the keeper
ORDER = (Queue.DEVICE, Queue.HOST, "interactive", "keeper")


class Bar(NamedTuple):
    """A share of 1 (None: not told), and the figure in words."""

    label: str
    share: float | None
    told: str
    tone: str = ""


class Gpu(NamedTuple):
    """One GPU: its name, how warm it is and what it draws, its bars."""

    name: str
    note: str
    bars: list[Bar]


class Process(NamedTuple):
    """One process: what it does, its state, its age, and its jobs."""

    name: str
    does: str
    word: str
    tone: str
    notes: list[str]
    trouble: str
    jobs: list[Job]


class Host(NamedTuple):
    """One card."""

    name: str
    word: str
    tone: str
    alive: bool
    about: str
    versions: list[str]
    trouble: str
    bars: list[Bar]
    gpus: list[Gpu]
    processes: list[Process]


def hosts(nodes: Sequence[Seen], running: Sequence[Job]) -> list[Host]:
    """A card a host, by name; `running` are all jobs that run."""
    by_host = groupby(sorted(nodes, key=lambda seen: seen.node.host), key=lambda seen: seen.node.host)
    return [host(name, list(group), running) for name, group in by_host]


def host(name: str, nodes: list[Seen], running: Sequence[Job]) -> Host:
    """One host with its processes."""
    alive = [seen for seen in nodes if seen.alive]
    told = facts(alive or nodes)
    word, tone = state(nodes, alive)
    return Host(
        name=name,
        word=word,
        tone=tone,
        alive=bool(alive),
        about=" · ".join(about(told)),
        versions=versions(told),
        trouble=differing(alive),
        bars=bars(told),
        gpus=[gpu(one) for one in told.get("gpus") or []],
        processes=[process(seen, running) for seen in sorted(nodes, key=place)],
    )


def facts(nodes: Iterable[Seen]) -> dict[str, Any]:
    """What they told of their host, the newest word of each."""
    told: dict[str, Any] = {}
    for seen in sorted(nodes, key=lambda seen: -seen.silent):
        told |= seen.node.info
    return told


def state(nodes: list[Seen], alive: list[Seen]) -> tuple[str, str]:
    """The host's pill."""
    if not alive:
        return "silent", "bad"
    if gone := len(nodes) - len(alive):
        return f"{gone} of {len(nodes)} silent", "bad"
    if refusing := sum(bool(seen.refuses) for seen in nodes):
        return f"{refusing} of {len(nodes)} refuse" if refusing > 1 else f"{refusing} of {len(nodes)} refuses", "bad"
    if lost := [name for seen in alive for name in seen.lost]:
        return f"{', '.join(lost)} lost", "bad"
    return "alive", "good"


def about(told: dict[str, Any]) -> Iterator[str]:
    """The host's devices in a few words."""
    if gpus := told.get("gpus"):
        yield plural(len(gpus), "GPU")
    elif devices := [name for name in told.get("devices") or [] if name != "cpu"]:
        yield ", ".join(devices)
    if processors := told.get("processors"):
        yield plural(processors, "core")
    if memory := told.get("memory_total"):
        yield bytes_size(memory)


def versions(told: dict[str, Any]) -> list[str]:
    """Each with its name."""
    known: dict[str, Any] = {**(told.get("versions") or {}), "driver": told.get("driver")}
    shown = {"synset": "Synset", "python": "Python", "torch": "torch", "driver": "driver", "schema": "schema"}
    return [f"{name}\N{NO-BREAK SPACE}{known[key]}" for key, name in shown.items() if known.get(key)]


def differing(alive: Iterable[Seen]) -> str:
    """A sentence where living processes of one host run different code: one of them was not restarted."""
    told = [seen.node.info.get("versions") or {} for seen in alive]
    codes = {(one.get("synset"), one.get("schema")) for one in told if one}
    return "Its processes run different versions; restart them." if len(codes) > 1 else ""


def bars(told: dict[str, Any]) -> list[Bar]:
    """Processor, memory and disk, in the same places whether told or not."""
    cpu = number(told.get("cpu"))
    disk, free = number(told.get("disk_total")), number(told.get("disk_free"))
    used = None if disk is None or free is None else disk - free
    left = UNKNOWN if free is None else f"{bytes_size(free)} free"
    return [
        Bar("CPU", cpu, percent(cpu, 0)),
        space("Memory", number(told.get("memory_used")), number(told.get("memory_total"))),
        space("Disk", used, disk)._replace(told=left),
    ]


def space(label: str, used: float | None, total: float | None) -> Bar:
    """A bar of bytes."""
    if used is None or not total:
        return Bar(label, None, UNKNOWN)
    return Bar(label, used / total, f"{bytes_size(used)} of {bytes_size(total)}", "bad" if used / total > FULL else "")


def gpu(told: dict[str, Any]) -> Gpu:
    """One GPU as its driver tells it."""
    use = number(told.get("use"))
    warmth = ((number(told.get("temperature")), "°C"), (number(told.get("watts")), "W"))
    note = [f"{value:.0f} {unit}" for value, unit in warmth if value is not None]
    name = f"GPU {told.get('index', 0)}" + (f" · {told['name']}" if told.get("name") else "")
    memory = space("Memory", number(told.get("memory_used")), number(told.get("memory_total")))
    return Gpu(name, str(told.get("fault") or " · ".join(note)), [Bar("Use", use, percent(use, 0)), memory])


def place(seen: Seen) -> tuple[int, str]:
    """Those that run jobs first."""
    role = seen.node.role
    return (ORDER.index(role) if role in ORDER else len(ORDER), seen.node.name)


def process(seen: Seen, running: Sequence[Job]) -> Process:
    """One process and the jobs that it holds: an owner is the node's name and the process within it."""
    node = seen.node
    jobs = [job for job in running if job.owner.partition(":")[0] == node.name]
    word, tone = process_state(seen, len(jobs))
    trouble = f"refuses: {seen.refuses}" if seen.alive and seen.refuses else ""
    if seen.alive and seen.lost:
        trouble = trouble or f"{', '.join(seen.lost)} stopped working and takes no job; reset it, then start this worker anew"
    return Process(node.name, role_words(node.role), word, tone, list(notes(seen)), trouble, jobs)


def process_state(seen: Seen, jobs: int) -> tuple[str, str]:
    """The process's pill."""
    if not seen.alive:
        return f"silent for {duration(seen.silent)}", "bad"
    if seen.refuses:
        return "refuses", "bad"
    if seen.node.role == "keeper":
        return ("late", "bad") if keeper_late(seen) else ("alive", "good")
    if seen.node.role not in Queue.values:
        return "alive", "good"
    if not jobs:
        return "free", "good"
    return f"{jobs} of {seen.node.slots} busy" if seen.node.slots > 1 else "busy", "accent"


def keeper_late(seen: Seen) -> bool:
    """Whether one of the keeper's duties was not done for too long."""
    reaped, sent = seen.since("reaped_at"), seen.since("dispatched_at")
    return (reaped or 0.0) > reap_late_seconds() or (sent or 0.0) > dispatch_late_seconds()


def notes(seen: Seen) -> Iterator[str]:
    """One line of its age, when it was last heard and its slots; for the keeper one of when it last did its duties."""
    if not seen.alive:
        return
    up, slots = seen.up_seconds, seen.node.slots
    line = [f"up {duration(up)}"] * (up is not None) + [f"heard {duration(seen.silent)} ago"]
    yield " · ".join(line + [plural(slots, "slot")] * (seen.node.role in Queue.values and slots > 1))
    told = [(duty, seen.since(fact)) for duty, fact in DUTIES if seen.node.info.get(fact)]
    if told:
        yield " · ".join(f"{duty} {duration(ago)} ago" for duty, ago in told)
