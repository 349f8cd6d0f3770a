"""Every step's figures on their way into the RUN's steps.bin: kept on the device until it is read anyway, and written together."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from classifier.metrics.trace import FILE, ROW
from classifier.spec.events import OnEvent
from classifier.training.checkpoint import Owner
from classifier.training.files import write_atomically

FULL = (errno.ENOSPC, errno.EDQUOT)
Batch = TypeVar("Batch")


class Trace:
    """The steps of one training. Nothing here waits for the device but `keep`, which comes where the loop waits for it anyway.

    With an `owner` they are written by the process that owns the folder alone: the same step of another has the same place.
    """

    def __init__(self, folder: Path, device: torch.device, on_event: OnEvent, owner: Owner | None = None) -> None:
        self.file, self.device, self.on_event, self.owner = folder / FILE, device, on_event, owner
        self.use, self.waits = device_use(device), Waits(device)
        self.full = False
        self.begin()

    def cut(self, steps: int) -> None:
        """Forgets what came after so many steps: the training goes on from there.

        By a new file: who has mapped the old one, as a web server, would be killed where it reads what is not there any more.
        """
        size = steps * ROW.itemsize
        if self.file.exists() and self.file.stat().st_size > size:
            with self.file.open("rb") as file:
                kept = file.read(size)
            write_atomically(self.file, kept)

    def begin(self) -> None:
        """What follows is training; what was before it is not counted."""
        self.told: list[tuple[int, float, Tensor]] = []  # number, learning rate, and what `learn` told, on the device
        self.started = time.monotonic()
        self.use.begin()
        self.waits.begin()

    def fed(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The same batches; how long each was waited for is measured."""
        source = iter(batches)
        while True:
            self.waits.before()
            try:
                batch = next(source)
            except StopIteration:
                return
            self.waits.after()
            yield batch

    def add(self, step: int, rate: float, told: Tensor) -> None:
        """A step, by its number from 1, and what `learn` told of it: [loss × images, right ones, images, norm of the gradient]."""
        self.told.append((step, rate, told))

    def keep(self) -> None:
        """Writes the steps since the last time. Waits for the device."""
        if not self.told:
            return
        figures = torch.stack([told for _, _, told in self.told]).cpu().numpy().astype(np.float64)  # [n, 4]; here the device is waited for
        seconds = max(time.monotonic() - self.started, 1e-9) / len(figures)
        first = self.told[0][0]
        numbers = np.array([step for step, _, _ in self.told]) - first
        rows = np.zeros(int(numbers[-1]) + 1, ROW)  # a step that was passed over has no images
        with np.errstate(invalid="ignore", over="ignore"):
            rows["loss"][numbers] = figures[:, 0] / figures[:, 2]
            rows["norm"][numbers] = figures[:, 3]
        rows["images"][numbers], rows["rate"][numbers] = figures[:, 2], [rate for _, rate, _ in self.told]
        rows["seconds"][numbers], rows["used"][numbers] = seconds, self.use.share()
        rows["waited"][numbers] = min(self.waits.seconds() / len(figures), seconds)
        self.write(first, rows)
        self.begin()

    def write(self, first: int, rows: np.ndarray) -> None:
        """Puts rows to their places; a full disk costs them and is told once, and the training goes on."""
        if self.owner is not None:
            self.owner.check()
        try:
            with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_CREAT, 0o644), "wb") as file:  # "wb" by name would cut it
                file.seek((first - 1) * ROW.itemsize)
                file.write(rows.tobytes())
        except OSError as error:
            if error.errno not in FULL:
                raise
            if not self.full:
                words = f"The disk is full: what single steps tell is not kept. Free space in {self.file.parent}."
                self.on_event({"event": "log", "level": "warning", "message": words})
            self.full = True


class Waits:
    """How long the training had nothing to compute because no image had come.

    A GPU works on what it was given while the next images are waited for: of that wait only what the device stood still counts.
    """

    def __init__(self, device: torch.device) -> None:
        self.device, self.on_gpu = device, device.type == "cuda"
        self.begin()

    def begin(self) -> None:
        """Nothing was waited for yet."""
        self.host: list[float] = []
        self.marks: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    def before(self) -> None:
        """The next images are asked for."""
        self.asked = time.monotonic()
        self.idle = self.mark()

    def after(self) -> None:
        """They are there."""
        self.host.append(time.monotonic() - self.asked)
        busy = self.mark()
        if self.idle is not None and busy is not None:
            self.marks.append((self.idle, busy))

    def mark(self) -> torch.cuda.Event | None:
        """The place in the device's work where it stands now; None where work is done as it is given."""
        if not self.on_gpu:
            return None
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self.device))  # of this device, which need not be the process's first
        return event

    def seconds(self) -> float:
        """In all. On a GPU both marks lie behind, for it has been waited for; the one after a wait stands before its step's work."""
        if not self.on_gpu:
            return sum(self.host)
        still = [float(idle.elapsed_time(busy)) / 1000 for idle, busy in self.marks]
        return sum(min(host, gap) for host, gap in zip(self.host, still, strict=True))


class ProcessorUse:
    """Which share of the processor's cores this process kept busy."""

    def __init__(self) -> None:
        self.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.begin()

    def begin(self) -> None:
        self.clock, self.worked = time.monotonic(), time.process_time()

    def share(self) -> float:
        """Since `begin`."""
        passed = max(time.monotonic() - self.clock, 1e-9)
        return min(1.0, (time.process_time() - self.worked) / passed / self.cores)


class ToldUse:
    """What a device's driver says of its use; NaN once it says nothing, as where its bindings are not installed."""

    def __init__(self, ask: Callable[[], float]) -> None:
        self.ask: Callable[[], float] | None = ask

    def begin(self) -> None:
        """The driver keeps its own time."""

    def share(self) -> float:
        """Of the driver's last span, a fraction of a second."""
        if self.ask is not None:
            try:
                return self.ask()
            except Exception:  # noqa: BLE001 - each maker's bindings have errors of their own, and no gauge is worth a training
                self.ask = None
        return float("nan")


def device_use(device: torch.device) -> ProcessorUse | ToldUse:
    """What tells how busy the device is."""
    if device.type == "cuda":
        return ToldUse(lambda: torch.cuda.utilization(device) / 100)
    return ToldUse(lambda: float("nan")) if device.type != "cpu" else ProcessorUse()
