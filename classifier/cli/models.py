"""List every model there is, one JSON line each, with its size and published figures."""

from __future__ import annotations

import argparse

from classifier.cli.console import Console
from classifier.spec.catalogue import MODELS
from classifier.spec.errors import EXIT_OK


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--family", help="only the models of one family, such as resnet")


def run(options: argparse.Namespace, console: Console) -> int:
    for entry in MODELS.values():
        if options.family in (None, entry.family):
            console.line(entry._asdict())
    return EXIT_OK
