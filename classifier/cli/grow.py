"""Say which class of a RUN's dataset needs more images: learning curves on features that are computed once, with a forecast."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Grows; the exit code."""
    with loading():
        from classifier.growing import grow  # here, so that --help comes without torch

    return console.finish(grow(options.run, device=options.device, on_event=console.on_event, should_stop=console.should_stop))
