"""Which devices this host offers: a job that trains or measures takes one for as long as it runs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from webapp.jobs.models import Queue

HOST_SLOTS = 2  # imports at the same time


class Slot(NamedTuple):
    """A device: its name, and what tells a child to use it alone."""

    name: str
    environment: dict[str, str]


def gpus() -> list[str]:
    """Numbers of this host's GPUs, asked of the driver's files so that no worker loads torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name for name in visible.split(",") if name.strip() and name != "-1"]
    return sorted((path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia[0-9]*")), key=int)


def devices() -> list[Slot]:
    """The slots that SYNSET_DEVICES names: auto (each GPU, else the processor), cpu, or GPUs' numbers.

    A child sees its own GPU alone, as number 0 whatever its number here: it must not read our SYNSET_DEVICES.
    """
    wanted = settings.SYNSET_DEVICES.strip().lower()
    if wanted == "cpu":
        return [Slot("cpu", {"CUDA_VISIBLE_DEVICES": "", "SYNSET_DEVICES": "cpu"})]
    found = gpus() if wanted in ("", "auto") else [name.strip() for name in wanted.split(",") if name.strip()]
    alone = {"SYNSET_DEVICES": "auto"}
    return [Slot(f"gpu {name}", {"CUDA_VISIBLE_DEVICES": name, **alone}) for name in found] or [Slot("cpu", alone)]


def count(queue: str) -> int:
    """How many jobs of a queue this host runs at the same time."""
    return len(devices()) if queue == Queue.DEVICE else HOST_SLOTS


def run_folder() -> Path:
    """Where this host's processes meet."""
    folder = Path(settings.SYNSET_HOME) / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def mark_of(name: str, kind: str) -> Path:
    """The file that stands for a slot's lock, or for its loss."""
    return run_folder() / f"slot-{name.replace(' ', '-')}.{kind}"


def drain(slot: Slot) -> None:
    """The device is broken: it takes no further job until the worker is started anew."""
    mark_of(slot.name, "lost").touch()


def lost() -> list[str]:
    """Names of devices that were drained."""
    return [slot.name for slot in devices() if mark_of(slot.name, "lost").exists()]


def facts() -> dict[str, list[str]]:
    """What the queue page tells of this host's devices from beat to beat."""
    return {"lost_devices": lost()}


def restore() -> None:
    """At a worker's start: whoever started it has seen to the devices."""
    for path in run_folder().glob("slot-*.lost"):
        path.unlink()


@contextmanager
def take(queue: str) -> Iterator[Slot | None]:
    """A free slot of this host, held by a file lock that the kernel drops with the process; None when all are taken."""
    if queue != Queue.DEVICE:
        yield Slot("host", {})
        return
    drained = lost()
    for slot in devices():
        if slot.name in drained:
            continue
        with mark_of(slot.name, "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield slot
            return
    yield None
