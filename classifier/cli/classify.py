"""Classify every picture of a zip, a tar or a folder, or of earlier answers, into a folder of answers."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.cli.predict import probability, source_of
from classifier.spec import unsure
from classifier.spec.errors import InputError
from classifier.spec.loading import loading
from classifier.spec.runfile import MANIFEST

NEVER = "never"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("run", metavar="RUN", nargs="?", help="the folder of a training; none with --model")
    parser.add_argument("source", metavar="SOURCE", type=Path, help="a zip, a tar or a folder of pictures, or ANSWERS of before")
    parser.add_argument("--out", metavar="ANSWERS", type=Path, required=True, help="the folder to make; missing or empty")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--model", metavar="NAME", help="a published network of the catalogue in place of a RUN: ImageNet's 1,000 classes")
    parser.add_argument("--weights", metavar="FILE|default", default="default", help="its weights, with --model (default)")
    words = "below this probability an answer is unsure; never: none is (as `unsure` keeps it in the RUN)"
    parser.add_argument("--unsure-below", metavar="P|never", help=words)
    parser.add_argument("--keep", action="store_true", help="interrupted, it keeps what was read and said; the same command then goes on")
    parser.add_argument("--earlier", metavar="ANSWERS", type=Path, action="append", default=[], help="--out of a try that was killed")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Classifies; the exit code."""
    if bool(options.run) == bool(options.model):
        raise InputError("Name a RUN and a SOURCE, or --model NAME and a SOURCE alone.", code="usage")
    below = 0.0 if options.unsure_below == NEVER else probability(options.unsure_below) if options.unsure_below else None
    with loading():
        from classifier.many.classify import classify
        from classifier.predict import Predictor
        from classifier.run import Run

    if options.run:
        Run.open(Path(options.run))  # what is no run is said before the pictures are read
    event = classify(
        lambda: Predictor(source_of(options), checkpoint=options.checkpoint, device=options.device, unsure_below=below),
        options.source,
        options.out,
        stamp=f"{network(options)} {unsure.kept(Path(options.run)) if below is None and options.run else below}",
        earlier=options.earlier,
        keep=options.keep,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)


def network(options: argparse.Namespace) -> str:
    """Tells one network from another, and from the same one trained anew."""
    if options.model:
        return f"{options.model} {options.weights}"
    manifest = Path(options.run) / MANIFEST
    return f"{manifest.resolve()} {manifest.stat().st_mtime_ns if manifest.exists() else 0} {options.checkpoint}"
