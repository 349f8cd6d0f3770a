"""What the side bar tells about every app: how many of each, and the device in use."""

from __future__ import annotations

from typing import Any

from webapp.core import words
from webapp.core.context import count_of, device_from
from webapp.datasets.queries import offered
from webapp.experiments.models import Experiment
from webapp.jobs import queries
from webapp.jobs.models import Job, Node, Queue, State


def register() -> None:
    """Tells the frame where to read its counts; every query runs on an index that begins with the team."""
    count_of("datasets", offered)
    count_of("experiments", lambda team: Experiment.objects.filter(team=team))
    count_of("queue", lambda team: Job.objects.filter(team=team, state__in=(State.QUEUED, State.RUNNING)))
    # from the experiments' side: from the reports' every evaluation would be read, with its confusion matrix
    count_of("reports", lambda team: Experiment.objects.filter(team=team, evaluations__report__isnull=False))
    device_from(device)


def device() -> dict[str, Any] | None:
    """The living device workers together: one by its name, several by their number, with the share of slots in use."""
    nodes = list(queries.nodes().filter(role=Queue.DEVICE, slots__gt=0))  # one that refuses has none
    if not nodes:
        return None
    slots = sum(node.slots for node in nodes)
    used = min(slots, Job.objects.filter(queue=Queue.DEVICE, state=State.RUNNING).count())
    name = device_name(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} devices"
    return {
        "name": name,
        "busy": f"{used} of {slots} in use" if slots > 1 else ("busy" if used else "free"),
        "load": used / slots if slots else 0,
        "title": ", ".join(device_name(node) for node in nodes),
    }


def device_name(node: Node) -> str:
    """What the worker calls its device, or its host while it has not told."""
    devices = [str(name) for name in node.info.get("devices") or []]
    if devices == ["cpu"]:
        return f"CPU, {words.plural(node.info.get('processors', 1), 'core')}"
    return ", ".join(devices) or node.host
