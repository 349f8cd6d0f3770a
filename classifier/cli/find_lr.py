"""Raise the learning rate over a few steps of training on a DATASET, and suggest one; the curve is part of the last JSON line."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.cli.settings import config_file, settings
from classifier.spec.checks import whole
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from classifier.spec.loading import loading
from classifier.threads import share_cores


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="what `import` made")
    parser.add_argument("--config", type=Path, metavar="FILE.json", help="a JSON object of settings")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings", help="one setting, such as batch_size=32"
    )
    parser.add_argument("--steps", type=int, default=100, metavar="N", help="how many steps the rate rises over, 10 to 10,000")


def run(args: argparse.Namespace, console: Console) -> int:
    """Searches; the exit code."""
    values = (config_file(args.config) if args.config else {}) | settings(args.settings)
    config = TrainConfig.from_mapping(values)
    try:
        steps = whole(10, 10_000)(args.steps)
    except ValueError as error:
        raise ConfigError({"--steps": str(error)}) from None
    share_cores()
    with loading():
        from classifier.training.finder import find_rate  # here, so that wrong settings are told before torch is loaded

    return console.finish(find_rate(args.dataset, config, steps=steps, on_event=console.on_event, should_stop=console.should_stop))
