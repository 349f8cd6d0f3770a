"""Say whether the bucket that SYNSET_FETCH names opens with its key, or what lies in one of its folders."""

from __future__ import annotations

import argparse

from classifier.cli import fetching
from classifier.cli.console import Console
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    """What opens it stands in the environment."""
    parser.add_argument("--list", metavar="FOLDER", help="name the folders and archives directly in it; '' for the top")


def run(options: argparse.Namespace, console: Console) -> int:
    wanted = fetching.told()
    bucket = fetching.bucket_of(wanted)
    with loading():
        from classifier.data.remote.connecting import connect, listed

    networks = tuple(wanted.get("networks", ()))
    return console.finish(connect(bucket, networks) if options.list is None else listed(bucket, options.list, networks))
