"""Show which parts of an image decided."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("image", metavar="IMAGE", type=Path, help="an image file")
    parser.add_argument("--out", metavar="FILE.png", type=Path, required=True, help="the picture to write")
    parser.add_argument("--method", default="gradcam", help="how (gradcam)")
    parser.add_argument("--label", default=None, help="the class to explain (the likeliest)")


def run(options: argparse.Namespace, console: Console) -> int:
    from classifier.explain import explain
    from classifier.run import Run

    return console.finish(explain(Run.open(options.run), options.image, options.out, method=options.method, label=options.label))
