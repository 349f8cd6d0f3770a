"""Write a RUN's network into one file, with its classes and preprocessing inside."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("--format", choices=("onnx", "torch", "safetensors"), required=True, help="of the file")
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="the file to write")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.export import export

    return console.finish(export(options.run, options.format, options.out, checkpoint=options.checkpoint))
