"""Show how a zip, a tar or a folder is understood: its layout, its classes, and what is left out, before it is imported."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from classifier.cli import fetching
from classifier.cli.console import Console
from classifier.spec.loading import loading

BRIEF_CLASSES = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", type=Path, help="what `import` takes")
    parser.add_argument("--brief", action="store_true", help="name the first thousand classes alone")
    parser.add_argument("--faces", action="store_true", help="show some images as `import --blur-faces` keeps them")
    parser.add_argument("--group", metavar="REGEX", help="show what `import --group` keeps together by it")
    fetching.add_flag(parser)
    parser.add_argument("--choose", metavar="JSON", help="corrects the layout that is found, as for `import`")


def run(options: argparse.Namespace, console: Console) -> int:
    with loading():
        from classifier.data.inspection import inspect_source
        from classifier.data.layouts.choose import choice_of

    choice = choice_of(options.choose)
    on_event = fetching.arrived(options.source, console) if options.fetch else console.on_event
    event = inspect_source(
        options.source, choice, faces=options.faces, group=options.group, on_event=on_event, should_stop=console.should_stop
    )
    if options.brief:
        event["classes"] = dict(islice(event["classes"].items(), BRIEF_CLASSES))
        event["names"] = {label: name for label, name in event["names"].items() if label in event["classes"]}
    return console.finish(event)
