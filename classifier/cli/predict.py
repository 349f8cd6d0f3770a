"""Classify images with a RUN: one JSON line an image, in the order they are named."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from classifier.cli.console import Console
from classifier.spec.errors import EXIT_BAD_INPUT, EXIT_OK, Interrupted
from classifier.spec.events import Event

CHUNK_IMAGES = 64  # read and decoded at once


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="the folder of a training")
    parser.add_argument("images", metavar="IMAGE", nargs="+", help="image files")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def chunks(names: list[str]) -> Iterator[list[str]]:
    """The names, so many at a time."""
    left = iter(names)
    return iter(lambda: list(itertools.islice(left, CHUNK_IMAGES)), [])


def contents(names: Iterable[str]) -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    """(the files that could be read, {name: why not} of the others)."""
    files, errors = [], {}
    for name in names:
        try:
            files.append((name, Path(name).read_bytes()))
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            errors[name] = f"It cannot be read: {getattr(error, 'strerror', None) or error}."
    return files, errors


def run(options: argparse.Namespace, console: Console) -> int:
    from classifier.predict import Predictor

    predictor = Predictor(options.run, checkpoint=options.checkpoint, device=options.device)
    failed = False
    for names in chunks(options.images):
        if console.should_stop():
            raise Interrupted("Interrupted.")
        files, errors = contents(names)
        said = iter(predictor.predict(files, console.should_stop))
        for name in names:
            result: Event = {"file": name, "error": errors[name]} if name in errors else next(said)
            failed |= "error" in result
            console.line(result)
    return EXIT_BAD_INPUT if failed else EXIT_OK
