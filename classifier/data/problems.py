"""What is said about single files: left out with a rule, or taken with a warning."""

from __future__ import annotations

from typing import TypedDict

from classifier.spec.errors import InputError


class Problem(TypedDict):
    """One file and the rule it met; `taken` says whether it is part of the dataset all the same."""

    file: str
    rule: str  # a short stable word: "truncated", "not_an_image", "duplicate", …
    message: str
    taken: bool


def sentence(said: str) -> str:
    """ "is cut short" as "It is cut short."; what is a sentence stays as it is."""
    text = f"It {said}" if said[:1].islower() else said
    return text if text.endswith((".", "?", ")")) else f"{text}."


class Unreadable(InputError):
    """This one file cannot be used; `rule` says by which rule, `message` says it in a sentence that calls the file "it"."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(sentence(message), code=rule)
        self.rule = rule


def left_out(file: str, rule: str, message: str) -> Problem:
    return Problem(file=file, rule=rule, message=sentence(message), taken=False)


def warned(file: str, rule: str, message: str) -> Problem:
    return Problem(file=file, rule=rule, message=sentence(message), taken=True)
