"""An archive from an http(s) address to a file: whole, or what came is kept and gone on with.

The bytes so far lie in FILE.part; FILE.part.json says how many of them are on disk for good, and by what mark the server's file
is known again. Where the server gives no such mark, or no parts of files, a download that broke off begins anew, and says so.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from classifier.data.remote.line import RANGE_NOT_THERE, Answer, Passing, Slow, asked, refusal
from classifier.spec.addresses import parsed
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.spec.events import OnEvent, ShouldStop, ignore, never

PIECE_BYTES = 1 << 18
KEEP_BYTES = 8 << 20  # after so many more they are made durable: so little a crash loses
EVENT_SECONDS = 0.25  # between two progress events
SLOW_SECONDS, SLOW_RATE = 60.0, 1_000  # a line with less than that many bytes a second, for so long, is given up
WAITS_SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0)  # between tries; one that brings so much on begins them anew:
STEP_BYTES = 1 << 16
ROOM = 2  # times its length: the archive, and the images that its import makes of it
PAGE = (b"<!doctype html", b"<html")
STOPPED = "Interrupted while the archive was downloaded; what came is kept. Run the same command again to go on."
MEGABYTE = 1_000_000
MOST_DIGITS = 18  # of a number of bytes


@dataclass(frozen=True)
class Wanted:
    """What is to be had, and within which bounds."""

    address: str
    most_bytes: int
    networks: tuple[str, ...] = ()  # that an administrator lets through

    @property
    def shown(self) -> str:
        return parsed(self.address).shown


def download(wanted: Wanted, target: Path, on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> None:
    """Puts the file at the address to `target`. Raises InputError for what is refused, ClassifierError (to be tried again) where the
    server does not answer for long, Interrupted when asked to stop."""
    host = parsed(wanted.address).host
    on_event({"event": "stage", "stage": "downloading", "message": f"Downloading from {host}"})
    work = Download(wanted, target, on_event, should_stop)
    tries = 0
    while not work.whole():
        before = work.state.have
        try:
            work.go_on()
        except InputError:
            work.forget()
            raise
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT) and work.state.total is None:
                work.forget()  # of an archive whose size nobody told: kept, it would fill the disk again and again
            raise
        except Passing as trouble:
            advanced = work.state.have - before >= STEP_BYTES and not isinstance(trouble, Slow)
            tries = 0 if advanced else tries + 1
            if tries >= len(WAITS_SECONDS):
                words = f"The download from {host} does not go on: {trouble}. What came is kept; try again later."
                raise ClassifierError(words, retry=True, code="download") from None
            on_event({"event": "log", "level": "warning", "message": f"The download stopped: {trouble}. It is tried again."})
            work.wait(WAITS_SECONDS[tries])
    work.finish()


@dataclass
class State:
    """What is here of a file; kept in FILE.part.json."""

    have: int = 0  # bytes on disk for good
    total: int | None = None
    mark: str = ""  # the server's own for this very file: a strong ETag, or when it was changed


class Download:
    """One file on its way."""

    def __init__(self, wanted: Wanted, target: Path, on_event: OnEvent, should_stop: ShouldStop) -> None:
        self.wanted, self.target, self.on_event, self.should_stop = wanted, target, on_event, should_stop
        self.part = target.with_name(f"{target.name}.part")
        self.about = target.with_name(f"{target.name}.part.json")
        self.new = target.with_name(f"{target.name}.part.json.new")  # until it is whole
        self.state = self.found()

    def found(self) -> State:
        """What an earlier try left of the same address."""
        try:
            kept: dict[str, Any] = json.loads(self.about.read_text("utf-8"))
            here = self.part.stat().st_size
            if kept.pop("address") == self.wanted.address and kept["have"] <= here:
                return State(**kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        return State()

    def whole(self) -> bool:
        return self.state.total is not None and self.state.have == self.state.total

    def go_on(self) -> None:
        """One connection, to the file's end. Raises Passing where it breaks off."""
        state = self.state
        rest = {"Range": f"bytes={state.have}-", "If-Range": state.mark} if state.have and state.mark else {}
        answer = asked(self.wanted.address, rest, self.wanted.networks)
        try:
            if answer.status == RANGE_NOT_THERE:
                self.state = State()
                raise Passing("the file became shorter meanwhile")
            if answer.status not in (200, 206):
                raise refusal(answer)
            self.agree(answer)
            self.receive(answer)
        finally:
            answer.close()

    def agree(self, answer: Answer) -> None:
        """Sets `state` to where the answer begins; InputError for what is too large or no archive."""
        if answer.status == 206 and begins_at(answer) != self.state.have:
            self.state = State()
            raise Passing("another part came than was asked for")
        if answer.status == 200:
            if self.state.have:
                words = "The server does not go on where the download stopped, or its file was changed; it begins anew."
                self.on_event({"event": "log", "level": "warning", "message": words})
            self.state = State(mark=mark_of(answer))
            if answer.header("Content-Type").lower().startswith("text/html"):
                raise no_archive(answer)
        length = number(answer.header("Content-Length"))
        self.state.total = None if length is None else self.state.have + length
        self.check_size(self.state.total or 0)
        check_room("The archive", self.state.total or 0, self.state.have, self.target.parent)

    def check_size(self, number: int) -> None:
        if number > self.wanted.most_bytes:
            words = f"The archive has {size(number)} or more; this server takes up to {size(self.wanted.most_bytes)}."
            raise InputError(f"{words} Make several archives of it.", code="too_large")

    def receive(self, answer: Answer) -> None:
        """Writes what comes, and keeps account of it."""
        state = self.state
        with self.part.open("r+b" if state.have else "wb") as file:
            file.truncate(state.have)
            file.seek(state.have)
            flow = Flow(state.have)
            try:
                while piece := answer.piece(PIECE_BYTES):
                    if not flow.done and piece.lstrip()[:20].lower().startswith(PAGE):
                        raise no_archive(answer)
                    file.write(piece)
                    flow.add(len(piece))
                    self.check_size(flow.done)
                    if flow.done - state.have >= KEEP_BYTES:
                        self.keep(file, flow.done)
                    self.tell(flow)
            finally:
                self.keep(file, flow.done)
        if state.total is None:
            state.total = flow.done  # its end is the connection's
        if flow.done < state.total:
            raise Passing(f"the line broke off after {size(flow.done)} of {size(state.total)}")

    def keep(self, file: IO[bytes], done: int) -> None:
        """From here on those bytes count also after a crash."""
        file.flush()
        os.fsync(file.fileno())
        self.state.have = done
        self.new.write_text(json.dumps({"address": self.wanted.address, **vars(self.state)}), "utf-8")
        self.new.replace(self.about)

    def tell(self, flow: Flow) -> None:
        """Progress now and then; ends what was asked to end, and what hardly moves."""
        if self.should_stop():
            raise Interrupted(STOPPED)
        if flow.is_slow():
            raise Slow(f"less than {SLOW_RATE:,} bytes a second came")
        if flow.due():
            self.on_event(flow.event(self.state.total))

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.should_stop():
                raise Interrupted(STOPPED)
            time.sleep(0.1)

    def forget(self) -> None:
        """What came is of no use."""
        for path in (self.part, self.about, self.new):
            path.unlink(missing_ok=True)

    def finish(self) -> None:
        """The file gets its name."""
        self.part.replace(self.target)
        self.about.unlink(missing_ok=True)


class Flow:
    """How fast one connection brings bytes."""

    def __init__(self, done: int) -> None:
        self.done = self.first = self.looked_at = done
        self.began = self.looked = time.monotonic()
        self.told = 0.0

    def add(self, count: int) -> None:
        self.done += count

    def is_slow(self) -> bool:
        """Looked at once in a while."""
        now = time.monotonic()
        if now - self.looked < SLOW_SECONDS:
            return False
        slow = self.done - self.looked_at < SLOW_RATE * (now - self.looked)
        self.looked, self.looked_at = now, self.done
        return slow

    def due(self) -> bool:
        return time.monotonic() - self.told >= EVENT_SECONDS

    def event(self, total: int | None) -> dict[str, Any]:
        self.told = time.monotonic()
        seconds = self.told - self.began
        rate = (self.done - self.first) / seconds if seconds > 0.5 else None
        left = (total - self.done) / rate if total and rate else None
        share = self.done / total if total else 0.0
        return {"event": "progress", "stage": "downloading", "done": self.done, "total": total, "unit": "bytes"} | {
            "fraction": share,
            "eta_seconds": left,
            "rate": rate,
        }


def check_room(what: str, total: int, have: int, folder: Path) -> None:
    """Raises ClassifierError where the disk has no room for so many bytes, and for the images that an import makes of them."""
    free = shutil.disk_usage(folder).free
    if total and ROOM * total - have > free:
        words = f"{what} has {size(total)} and needs {size(ROOM * total)} on the server's disk, for itself and for its images;"
        raise ClassifierError(f"{words} {size(free)} are free. Free some space on it, then try again.", code="disk_full")


def begins_at(answer: Answer) -> int:
    """ "bytes 100-199/200" → 100; -1 where it does not say."""
    unit, _, rest = answer.header("Content-Range").partition(" ")
    first = number(rest.partition("-")[0])
    return first if unit == "bytes" and first is not None else -1


def number(text: str) -> int | None:
    """Bytes as a header says them; None where it says none, or more digits than any file has bytes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def mark_of(answer: Answer) -> str:
    """What tells the server's file from a later one of the same name; empty where it gives no parts, or no sure mark."""
    if answer.header("Accept-Ranges").lower() == "none":
        return ""
    tag = answer.header("ETag")
    return tag if tag and not tag.startswith("W/") else answer.header("Last-Modified")


def no_archive(answer: Answer) -> InputError:
    words = f"At this address of {answer.place.host} is a web page, not an archive. Give the address of the zip or tar itself."
    return InputError(words, code="address")


def size(number: int) -> str:
    """23000000 → "23 MB"."""
    return f"{number:,} bytes" if number < MEGABYTE else f"{number / MEGABYTE:,.0f} MB"
