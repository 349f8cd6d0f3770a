"""The frame of `python -m classifier`: finds the subcommand, runs it, and turns whatever happens into one line and an exit code."""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from classifier.cli.console import Console
from classifier.cli.failures import broken_pipe, sentence_of
from classifier.cli.signals import FinishSignal, StopSignal, heed_parent_pipe
from classifier.spec.errors import EXIT_OK, InputError

PROGRAM = "python -m classifier"

# subcommand: (its module in classifier.cli, what it does)
COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("import_", "read a zip, a tar or a folder of images into a DATASET"),
    "train": ("train", "train a network on a DATASET into a RUN, or go on with a RUN"),
    "evaluate": ("evaluate", "measure a RUN on one split"),
    "compare": ("compare", "hold RUNs against the first of them, image by image"),
    "probe": ("probe", "measure a RUN on images with parts hidden: does it look at the things, or at what surrounds them"),
    "grow": ("grow", "say which class of a RUN's dataset needs more images, with a forecast"),
    "verify": ("verify", "say whether a RUN came to the same as an earlier one, and where not"),
    "predict": ("predict", "classify images with a RUN, one JSON line an image"),
    "classify": ("classify", "classify all images of a zip, a tar or a folder into a folder of ANSWERS"),
    "unsure": ("unsure", "choose the probability below which a RUN says that it is unsure"),
    "explain": ("explain", "show which parts of an image decided"),
    "layers": ("layers", "show what is inside of a RUN's network, at work on an image"),
    "filters": ("filters", "say which validation images excite each filter of a RUN's layers the most, and where"),
    "export": ("export", "write a RUN's best network for use elsewhere"),
    "inspect": ("inspect_", "show how a SOURCE is understood before it is imported"),
    "connect": ("connect", "say whether a bucket opens with its key"),
    "suggest": ("suggest", "say what every image of a DATASET shows, the least certain first, for people to label"),
    "space": ("space", "find where every image lies in a RUN's own space, for maps and nearest training images"),
    "check": ("check", "look for leaks, doubtful labels and odd images in a DATASET"),
    "revise": ("revise", "make another version of a DATASET: relabel, take out, merge classes, cut the splits anew"),
    "peek": ("peek", "show what images are, with thumbnails, before a revision adds them"),
    "erase": ("erase", "overwrite one image for good, in every DATASET that is named"),
    "find-lr": ("find_lr", "raise the learning rate over a few steps on a DATASET, and suggest one"),
    "models": ("models", "list the catalogue, one JSON line a model"),
    "check-weights": ("check_weights", "read a weights file from elsewhere into plain safetensors"),
    "doctor": ("doctor", "measure this machine and say what is missing"),
}


class Parser(argparse.ArgumentParser):
    """argparse that raises its complaints, so that they end like every other error: one line, exit 2."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}. `{self.prog} --help` shows what it takes.", code="usage")


def usage() -> str:
    """The page of `--help`."""
    lines = [f"usage: {PROGRAM} SUBCOMMAND … [--json]", "", "From image files to a trained, measured classifier.", ""]
    lines += [f"  {name:13} {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join([*lines, "", f"`{PROGRAM} SUBCOMMAND --help` shows its flags; --json gives events, one JSON object a line."])


def split_json(words: Sequence[str]) -> tuple[list[str], bool]:
    """The words without --json, and whether it stood among them (anywhere before a bare `--`)."""
    end = list(words).index("--") if "--" in words else len(words)
    head = [word for word in words[:end] if word != "--json"]
    return [*head, *words[end:]], len(head) < end


def command_module(name: str) -> str:
    """The module of a subcommand's name; raises InputError with what comes near."""
    if name in COMMANDS:
        return f"classifier.cli.{COMMANDS[name][0]}"
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}."
    raise InputError(f"There is no subcommand '{name[:40]}'; {hint}", code="usage")


def run(words: list[str], console: Console) -> int:
    """Runs one subcommand to its end and gives its exit code."""
    if not words:
        raise InputError(f"A subcommand is missing; there are {', '.join(COMMANDS)}.", code="usage")
    if words[0] in ("-h", "--help", "help"):
        print(usage())
        return EXIT_OK
    module = importlib.import_module(command_module(words[0]))
    parser = Parser(prog=f"{PROGRAM} {words[0]}", description=module.__doc__, allow_abbrev=False)
    module.arguments(parser)
    code: int = module.run(parser.parse_args(words[1:]), console)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """The whole program; gives its exit code and never lets an exception out."""
    stop, finish = StopSignal(), FinishSignal()
    heed_parent_pipe(finish)
    stop.install()
    words, as_json = split_json(sys.argv[1:] if argv is None else argv)
    console = Console(as_json=as_json, should_stop=stop, should_finish=finish)
    try:
        return run(words, console)
    except SystemExit as end:  # argparse's --help
        return int(end.code or EXIT_OK)
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        return broken_pipe()
    except BaseException as error:  # noqa: BLE001 - the last stop: everything becomes a sentence and a code
        return console.fail(sentence_of(error))
    finally:
        console.close()
