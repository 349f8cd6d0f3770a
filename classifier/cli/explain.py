"""Show which parts of an image decided."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.errors import InputError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("image", metavar="IMAGE", type=Path, help="an image file")
    parser.add_argument("--out", metavar="FILE.png", type=Path, required=True, help="the picture to write")
    parser.add_argument("--method", default="gradcam", help="how (gradcam)")


def run(options: argparse.Namespace, console: Console) -> int:
    raise InputError("Explaining an image is not offered by this version; `predict` gives its five best labels.")
