"""Train a network on a DATASET into a RUN; the same command again goes on with the RUN."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli.console import Console
from classifier.cli.settings import config_file, settings
from classifier.spec.config import TrainConfig
from classifier.spec.loading import loading
from classifier.threads import share_cores


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommand's flags."""
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="what `import` made")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run: missing, empty, or a run to go on with")
    parser.add_argument("--config", type=Path, metavar="FILE.json", help="a JSON object of settings")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="settings", help="one setting, such as epochs=5")
    parser.add_argument("--restart", action="store_true", help="start over where the folder already holds a run")


def run(args: argparse.Namespace, console: Console) -> int:
    """Trains to the end; the exit code."""
    values = (config_file(args.config) if args.config else {}) | settings(args.settings)
    config = TrainConfig.from_mapping(values) if values else None
    share_cores()
    with loading():
        from classifier.training.loop import train  # here, so that wrong settings are told before torch is loaded

    return console.finish(
        train(
            args.dataset,
            args.out,
            config,
            restart=args.restart,
            on_event=console.on_event,
            should_stop=console.should_stop,
            should_finish=console.should_finish,
        )
    )
