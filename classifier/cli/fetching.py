"""`--fetch`: SOURCE is downloaded first, from where SYNSET_FETCH says, unless it is there already.

An address may hold a key, so it stands in the environment, which other users of the machine cannot read, and not among the words
of the command.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.errors import InputError
from classifier.spec.events import Event, OnEvent

VARIABLE = "SYNSET_FETCH"
SHARE = 0.5  # of the whole command
EXPECTED = f'{VARIABLE} must be JSON such as {{"address": "https://example.org/images.zip", "most_bytes": 1000000000, "networks": []}}.'


def add_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fetch", action="store_true", help=f"download SOURCE first, from the address in the variable {VARIABLE}")


def arrived(source: Path, console: Console) -> OnEvent:
    """Downloads what is not there; gives the listener for the rest of the command, whose progress goes on from there."""
    if source.exists():
        return console.on_event
    from classifier.data.remote.download import Wanted, download

    try:
        told = json.loads(os.environ.get(VARIABLE, ""))
        wanted = Wanted(str(told["address"]), int(told["most_bytes"]), tuple(told.get("networks", ())))
    except (ValueError, KeyError, TypeError):
        raise InputError(EXPECTED, code="usage") from None
    download(wanted, source, part_of(console.on_event, 0.0, SHARE), console.should_stop)
    return part_of(console.on_event, SHARE, 1.0)


def part_of(on_event: OnEvent, first: float, last: float) -> OnEvent:
    """A listener that hears a part of the work as from `first` to `last` of the whole."""

    def listen(event: Event) -> None:
        if event["event"] == "progress":
            event = {**event, "fraction": first + (last - first) * event["fraction"]}
        on_event(event)

    return listen
