"""Erase one image for good: its pixels are overwritten, its names forgotten; its rows stay as tombstones that nothing uses."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("dataset", type=Path, nargs="+", metavar="DATASET", help="name every version: they share the image, not its names")
    parser.add_argument("--image", required=True, metavar="SHA256", help="the content hash of its file, as `sha256sum FILE` tells it")


def run(options: argparse.Namespace, console: Console) -> int:
    """Erases; the exit code."""
    from classifier.data.erase import erase

    event = erase(options.dataset, options.image, on_event=console.on_event, should_stop=console.should_stop)
    return console.finish(event)
