"""A training's own log: what the child process wrote, and the events that its job stored."""

from __future__ import annotations

import datetime
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from webapp.experiments.models import Experiment
from webapp.jobs.logs import TOLD_KINDS, events_of, said
from webapp.jobs.models import JobEvent

TAIL_BYTES, TAIL_LINES = 64_000, 200


def tail(path: Path, most: int = TAIL_BYTES) -> str:
    """The last bytes of a file as text, from the start of a line; empty where there is no file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return text if size <= most else text.partition("\n")[2]


def event_lines(experiment: Experiment, zone: datetime.tzinfo) -> list[str]:
    """The newest stored events, oldest first."""
    newest = JobEvent.objects.filter(job_id=experiment.job_id, kind__in=TOLD_KINDS).order_by("-seq")[:TAIL_LINES]
    return [event_line(event, zone) for event in reversed(newest)]


def event_line(event: JobEvent, zone: datetime.tzinfo) -> str:
    """An event with its time."""
    return f"{timezone.localtime(event.time, zone):%H:%M:%S}  {said(event.kind, event.data)}"


def log_text(experiment: Experiment, zone: datetime.tzinfo) -> str:
    """What the page shows: the job's events with their times, then what else the process wrote on its error stream."""
    written = tail(experiment.folder / "log.txt").strip("\n").split("\n")[-TAIL_LINES:]
    rest = [line for line in written if line.strip() and not line.startswith("{")]
    return "\n".join(event_lines(experiment, zone) + rest)


def found(experiment: Experiment, zone: datetime.tzinfo, wanted: str) -> tuple[list[str], int]:
    """The newest lines of the whole log in which a text stands, upper and lower case alike, and how many lines there are in all."""
    kept, count, asked = deque[str](maxlen=TAIL_LINES), 0, wanted.casefold()
    for line in every_line(experiment, zone):
        if asked in line.casefold():
            kept.append(line)
            count += 1
    return list(kept), count


def every_line(experiment: Experiment, zone: datetime.tzinfo) -> Iterator[str]:
    """All that `log_text` shows the end of; neither the rows nor the file are held in memory."""
    for event in events_of(experiment.job):
        yield event_line(event, zone)
    try:
        with (experiment.folder / "log.txt").open(encoding="utf-8", errors="replace") as file:
            yield from (text for line in file if (text := line.rstrip("\n")).strip() and not line.startswith("{"))
    except OSError:
        return
