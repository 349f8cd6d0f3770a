"""Read a zip, a tar (gz, bz2, xz) or a folder of images into a DATASET folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from classifier.cli import fetching
from classifier.cli.console import Console
from classifier.spec.errors import InputError
from classifier.spec.exif import chosen
from classifier.spec.loading import loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", type=Path, help="class folders, images with a table, MNIST's or CIFAR's files")
    parser.add_argument("--out", metavar="DATASET", type=Path, required=True, help="the folder to make; missing or empty")
    parser.add_argument("--split", default="70/15/15", metavar="A/B/C", help="percent for train/validation/test where SOURCE has none")
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--brief", action="store_true", help="with --json: the last line has no problems, which are told as they are found")
    parser.add_argument("--group", metavar="REGEX", help="files whose paths match alike stay in one split")
    parser.add_argument("--alike", action="store_true", help="images that look nearly the same stay in one split; about 1.3 ms an image")
    parser.add_argument("--blur-faces", action="store_true", help="faces that are found are blurred in what is kept; about 0.2 s an image")
    parser.add_argument("--exif", metavar="NAMES", help="what cameras noted becomes columns: date, camera, place (GPS), by comma")
    parser.add_argument("--least", type=int, metavar="N", help="classes with fewer images are left out")
    parser.add_argument("--most", type=int, metavar="N", help="of larger classes so many images, chosen by the seed")
    fetching.add_flag(parser)
    parser.add_argument("--keep", action="store_true", help="interrupted, it keeps what was read; the same command then goes on")
    parser.add_argument("--earlier", metavar="DATASET", type=Path, action="append", default=[], help="--out of a try that was killed")
    parser.add_argument("--choose", metavar="JSON", help="corrects the layout that is found; `inspect` shows it with what may be chosen")


def shares(text: str) -> tuple[float, ...]:
    """The numbers of A/B/C; what they may be, the import itself checks."""
    try:
        found = tuple(float(part) for part in text.split("/"))
    except ValueError:
        found = ()
    if len(found) != 3:
        raise InputError(f"--split must be three percentages such as 70/15/15; {text[:40]} came.")
    return found


def notes(text: str) -> tuple[str, ...]:
    """What --exif names."""
    try:
        return chosen(text)
    except ValueError as error:
        raise InputError(f"--exif: {error}.") from None


def run(options: argparse.Namespace, console: Console) -> int:
    wanted = shares(options.split)
    with loading():
        from classifier.data.importer import import_dataset
        from classifier.data.layouts.choose import choice_of

    on_event = fetching.arrived(options.source, console) if options.fetch else console.on_event
    event = import_dataset(
        options.source,
        options.out,
        shares=wanted,
        seed=options.seed,
        group=options.group,
        alike=options.alike,
        least=options.least,
        most=options.most,
        blur_faces=options.blur_faces,
        exif=notes(options.exif or ""),
        choice=choice_of(options.choose),
        earlier=options.earlier,
        keep=options.keep,
        on_event=on_event,
        should_stop=console.should_stop,
    )
    if options.brief and console.as_json:
        event.pop("problems")
    return console.finish(event)
