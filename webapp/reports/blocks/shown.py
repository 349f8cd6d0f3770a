"""What a block shows, as plain values: none is a row, an id or a path of this server, unless its reader is a member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.utils.safestring import SafeString

from classifier.metrics.counts import Counts
from webapp.core.words import plural
from webapp.evaluations.figures import told
from webapp.evaluations.showing import names_of
from webapp.experiments.figures import Figure
from webapp.experiments.models import Experiment
from webapp.reports.models import Report


class Gone(LookupError):
    """What a block was to show is not there (any more); the sentence says why."""


class Found(NamedTuple):
    """One image of a gallery, as this server knows it."""

    row: int  # among the predictions
    image: int  # in the pack
    path: str
    true: str
    said: str
    probability: float | None
    loss: float | None


@dataclass(frozen=True)
class Where:
    """What a reader is given of single things: addresses, and nothing (empty) outside the team."""

    thumb: Callable[[int, int, Found], str]  # of a block's number, the place in it, and the image
    page: Callable[[Found], str] = lambda image: ""
    path: Callable[[Found], str] = lambda image: ""
    experiment: Callable[[Experiment], str] = lambda experiment: ""
    outside: bool = True


@dataclass(frozen=True)
class Picture:
    """One image."""

    true: str
    said: str
    right: bool
    probability: float | None
    loss: float | None
    thumb: str
    link: str
    path: str


@dataclass(frozen=True)
class Line:
    """One row of a table; of an experiment also the number of its colour, from 1, and its page."""

    cells: list[str]
    number: int = 0
    link: str = ""
    muted: bool = False


@dataclass(frozen=True)
class Shown:
    """One block. Of figure, table and pictures it has one, or none where `trouble` says why."""

    number: int  # its place in the report, from 1
    kind: str
    title: str
    text: SafeString  # what somebody wrote, as markup
    note: str = ""  # which split, how many images
    trouble: str = ""
    words: list[str] = field(default_factory=list)
    figure: Figure | None = None
    size: str = "curve"  # of the chart's frame before it is drawn
    legend: list[tuple[str, str]] = field(default_factory=list)  # (name, tone)
    letters: list[tuple[int, str]] = field(default_factory=list)  # (number, name) of each experiment that is drawn
    head: list[tuple[str, bool]] = field(default_factory=list)  # (title, whether it is a number)
    rows: list[Line] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    small: bool = False


class Source:
    """A report's evaluation, read once for all blocks."""

    def __init__(self, report: Report) -> None:
        self.report, self.evaluation = report, report.evaluation
        self.experiment = report.evaluation.experiment
        self.result = report.evaluation.result or {}
        self.split, self.n = report.evaluation.split, int(self.result.get("n") or 0)
        self.labels = report.evaluation.classes

    @cached_property
    def names(self) -> list[str]:
        """What its classes are called."""
        known = names_of(self.evaluation)
        return [known.get(label, label) for label in self.labels]

    @cached_property
    def counts(self) -> Counts:
        """Raises Gone where nothing was measured."""
        counts = self.evaluation.counts
        if counts is None or not counts.sum():
            raise Gone(f"The {self.split} split has no images, so there is nothing to show.")
        return counts

    @cached_property
    def f1_spans(self) -> list[told.Span]:
        """F1's interval of each class; none where none were kept."""
        return told.f1_spans(self.evaluation)

    @property
    def on(self) -> str:
        """ "test split, 450 images"."""
        return f"{self.split} split, {plural(self.n, 'image')}"

    def place(self, label: str) -> int:
        """Of a class among the network's. Raises Gone where it knows none of that label."""
        if label not in self.labels:
            raise Gone(f"The network knows no class {label[:60]!r}.")
        return self.labels.index(label)
