"""From the engine's events to job events and rows: one typed mapping, written in batches."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from classifier.spec.events import Event, finite
from webapp.core.words import bytes_size, shortened
from webapp.jobs import actions
from webapp.jobs.actions import Claim, NewEvent

FLUSH_SECONDS = 0.25  # so at most four nudges a second; epoch ends and states do not wait
PROBLEM_EVENTS = 1_000  # of one job; the dataset's page lists them all
TEXT_CHARACTERS = 4_000
ALMOST = 0.999  # 1 is said by the job's end alone
SCALARS = (int, float, str, bool, type(None))
PROGRESS_FIELDS = ("done", "total", "unit", "rate", "epoch", "epochs", "step", "steps", "train_loss", "images_per_second", "lr", "kept")
Rows = Callable[[list[Event]], None]


def parse(line: bytes) -> Event:
    """The event of a line; whatever is no event becomes a log event with the line's text."""
    text = line.decode("utf-8", errors="replace").replace("\0", "")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict) and isinstance(event.get("event"), str):
        return dict(clean(finite(event)))
    return {"event": "log", "level": "info", "message": shortened(text, TEXT_CHARACTERS)}


def clean(value: Any) -> Any:
    """The same value without NUL in its texts, which PostgreSQL refuses."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def stage_words(event: Event) -> str:
    """Where the work stands, in words."""
    if event.get("epoch") and event.get("epochs"):
        return f"epoch {event['epoch']} of {event['epochs']}"
    if event.get("unit") == "bytes":
        of = f" of {bytes_size(event['total'])}" if event.get("total") else ""
        return f"{event['stage']}: {bytes_size(event['done'])}{of}"
    if event.get("total"):
        return f"{event['stage']}: {event['done']:,} of {event['total']:,} {event['unit']}"
    return str(event.get("stage", ""))


def begins(event: Event) -> bool:
    """Whether it says of a stage that it has begun, and nothing of how far it is."""
    return event.get("unit") == "parts" and event.get("total") == 1


def log_event(message: str, level: str = "info") -> NewEvent:
    """A line for the log."""
    return NewEvent("log", {"level": level, "message": shortened(message, TEXT_CHARACTERS)})


class Batch(NamedTuple):
    """What one transaction records. It stays as it is until the database has confirmed it, however often it is sent."""

    events: list[NewEvent]
    told: list[Event]  # for `rows`
    progress: float
    eta: float | None
    stage: str


class Relay:
    """Gathers what the child tells and records it; `rows` writes what belongs to other tables, in the same transaction.

    `words` puts a sentence of the command into the terms of those who read it in a browser, `scaled` its progress into that of all the
    work.
    """

    def __init__(
        self, claim: Claim, rows: Rows, seq: int, words: Callable[[str], str] = str, scaled: Callable[[Event], Event] = dict
    ) -> None:
        self.claim, self.rows, self.seq, self.words, self.scaled = claim, rows, seq, words, scaled
        self.last: Event = {}  # the command's last line: imported, finished, evaluated
        self.error: Event = {}
        self.progress, self.eta, self.stage = 0.0, None, ""
        self.problems = 0
        self.sent: Batch | None = None  # a batch whose confirmation did not come yet
        self.forget()

    def forget(self) -> None:
        """Nothing waits to be recorded."""
        self.waiting: list[NewEvent] = []
        self.told: list[Event] = []  # for `rows`
        self.newest: Event = {}  # the newest progress; older ones of the same batch say nothing more
        self.urgent = self.moved = False
        self.flushed = time.monotonic()

    def take(self, line: bytes) -> None:
        """One line of the child."""
        event = parse(line)
        event = self.scaled(event) if event["event"] == "progress" else event
        handler = getattr(self, f"on_{event['event']}", None)
        if handler is not None:
            handler(event)

    def on_stage(self, event: Event) -> None:
        self.stage, self.moved = self.words(str(event.get("message") or event["stage"])), True
        self.waiting.append(log_event(self.stage))

    def on_progress(self, event: Event) -> None:
        self.progress = max(self.progress, min(ALMOST, event.get("fraction") or 0.0))
        self.eta, self.newest, self.moved = event.get("eta_seconds"), event, True
        if not begins(event):  # the stage's own sentence says more than "judging: 0 of 1 parts"
            self.stage = stage_words(event)

    def on_epoch(self, event: Event) -> None:
        self.waiting.append(NewEvent(event["event"], {k: v for k, v in event.items() if k != "event" and isinstance(v, SCALARS)}))
        self.told.append(event)
        self.urgent = True

    on_validation = on_epoch

    def on_log(self, event: Event) -> None:
        self.waiting.append(log_event(str(event.get("message", "")), str(event.get("level", "info"))))

    on_weights = on_picked = on_log

    def on_preflight(self, event: Event) -> None:
        self.waiting.append(NewEvent("preflight", {k: v for k, v in event.items() if k != "event" and isinstance(v, SCALARS)}))
        self.on_log(event)
        self.told.append(event)

    def on_problem(self, event: Event) -> None:
        self.problems += 1
        self.told.append(event)
        if self.problems <= PROBLEM_EVENTS:
            self.waiting.append(NewEvent("problem", {key: event.get(key) for key in ("file", "rule", "message", "taken")}))
        elif self.problems == PROBLEM_EVENTS + 1:
            self.waiting.append(log_event("More files have problems; the dataset's page lists them all.", "warning"))

    def on_checkpoint(self, event: Event) -> None:
        best = ", the best so far" if event.get("best") else ""
        self.waiting.append(log_event(f"Saved the checkpoint of epoch {event.get('epoch')}, step {event.get('step')}{best}."))

    def on_error(self, event: Event) -> None:
        self.error = event

    def keep_last(self, event: Event) -> None:
        self.last = event

    on_imported = on_inspected = on_revised = on_quality = on_suggested = on_erased = keep_last
    on_finished = on_evaluated = on_checked = on_rate_found = on_probed = on_grown = on_mapped = on_excited = on_classified = keep_last

    @property
    def due(self) -> bool:
        """Whether it is time to record."""
        something = bool(self.sent or self.waiting or self.moved)
        return something and (self.urgent or time.monotonic() - self.flushed >= FLUSH_SECONDS)

    def flush(self) -> None:
        """Records all that waits. Raises LostClaim, and database errors after which the same call may be tried again.

        An error may hide that a batch was stored: it is sent again as it was, and what came since goes with the next.
        """
        while batch := self.sent or self.gathered():
            self.sent = batch
            self.seq = self.record(batch)
            self.sent = None

    def gathered(self) -> Batch | None:
        """Takes what waits; None where nothing does. At least one event: by its number a batch is known again."""
        if not (self.waiting or self.moved or self.told):
            return None
        events = [*self.waiting, *([self.progress_event()] if self.moved or not self.waiting else [])]
        told = [*self.told, *([self.newest] if self.newest else [])]
        self.forget()
        return Batch(events, told, self.progress, self.eta, self.stage)

    def record(self, batch: Batch) -> int:
        """The number of the batch's last event."""
        return actions.record(
            self.claim,
            batch.events,
            progress=batch.progress or None,
            eta=batch.eta,
            stage=batch.stage or None,
            also=(lambda: self.rows(batch.told)) if batch.told else None,
            after=self.seq,
        )

    def progress_event(self) -> NewEvent:
        """How far the job is."""
        known = {key: self.newest[key] for key in PROGRESS_FIELDS if key in self.newest}
        return NewEvent("progress", {"progress": self.progress, "eta_seconds": self.eta, "stage": self.stage, **known})
