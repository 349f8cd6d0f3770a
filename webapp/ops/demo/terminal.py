"""A job's progress on the terminal, from the same numbered events that the page shows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from webapp.ops.demo.client import Api, Refused

POLL_SECONDS = 0.25
LINE_SECONDS = 5.0  # between two lines where there is no terminal to redraw
Show = Callable[[float, float | None, str], None]  # fraction, seconds left, words


def left(seconds: float | None) -> str:
    """Time left in words."""
    return "" if seconds is None else f"{seconds:.0f} s left"


@contextmanager
def bar(title: str) -> Iterator[Show]:
    """A bar on a terminal; plain lines, not too many, elsewhere. Both on stderr: stdout is for the results."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield plain_lines(title)
        return
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(24, table_column=Column(min_width=24)),
        TextColumn("{task.percentage:>3.0f} % {task.fields[left]:>11}"),
        TextColumn("{task.fields[words]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
    )
    with Progress(*columns, console=console, expand=True) as progress:
        task = progress.add_task(title, total=1.0, left="", words="")
        yield lambda fraction, seconds, words: progress.update(task, completed=fraction, left=left(seconds), words=words)


def plain_lines(title: str) -> Show:
    """A line at the first and the last report, when the words change, and now and then."""
    last_words, last_time = "", 0.0

    def show(fraction: float, seconds: float | None, words: str) -> None:
        nonlocal last_words, last_time
        now = time.monotonic()
        if words == last_words and now - last_time < LINE_SECONDS and fraction < 1.0:
            return
        last_words, last_time = words, now
        sys.stderr.write(f"{title} {fraction:4.0%}  {left(seconds)}  {words}".rstrip() + "\n")
        sys.stderr.flush()

    return show


def words_of(event: dict[str, Any]) -> str | None:
    """What an event says in a few words; None when it says nothing new."""
    data = event["data"]
    if event["kind"] == "epoch":
        accuracy = data.get("val_top1")
        return f"epoch {data['epoch']} of {data['epochs']}" + ("" if accuracy is None else f", validation {accuracy:.1%}")
    return data["stage"] if event["kind"] == "progress" and "total" not in data else None


def follow(api: Api, job: str, title: str) -> None:
    """Shows a job until it ended. Raises Refused with its own sentence unless it succeeded."""
    since, fraction, seconds, words = 0, 0.0, None, ""
    with bar(title) as show:
        while True:
            page = api.call("GET", f"/jobs/{job}/events?since={since}")
            for event in page["events"]:
                since, words = event["seq"], words_of(event) or words
                if event["kind"] == "progress":
                    fraction, seconds = event["data"]["progress"], event["data"]["eta_seconds"]
                if event["kind"] == "state" and event["data"]["state"] == "succeeded":
                    return show(1.0, 0, words)
                if event["kind"] == "state" and event["data"]["state"] in ("failed", "cancelled"):
                    raise Refused(api.call("GET", f"/jobs/{job}")["error"] or f"The job {title} was {event['data']['state']}.")
            show(fraction, seconds, words)
            if page["next"] is None:
                time.sleep(POLL_SECONDS)
