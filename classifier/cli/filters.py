"""Look at a RUN's validation images, and say which of them excite each filter of its layers the most, and where."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.exciting import MOST_IMAGES
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("--out", metavar="STEM", type=Path, help="write them all: STEM.filters.npy and STEM.layers.json")
    parser.add_argument("--layer", metavar="NAME", help="tell the images of one filter of that layer")
    parser.add_argument("--filter", metavar="N", type=int, help="which of its filters (0)")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--raw", action="store_true", help="the weights themselves, where the checkpoint keeps an average of them")
    parser.add_argument("--images", type=int, default=MOST_IMAGES, metavar="N", help=f"how many at most, drawn evenly ({MOST_IMAGES:,})")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Looks; the exit code."""
    with loading():
        from classifier.explain.exciting import excite  # here, so that --help comes without torch
        from classifier.spec.errors import InputError

    if options.images < 1:
        raise InputError(f"--images must be at least 1; {options.images} came.", code="usage")
    if options.out is None and options.layer is None:
        raise InputError("Nothing would be told: name a layer with --layer, or files to write with --out.", code="usage")
    if options.filter is not None and options.layer is None:
        raise InputError("A filter is one of a layer's: name that with --layer.", code="usage")
    event = excite(
        options.run,
        out=options.out,
        checkpoint=options.checkpoint,
        raw=options.raw,
        layer=options.layer,
        filter=options.filter,
        most=options.images,
        device=options.device,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)
