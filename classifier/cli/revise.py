"""Make another version of a DATASET from a file of changes; the pack of images is shared, and no pixel is copied."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="the version to start from")
    parser.add_argument(
        "--changes", type=Path, required=True, metavar="FILE", help="JSON lines, done in their order; none gives the same rows"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the version to make; missing or empty")
    parser.add_argument("--keep", action="store_true", help="what was read of added images stays beside it; the same command then goes on")
    parser.add_argument("--earlier", metavar="FOLDER", type=Path, action="append", default=[], help="--out of a try that was killed")


def run(options: argparse.Namespace, console: Console) -> int:
    """Revises; the exit code."""
    with loading():
        from classifier.data.revise import revise

    how = {"earlier": options.earlier, "keep": options.keep, "on_event": console.on_event, "should_stop": console.should_stop}
    return console.finish(revise(options.dataset, options.changes, options.out, **how))
