"""Rows of measurements: the parts take turns, medians count, a table is printed and JSON written."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

RUNS = 5  # of each part, interleaved, so that what else the machine does slows all parts alike
COLUMNS = "{name:32} {value:>10} {unit:9} {baseline:>10} {ratio:>7} {ceiling:>10} {fraction:>9}"

Measure = Callable[[], float]  # one run of one part, in the row's unit


@dataclass(frozen=True)
class Row:
    """What is measured: ours, the baseline's way of doing the same, and what the hardware could do at most."""

    name: str  # such as train/resnet18-128
    unit: str
    value: Measure
    baseline: Measure | None = None
    ceiling: Measure | None = None
    runs: int | None = None  # at most so many, where one takes minutes
    by_name: bool = False  # it runs where its whole name is asked for alone

    @property
    def parts(self) -> dict[str, Measure]:
        """The parts that there are, by name."""
        named = {"value": self.value, "baseline": self.baseline, "ceiling": self.ceiling}
        return {name: part for name, part in named.items() if part is not None}


def wanted(rows: Iterable[Row], only: str) -> list[Row]:
    """The rows whose names begin so, without those that are to be asked for by name."""
    return [row for row in rows if (row.name == only if row.by_name else row.name.startswith(only))]


def measure(row: Row, runs: int = RUNS, tell: Callable[[str], None] = print) -> dict[str, Any]:
    """Runs each part `runs` times in turn; gives the row with its medians."""
    taken: list[dict[str, float]] = []
    runs = min(runs, row.runs or runs)
    for number in range(1, runs + 1):
        taken.append({name: part() for name, part in row.parts.items()})
        tell(f"{row.name} {number}/{runs}: " + ", ".join(f"{name} {figure:,.1f}" for name, figure in taken[-1].items()))
    return summary(row, taken)


def summary(row: Row, runs: list[dict[str, float]]) -> dict[str, Any]:
    """Medians of the runs, and what follows from them."""
    median = {name: statistics.median(run[name] for run in runs) for name in row.parts}
    value, baseline, ceiling = median["value"], median.get("baseline"), median.get("ceiling")
    return {
        "name": row.name,
        "value": value,
        "unit": row.unit,
        "baseline": baseline,
        "ratio": value / baseline if baseline else None,
        "ceiling": ceiling,
        "fraction": value / ceiling if ceiling else None,
        "runs": runs,
    }


def output_folder() -> Path:
    """$SYNSET_HOME/bench."""
    return Path(os.environ.get("SYNSET_HOME") or "var").resolve() / "bench"


def write(result: dict[str, Any], folder: Path) -> Path:
    """The row's own file, a list of one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['name'].replace('/', '-')}.json"
    path.write_text(json.dumps([result], indent=1, allow_nan=False) + "\n")
    return path


def cell(value: float | None, form: str) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else format(value, form)


def line(result: dict[str, Any]) -> str:
    """One row of the table."""
    figures = {"value": ",.1f", "baseline": ",.1f", "ratio": ".2f", "ceiling": ",.1f", "fraction": ".3f"}
    return COLUMNS.format(name=result["name"], unit=result["unit"], **{key: cell(result[key], form) for key, form in figures.items()})


def table(results: Iterable[dict[str, Any]], stream: TextIO | None = None) -> None:
    """All rows under their heading."""
    heading = {key: key for key in ("name", "value", "unit", "baseline", "ratio", "ceiling", "fraction")}
    print(COLUMNS.format(**heading), *map(line, results), sep="\n", file=stream)
