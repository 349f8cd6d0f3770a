"""Show what the images of a zip, a tar or a folder are, with thumbnails, before `revise` adds them to a DATASET."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.encodings import ENCODINGS
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("source", metavar="SOURCE", type=Path, help="what a change of the kind `add` takes")
    parser.add_argument("--data", metavar="DATASET", type=Path, required=True, help="the version that would gain them")
    parser.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="where thumbnails and classes go; missing or empty")
    parser.add_argument("--label", metavar="CLASS", default="", help="all images are of it; without it, as their folders or table say")
    words = "of names that do not say theirs, such as cp866; found out without it"
    parser.add_argument("--encoding", metavar="NAME", default="", choices=("", *ENCODINGS), help=words)


def run(options: argparse.Namespace, console: Console) -> int:
    """Looks; the exit code."""
    with loading():
        from classifier.data.peek import peek

    look = {"label": options.label, "encoding": options.encoding, "on_event": console.on_event, "should_stop": console.should_stop}
    return console.finish(peek(options.source, options.data, options.out, **look))
