"""Say whether the bucket that SYNSET_FETCH names opens with its key."""

from __future__ import annotations

import argparse

from classifier.cli import fetching
from classifier.cli.console import Console


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: what opens it stands in the environment."""


def run(options: argparse.Namespace, console: Console) -> int:
    wanted = fetching.told()
    bucket = fetching.bucket_of(wanted)
    from classifier.data.remote.connecting import connect

    return console.finish(connect(bucket, tuple(wanted.get("networks", ()))))
