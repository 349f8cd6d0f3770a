"""Times in words, in the reader's zone. static/js/times.js says the same while the page stays open: change both together."""

from __future__ import annotations

from datetime import datetime, timedelta

SOON_SECONDS = 3_600  # nearer than that, a time is told by its distance


def moment(local: datetime, now: datetime, form: str = "auto") -> str:
    """A time in words; both times in the reader's zone. Forms: auto (relative), clock, day (with its clock) and date."""
    if form == "clock":
        return clock(local)
    if form == "auto":
        return relative(local, now)
    return date(local, now) if form == "date" else f"{date(local, now)}, {clock(local)}"


def relative(local: datetime, now: datetime) -> str:
    """ "3 min ago", "today, 09:05", "yesterday, 14:02", "24 November, 14:02"; ahead, "in 3 min" and "tomorrow, 14:02"."""
    seconds = (now - local).total_seconds()
    if abs(seconds) < SOON_SECONDS:
        minutes = int(abs(seconds) // 60)
        return "just now" if minutes == 0 else f"{minutes} min ago" if seconds > 0 else f"in {minutes} min"
    return f"{near(local, now) or date(local, now)}, {clock(local)}"


def near(local: datetime, now: datetime) -> str:
    """The day's own word, where it has one."""
    days = {timedelta(0): "today", timedelta(-1): "yesterday", timedelta(1): "tomorrow"}
    return days.get(local.date() - now.date(), "")


def clock(local: datetime) -> str:
    """14:02."""
    return f"{local:%H:%M}"


def date(local: datetime, now: datetime) -> str:
    """24 November, with its year where that is another."""
    return f"{local.day} {local:%B}" + (f" {local.year}" if local.year != now.year else "")


def full(local: datetime) -> str:
    """Tuesday, 24 November 2026, 14:02:05 UTC."""
    return f"{local:%A}, {local.day} {local:%B %Y, %H:%M:%S} {local.tzname()}"
