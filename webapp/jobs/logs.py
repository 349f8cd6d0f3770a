"""What a job told, in words: for its page, and as a file to download."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone

from webapp.core.pieces import InPieces
from webapp.core.words import percent, plural
from webapp.jobs.models import Job, JobEvent

WARNED_EVENTS, MOST_WARNINGS = 500, 3  # looked at, shown
READ_BYTES, READ_EVENTS = 1 << 16, 1000
TOLD_KINDS = ("state", "epoch", "validation", "log", "problem")


def said(kind: str, data: dict[str, Any]) -> str:
    """One event in words."""
    if kind == "epoch":
        figures = f"train loss {figure(data.get('train_loss'))}  validation loss {figure(data.get('val_loss'))}"
        best = "  best so far" if data.get("best") else ""
        speed = f"{data.get('images_per_second') or 0:,.0f} images/s"
        return f"epoch {data['epoch']}  {figures}  top-1 {percent(data.get('val_top1'))}  {speed}{best}"
    if kind == "validation":
        figures = f"validation loss {figure(data.get('val_loss'))}  top-1 {percent(data.get('val_top1'))}"
        return f"epoch {data['epoch']}, after {percent(data.get('part'), 0)} of it  {figures}"
    if kind == "state":
        error = f": {data['error']}" if data.get("error") else ""
        return f"{data.get('state', '')}{error}" + (f", attempt {data['attempt']}" if data.get("state") == "running" else "")
    if kind == "problem":
        return f"{data.get('file', '')}: {data.get('message', '')}"
    level = f"{data['level']}: " if data.get("level") in ("warning", "error") else ""
    return f"{level}{data.get('message', json.dumps(data, ensure_ascii=False))}"


def figure(value: float | None) -> str:
    """A loss as the log writes it."""
    return "not finite" if value is None else f"{value:.3f}"


def warnings(job: Job) -> list[str]:
    """What the job warned of lately, each sentence once, the newest last; files that were left out are counted in one."""
    told = JobEvent.objects.filter(job=job, kind__in=("log", "problem")).order_by("-seq")[:WARNED_EVENTS]
    newest = dict.fromkeys(event.data.get("message", "") for event in told if event.data.get("level") == "warning")
    files = {event.data.get("file") for event in told if event.kind == "problem"}
    said = list(newest)[:MOST_WARNINGS][::-1]
    return said + ([f"{plural(len(files), 'image')} could not be read and {was(files)} left out; the log names each."] if files else [])


def was(things: set[Any]) -> str:
    return "was" if len(things) == 1 else "were"


def as_file(job: Job, written: Path, zone: datetime.tzinfo) -> InPieces:
    """The whole log to download: every event with its time, then all that the process wrote on its error stream."""
    name = f"{job.kind}-{job.id}.log"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return InPieces(whole(job, written, zone), content_type="text/plain; charset=utf-8", headers=headers)


def whole(job: Job, written: Path, zone: datetime.tzinfo) -> Iterator[bytes]:
    """The parts of `as_file`; neither the rows nor the file are held in memory."""
    for event in events_of(job):
        yield f"{timezone.localtime(event.time, zone):%Y-%m-%d %H:%M:%S}  {said(event.kind, event.data)}\n".encode()
    if written.exists():
        yield b"\n--- what the process wrote on its error stream\n"
        with written.open("rb") as file:
            while part := file.read(READ_BYTES):
                yield part


def events_of(job: Job) -> Iterator[JobEvent]:
    """All that the job told, some at a time: a reader who takes long holds no transaction of the database open."""
    told, seq = JobEvent.objects.filter(job=job, kind__in=TOLD_KINDS).order_by("seq"), 0
    while some := list(told.filter(seq__gt=seq)[:READ_EVENTS]):
        yield from some
        seq = some[-1].seq
