"""`--fetch`: SOURCE is fetched first, from where SYNSET_FETCH says, unless it is there already.

An address may hold a key, and a bucket has one, so they stand in the environment, which other users of the machine cannot read, and
not among the words of the command.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from classifier.cli.console import Console
from classifier.spec.buckets import VARIABLE, Bucket
from classifier.spec.errors import InputError
from classifier.spec.events import Event, OnEvent
from classifier.spec.loading import loading

SHARE = 0.5  # of the whole command
EXPECTED = (
    f'{VARIABLE} must be JSON such as {{"address": "https://example.org/images.zip", "most_bytes": 1000000000, "networks": []}}, '
    'or with {"bucket": {"bucket": "photos", "key": …, "secret": …}, "path": "2024"} in place of the address.'
)


def add_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fetch", action="store_true", help=f"fetch SOURCE first, from the address or bucket in the variable {VARIABLE}")


def told() -> dict[str, Any]:
    """What the variable says; InputError where it is none."""
    try:
        found = json.loads(os.environ.get(VARIABLE, ""))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(EXPECTED, code="usage")
    return found


def bucket_of(wanted: dict[str, Any]) -> Bucket:
    """The bucket that is told; InputError where there is none."""
    try:
        return Bucket(**wanted["bucket"])
    except (KeyError, TypeError):
        raise InputError(EXPECTED, code="usage") from None


def arrived(source: Path, console: Console) -> OnEvent:
    """Fetches what is not there; gives the listener for the rest of the command, whose progress goes on from there."""
    if source.exists():
        return console.on_event
    wanted = told()
    listener = part_of(console.on_event, 0.0, SHARE)
    try:
        bounds = int(wanted["most_bytes"]), tuple(wanted.get("networks", ()))
        place = str(wanted.get("path", "") if "bucket" in wanted else wanted["address"])
    except (ValueError, KeyError, TypeError):
        raise InputError(EXPECTED, code="usage") from None
    if "bucket" in wanted:
        with loading():
            from classifier.data.remote import copying, stores

        copying.copy(stores.Wanted(bucket_of(wanted), place, *bounds), source, listener, console.should_stop)
    else:
        with loading():
            from classifier.data.remote import download

        download.download(download.Wanted(place, *bounds), source, listener, console.should_stop)
    return part_of(console.on_event, SHARE, 1.0)


def part_of(on_event: OnEvent, first: float, last: float) -> OnEvent:
    """A listener that hears a part of the work as from `first` to `last` of the whole."""

    def listen(event: Event) -> None:
        if event["event"] == "progress":
            event = {**event, "fraction": first + (last - first) * event["fraction"]}
        on_event(event)

    return listen
