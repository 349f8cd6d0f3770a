"""Erase one image for good: its pixels are overwritten, its names forgotten; its rows stay as tombstones that nothing uses."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("dataset", type=Path, nargs="+", metavar="DATASET", help="name every version: they share the image, not its names")
    parser.add_argument("--image", required=True, metavar="SHA256", help="the content hash of its file, as `sha256sum FILE` tells it")
    parser.add_argument("--also", nargs="*", default=[], metavar="SHA256", help="other content hashes under which the same picture is kept")
    parser.add_argument("--answers", type=Path, nargs="*", default=[], help="folders that `classify` made: they forget it too")


def run(options: argparse.Namespace, console: Console) -> int:
    """Erases; the exit code."""
    with loading():
        from classifier.data.erase import erase
        from classifier.many import erasing

    hashes = [options.image, *options.also]
    event = erase(options.dataset, *hashes, on_event=console.on_event, should_stop=console.should_stop)
    if options.answers:
        found = erasing.erase(options.answers, hashes, on_event=console.on_event, should_stop=console.should_stop)
        event["answers"] = found
    return console.finish(event)
