"""Classify images with a RUN: one JSON line an image, in the order they are named."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from classifier.cli.console import Console
from classifier.spec.errors import EXIT_BAD_INPUT, EXIT_OK, InputError, Interrupted
from classifier.spec.events import Event
from classifier.spec.loading import loading
from classifier.spec.unsure import checked

CHUNK_IMAGES = 64  # read and decoded at once


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the folder of a training; none with --model")
    parser.add_argument("images", metavar="IMAGE", nargs="*", help="image files")
    parser.add_argument("--checkpoint", default="best", metavar="best|last|EPOCH", help="which of the run's networks (best)")
    parser.add_argument("--model", metavar="NAME", help="a published network of the catalogue in place of a RUN: ImageNet's 1,000 classes")
    parser.add_argument("--weights", metavar="FILE|default", default="default", help="its weights, with --model (default)")
    parser.add_argument("--unsure-below", metavar="P", help="mark answers below this probability (as `unsure` keeps it in the RUN)")
    parser.add_argument(
        "--space", metavar="STEM", type=Path, default=None, help="what `space` wrote: tells the nearest training images too"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or a GPU's number (auto)")


def chunks(names: list[str]) -> Iterator[list[str]]:
    """The names, so many at a time."""
    left = iter(names)
    return iter(lambda: list(itertools.islice(left, CHUNK_IMAGES)), [])


def contents(names: Iterable[str]) -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    """(the files that could be read, {name: why not} of the others)."""
    with loading():
        from classifier.predict import file_bytes

    files, errors = [], {}
    for name in names:
        try:
            files.append((name, file_bytes(Path(name))))
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            errors[name] = f"It cannot be read: {getattr(error, 'strerror', None) or error}."
    return files, errors


def run(options: argparse.Namespace, console: Console) -> int:
    images = [options.run, *options.images] if options.model else options.images
    if not images:
        raise InputError("An IMAGE is missing: name the image files to classify.", code="usage")
    with loading():
        from classifier.predict import Predictor

    below = None if options.unsure_below is None else probability(options.unsure_below)
    predictor = Predictor(source_of(options), checkpoint=options.checkpoint, device=options.device, unsure_below=below)
    near = space_of(options.space)
    failed = False
    for names in chunks(images):
        if console.should_stop():
            raise Interrupted("Interrupted.")
        files, errors = contents(names)
        said = iter(predictor.predict(files, console.should_stop, near=near))
        for name in names:
            result: Event = {"file": name, "error": errors[name]} if name in errors else next(said)
            failed |= "error" in result
            console.line(result)
    return EXIT_BAD_INPUT if failed else EXIT_OK


def probability(text: str) -> float:
    """Of the flag; raises InputError for what is none."""
    try:
        return checked(text)
    except ValueError as error:
        raise InputError(f"--unsure-below {error}.", code="usage") from None


def space_of(stem: Path | None) -> Any:
    """Where the training images lie, if it was asked for; InputError where nothing is of that name."""
    with loading():
        from classifier.metrics import embedding

    found = None if stem is None else embedding.read(stem)
    if stem is not None and found is None:
        raise InputError(f"There is no {stem}.points.npy with the files beside it. Make them with `space`.")
    return found


def source_of(options: argparse.Namespace) -> Any:
    """The RUN, or the published network that --model names."""
    if not options.model:
        return options.run
    with loading():
        from classifier.published import Published

    return Published(options.model, options.weights)
