"""Measure a RUN's network on one split of its own or another DATASET."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS
from classifier.spec.fields import TTA
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, nargs="?", help="the folder of a training")
    parser.add_argument("--split", choices=SPLITS, help="which part of the dataset (test; validation for published weights)")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--data", metavar="DATASET", type=Path, help="another dataset than the run's own")
    parser.add_argument("--tta", choices=("none", *TTA), help="average over views of each image (as the run was configured)")
    parser.add_argument("--raw", action="store_true", help="the weights themselves, where the checkpoint keeps an average of them")
    parser.add_argument("--no-speed", action="store_true", help="leave out how long batches of several sizes take")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")
    parser.add_argument("--model", metavar="NAME", help="a model of the catalogue in place of a RUN, with --weights and --data")
    parser.add_argument("--weights", metavar="FILE|default", help="its weights for the 1,000 ImageNet classes")


def run(options: argparse.Namespace, console: Console) -> int:
    if options.model or options.weights:
        return run_published(options, console)
    if options.run is None:
        raise InputError("A RUN is missing: name the folder of a training.", code="usage")
    with loading():
        from classifier.evaluate import evaluate

    event = evaluate(
        options.run,
        split=options.split or "test",
        checkpoint=options.checkpoint,
        data=options.data,
        tta=options.tta,
        raw=options.raw,
        speed=not options.no_speed,
        device=options.device,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)


def run_published(options: argparse.Namespace, console: Console) -> int:
    """A network of the catalogue with its ImageNet head, in place of a RUN."""
    lacking = [f"--{name}" for name in ("model", "weights", "data") if getattr(options, name) is None]
    if lacking:
        raise InputError(f"Published weights are measured with --model, --weights and --data; {lacking[0]} is missing.", code="usage")
    if options.run is not None:
        raise InputError("Name a RUN or --model, not both.", code="usage")
    with loading():
        from classifier.published import evaluate_published

    event = evaluate_published(
        options.model,
        options.weights,
        options.data,
        split=options.split or "validation",
        device=options.device,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)
