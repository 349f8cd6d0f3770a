"""What a camera noted in its files, read once more at an import's end: the pack keeps none of it.

Only what was asked for is read; nothing else of EXIF ever leaves the file.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from classifier.data.archive import open_source
from classifier.data.decode import DECODER_ERRORS, FORMATS
from classifier.data.face_preview import bytes_of
from classifier.data.problems import Unreadable
from classifier.data.survey import STOPPED
from classifier.data.texts import Listed
from classifier.spec.errors import Interrupted
from classifier.spec.events import OnEvent, ShouldStop
from classifier.spec.exif import COLUMNS

MAKE, MODEL, DATE = 271, 272, 306  # of the first directory
EXIF, TAKEN = 0x8769, 36867
GPS, SOUTH, LATITUDE, WEST, LONGITUDE = 0x8825, 1, 2, 3, 4
MOMENT = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d:\d\d:\d\d)")
LONGEST = 80
EVENT_SECONDS = 0.25
ERRORS = (*DECODER_ERRORS, Image.DecompressionBombError)


def noted(data: bytes, fields: Sequence[str]) -> tuple[str, ...]:
    """The cells of one file, empty where it says nothing; its pixels are not decoded."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.format not in ("JPEG", "MPO", "TIFF") and "exif" not in image.info:
                return ("",) * len(fields)  # some formats would decode the whole image to look for it
            tags = image.getexif()
            return tuple(cell(name, tags) for name in fields)
    except ERRORS:
        return ("",) * len(fields)


def cell(name: str, tags: Image.Exif) -> str:
    """Of one field; empty where it is damaged."""
    try:
        return READERS[name](tags)
    except ERRORS:
        return ""


def date(tags: Image.Exif) -> str:
    """ "2026-05-01 12:33:10" of when it was taken, else of when the file was made; without a zone, as cameras note it."""
    for text in (tags.get_ifd(EXIF).get(TAKEN), tags.get(DATE)):
        if (found := MOMENT.match(plain(text))) and found[1] != "0000":
            return "{}-{}-{} {}".format(*found.groups())
    return ""


def camera(tags: Image.Exif) -> str:
    """ "Canon EOS 80D"; the maker once."""
    make, model = plain(tags.get(MAKE)), plain(tags.get(MODEL))
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()


def place(tags: Image.Exif) -> str:
    """ "47.37690 8.54170": degrees north and east."""
    gps = tags.get_ifd(GPS)
    if LATITUDE not in gps or LONGITUDE not in gps:
        return ""
    north = degrees(gps[LATITUDE]) * (-1 if plain(gps.get(SOUTH)).upper() == "S" else 1)
    east = degrees(gps[LONGITUDE]) * (-1 if plain(gps.get(WEST)).upper() == "W" else 1)
    return f"{north:.5f} {east:.5f}" if abs(north) <= 90 and abs(east) <= 180 else ""


def degrees(parts: Any) -> float:
    """Of (degrees, minutes, seconds)."""
    whole, minutes, seconds = (float(part) for part in parts)
    return whole + minutes / 60 + seconds / 3600


def plain(value: Any) -> str:
    """A tag's text on one line; nobody vouches for it."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:LONGEST]


READERS = {"date": date, "camera": camera, "place": place}
assert READERS.keys() == COLUMNS.keys()


def gathered(
    source: Path,
    paths: Listed[str],
    fields: Sequence[str],
    on_event: OnEvent,
    should_stop: ShouldStop,
    fraction: float,
    encoding: str = "",
) -> dict[str, tuple[str, ...]]:
    """{path: its cells} of those images of the source that say anything; each file is read once more. `fraction`: of the whole command;
    `encoding`: of names that do not say theirs, as the import read them."""
    wanted, found, sent = set(paths), dict[str, tuple[str, ...]](), 0.0
    total, began = len(wanted), time.monotonic()
    opened = open_source(source, encoding)
    try:
        for entry in opened.entries():
            if should_stop():
                raise Interrupted(STOPPED)
            if entry.kind != "image" or entry.path not in wanted:
                continue
            wanted.discard(entry.path)  # of two of a name the first was taken
            try:
                cells = noted(bytes_of(opened, entry), fields)
            except (Unreadable, MemoryError):
                continue
            if any(cells):
                found[entry.path] = cells
            if time.monotonic() - sent > EVENT_SECONDS:
                sent = time.monotonic()
                done = total - len(wanted)
                rate = done / max(sent - began, 0.001)
                told = {"event": "progress", "stage": "reading", "done": done, "total": total, "unit": "files"}
                on_event(told | {"fraction": fraction, "eta_seconds": (total - done) / rate, "rate": rate})
    finally:
        opened.close()
    return found


def named(fields: Sequence[str], columns: Collection[str]) -> list[str]:
    """The new columns' names, other than those that a table has."""
    names = [COLUMNS[name] for name in fields]
    return [f"{name}_of_file" if name in columns else name for name in names]
