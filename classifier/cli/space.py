"""Find where every image lies in a RUN's own space, and arrange them in the plane: for maps and for nearest training images."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("--out", metavar="STEM", type=Path, required=True, help="the files' name: STEM.points.npy and those beside it")
    parser.add_argument("--split", default="test", help="the evaluated split, beside train and validation (test)")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--data", metavar="DATASET", type=Path, default=None, help="of which the split is, where it is another dataset")
    parser.add_argument("--predictions", metavar="FILE.csv", type=Path, default=None, help="of the evaluation that is shown")
    parser.add_argument("--raw", action="store_true", help="the weights themselves, where the checkpoint keeps an average of them")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Looks, arranges, writes; the exit code."""
    with loading():
        from classifier.space.mapping import embed  # here, so that --help comes without torch

    event = embed(
        options.run,
        options.out,
        split=options.split,
        checkpoint=options.checkpoint,
        data=options.data,
        predictions=options.predictions,
        raw=options.raw,
        device=options.device,
        on_event=console.on_event,
        should_stop=console.should_stop,
    )
    return console.finish(event)
