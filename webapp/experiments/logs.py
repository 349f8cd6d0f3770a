"""A training's own log: what the child process wrote, and the events that its job stored."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from django.utils import timezone

from webapp.experiments.models import Experiment
from webapp.jobs.logs import TOLD_KINDS, said
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
    return [f"{timezone.localtime(event.time, zone):%H:%M:%S}  {said(event.kind, event.data)}" for event in reversed(newest)]


def log_text(experiment: Experiment, zone: datetime.tzinfo) -> str:
    """What the page shows: the job's events with their times, then what else the process wrote on its error stream."""
    written = tail(experiment.folder / "log.txt").strip("\n").split("\n")[-TAIL_LINES:]
    rest = [line for line in written if line.strip() and not line.startswith("{")]
    return "\n".join(event_lines(experiment, zone) + rest)
