"""Show what is inside of a RUN's network: every layer at work on an image, one JSON line a layer, or one of them as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("image", metavar="IMAGE", type=Path, help="an image file")
    parser.add_argument("--layer", metavar="NAME", help="one of them alone, with its histograms")
    parser.add_argument("--filter", metavar="N", type=int, help="what that filter of the layer looks for, with --out")
    parser.add_argument(
        "--out", metavar="FILE.png", type=Path, help="the layer's maps for the image as a picture, or what the filter looks for"
    )
    parser.add_argument("--checkpoint", default="best", help="best, last or an epoch's number (%(default)s)")
    parser.add_argument("--raw", action="store_true", help="the weights themselves, where the checkpoint keeps an average of them")
    parser.add_argument("--device", default="auto", help="where: auto, cpu, or a GPU's number (%(default)s)")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.explain.command import watch
        from classifier.run import Run

    source = Run.open(options.run)
    lines = watch(
        source,
        options.image,
        layer=options.layer,
        filter=options.filter,
        out=options.out,
        checkpoint=options.checkpoint,
        raw=options.raw,
        device=options.device,
        should_stop=console.should_stop,
    )
    for line in lines:
        console.line(line)
    return 0
