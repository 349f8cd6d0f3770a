"""Show which parts of an image decided."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.explaining import DEFAULT, METHODS
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("image", metavar="IMAGE", type=Path, help="an image file")
    parser.add_argument("--out", metavar="FILE.png", type=Path, required=True, help="the picture to write")
    parser.add_argument("--method", default=DEFAULT, help=f"how: {', '.join(METHODS)} (%(default)s)")
    parser.add_argument("--label", default=None, help="the class to explain (the likeliest)")
    parser.add_argument("--checkpoint", default="best", help="best, last or an epoch's number (%(default)s)")
    parser.add_argument("--raw", action="store_true", help="the weights themselves, where the checkpoint keeps an average of them")
    parser.add_argument("--device", default="auto", help="where: auto, cpu, or a GPU's number (%(default)s)")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.explain import explain
        from classifier.run import Run

    how = {"method": options.method, "label": options.label, "checkpoint": options.checkpoint, "raw": options.raw}
    return console.finish(
        explain(Run.open(options.run), options.image, options.out, device=options.device, should_stop=console.should_stop, **how)
    )
