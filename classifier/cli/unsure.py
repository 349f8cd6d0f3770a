"""Choose the probability below which a RUN's answers are marked as unsure, by `predict` and wherever it classifies."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.run import Run
from classifier.spec import unsure
from classifier.spec.errors import InputError

OFF = "off"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument(
        "below", metavar="P|off", nargs="?", help="a probability such as 0.7; off: it always answers; nothing: say which holds"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    found = Run.open(options.run)
    if options.below is not None:
        unsure.keep(found.folder, None if options.below == OFF else probability(options.below))
    return console.finish({"event": "unsure", "run": str(found.folder), "below": unsure.kept(found.folder)})


def probability(text: str) -> float:
    """Raises InputError for what is none."""
    try:
        return unsure.checked(text)
    except ValueError as error:
        raise InputError(f"The threshold {error}; `off` takes it away.", code="usage") from None
