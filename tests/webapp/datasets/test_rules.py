"""Every rule by which the engine leaves something out, or takes it with a word, has words and a hint here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.datasets.rules import RULES, WARNINGS

ENGINE = Path(__file__).parents[3] / "classifier" / "data"
PLACES = {"Unreadable": 0, "refused": 1, "left_out": 1, "warned": 1}  # of the rule among what is said
OF_QUESTIONS = {"slow"}  # said of pictures to classify, never by an import


def texts(value: ast.expr, named: dict[str, ast.expr]) -> Iterator[str]:
    """The texts that an expression may be, as far as they stand in the file."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from (*texts(value.body, named), *texts(value.orelse, named))
    elif isinstance(value, ast.Name) and value.id in named:
        yield from texts(named[value.id], {})


def rules_of(path: Path) -> Iterator[tuple[str, str]]:
    """Each rule, and what it is said by."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    named = {str(getattr(target, "id", "")): node.value for node in nodes if isinstance(node, ast.Assign) for target in node.targets}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = PLACES.get(node.func.id)
            for rule in node.args[place : place + 1] if place is not None else ():
                yield from ((text, node.func.id) for text in texts(rule, named))


SAID = {(rule, by) for path in ENGINE.rglob("*.py") for rule, by in rules_of(path) if rule not in OF_QUESTIONS}
FOUND = sorted({rule for rule, _ in SAID})


def test_the_engine_has_many_rules() -> None:
    assert len(FOUND) > 30 and {"link", "special_file", "not_copied", "bad_row"} <= set(FOUND)


@pytest.mark.parametrize("rule", FOUND)
def test_a_rule_of_the_engine_has_words_and_a_hint(rule: str) -> None:
    assert RULES[rule].words and RULES[rule].hint.endswith(".")


def test_by_each_rule_things_are_always_taken_or_always_left_out() -> None:
    assert {rule for rule, by in SAID if by == "warned"} == WARNINGS
    assert WARNINGS.isdisjoint(rule for rule, by in SAID if by != "warned")
