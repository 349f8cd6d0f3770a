"""docs/insights.md names every rule and every threshold as it is in the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from webapp.experiments import insights
from webapp.experiments.insights import counts, curves

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/insights.md").read_text(encoding="utf-8")


def thresholds():
    """Every number that a module of rules gives a name."""
    return {
        name: value
        for module in (insights, counts, curves)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int | float)
    }


def test_the_page_has_every_threshold_with_its_value():
    told = {name: ast.literal_eval(value) for name, value in re.findall(r"^\| `([A-Z_]+)` \| ([\d.]+) \|", PAGE, re.MULTILINE)}
    assert told == thresholds()


def test_every_threshold_has_its_reason():
    assert all(len(reason) > 10 for reason in re.findall(r"^\| `[A-Z_]+` \| [\d.]+ \| (.*) \|$", PAGE, re.MULTILINE))


def test_the_page_has_every_rule():
    told = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    spoken = set()
    for module in (insights, counts, curves):
        spoken |= set(re.findall(r'Insight\(\s*"(\w+)"', Path(module.__file__).read_text(encoding="utf-8")))
    assert told == spoken
