"""Read a weights file from elsewhere, say what is in it, and keep it as plain safetensors; nothing in it runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE", type=Path, help="a state dict as .pth or .pt, or a .safetensors file")
    parser.add_argument("--out", metavar="FILE.safetensors", type=Path, required=True, help="the file to write; replaced where it is there")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.models.weights_check import check_weights

    return console.finish(check_weights(options.source, options.out, console.on_event))
