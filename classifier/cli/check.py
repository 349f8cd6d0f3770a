"""Check a DATASET: images there twice or in two splits, doubtful labels, odd images, shortcuts; what is found goes into a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading
from classifier.threads import share_cores


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="what `import` made")
    parser.add_argument("--out", type=Path, metavar="FILE.json", required=True, help="the file to write; replaced where it is there")


def run(args: argparse.Namespace, console: Console) -> int:
    """Checks; the exit code."""
    share_cores()
    with loading():
        from classifier.data.quality.check import check  # here, so that --help comes without torch

    return console.finish(check(args.dataset, args.out, on_event=console.on_event, should_stop=console.should_stop))
