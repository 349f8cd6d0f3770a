"""Measure a RUN's network on images with parts hidden: whether it looks at the things, or at what surrounds them."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.events import SPLITS
from classifier.spec.loading import loading
from classifier.spec.probes import MOST_IMAGES


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("--split", choices=SPLITS, default="test", help="which part of the dataset (test)")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--data", metavar="DATASET", type=Path, help="another dataset than the run's own")
    parser.add_argument("--raw", action="store_true", help="the weights themselves, where the checkpoint keeps an average of them")
    parser.add_argument("--images", type=int, default=MOST_IMAGES, metavar="N", help=f"how many at most, drawn evenly ({MOST_IMAGES:,})")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Probes; the exit code."""
    with loading():
        from classifier.probes import probe  # here, so that --help comes without torch
        from classifier.spec.errors import InputError

    if options.images < 1:
        raise InputError(f"--images must be at least 1; {options.images} came.", code="usage")
    event = probe(
        options.run,
        split=options.split,
        checkpoint=options.checkpoint,
        data=options.data,
        raw=options.raw,
        most=options.images,
        device=options.device,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)
