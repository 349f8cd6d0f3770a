"""Say whether a RUN came to the same as an earlier one: bit-equal, within rounding, or different, and from where on."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.events import SPLITS
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("second", metavar="AGAIN", type=Path, help="the folder of the same training, run again")
    parser.add_argument("--split", choices=SPLITS, default="test", help="of which predictions are compared (test)")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.compare import verify

    return console.finish(verify(options.first, options.second, options.split))
