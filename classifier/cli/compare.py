"""Hold RUNs against the first of them: on the images that both judged, how many each mends and breaks, and whether that may be chance."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.events import SPLITS
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", metavar="RUN", type=Path, nargs="+", help="folders of trainings, two to twenty; the first is the measure")
    parser.add_argument("--split", choices=SPLITS, default="test", help="of which predictions are compared (test)")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.compare import compare

    return console.finish(compare(options.runs, options.split))
