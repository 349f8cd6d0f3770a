"""Let a RUN's network say what every image of a DATASET shows, the least certain first, for people to label."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("--data", metavar="DATASET", type=Path, required=True, help="what `import` or `revise` made")
    parser.add_argument("--out", metavar="FILE.bin", type=Path, required=True, help="the file to write; replaced where it is there")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Suggests; the exit code."""
    with loading():
        from classifier.suggest import suggest  # here, so that --help comes without torch

    event = suggest(
        options.run,
        options.data,
        options.out,
        checkpoint=options.checkpoint,
        device=options.device,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)
