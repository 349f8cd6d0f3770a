"""What each experiment reached and cost, a line each; every figure with how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from classifier.metrics import balanced_accuracy, macro_f1, top1, wilson
from classifier.metrics.comparison import Paired, holm
from classifier.metrics.counts import Counts
from classifier.metrics.intervals import difference
from webapp.core.words import UNKNOWN, give_or_take, percent, points
from webapp.evaluations import choices
from webapp.evaluations.comparing import pairs
from webapp.evaluations.comparing.asked import LETTERS, Asked
from webapp.evaluations.comparing.costs import Cost, costs_of
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import kept_span, within
from webapp.experiments.listing import with_reports
from webapp.experiments.models import Experiment

Span = tuple[float, float]


class Figure(NamedTuple):
    """A share of 1 with its 95 % interval."""

    value: float | None
    interval: Span | None = None

    @property
    def words(self) -> str:
        return percent(self.value)

    @property
    def half(self) -> str:
        """ "± 2.1", in points; as `give_or_take` near 0 and 1."""
        return give_or_take(self.value, *self.interval) if self.interval and self.value is not None else ""

    @property
    def score(self) -> str:
        """As F1 is told everywhere: "0.972"."""
        return UNKNOWN if self.value is None else f"{self.value:.3f}"

    @property
    def half_score(self) -> str:
        """ "± 0.015"."""
        return give_or_take(self.value, *self.interval, unit=1, digits=3) if self.interval and self.value is not None else ""

    def told(self) -> dict[str, Any]:
        """For programs."""
        return {"value": self.value, "interval": self.interval}


class Against(NamedTuple):
    """One experiment's accuracy minus the first one's."""

    difference: float | None
    interval: Span
    paired: Paired | None  # None: from two accuracies alone, of which nobody knows the images they share
    p: float | None  # McNemar's, corrected for all that are held against the first; None where they are not the same images

    @property
    def is_sure(self) -> bool:
        """Whether chance would hardly give as much."""
        low, high = self.interval
        return (low > 0 or high < 0) if self.p is None else self.p < 0.05

    @property
    def tone(self) -> str:
        if not self.is_sure or not self.difference:
            return ""
        return "good" if self.difference > 0 else "warn"

    @property
    def words(self) -> str:
        """ "+1.3"."""
        return "–" if self.difference is None else points(self.difference)

    @property
    def span(self) -> str:
        """ "−0.4 to +3.1"."""
        return f"{points(self.interval[0])} to {points(self.interval[1])}"


class Line(NamedTuple):
    """One experiment."""

    letter: str
    number: int  # of its colour, from 1
    experiment: Experiment
    evaluation: Evaluation | None
    n: int
    top1: Figure
    top5: Figure
    macro_f1: Figure
    balanced: Figure
    loss: float | None
    loss_half: str  # "± 0.021"; empty where no interval was kept
    against: Against | None  # None of the first, and where one of the two was not measured
    report: str
    cost: Cost
    without: str  # the address's query without it
    as_first: str  # with it in front

    @property
    def how(self) -> str:
        """What was measured otherwise than configured: ", ten crops"."""
        return choices.suffix(self.evaluation.views, self.evaluation.raw) if self.evaluation else ""


def lines(asked: Asked, measured: Mapping[str, Evaluation]) -> list[Line]:
    """All of them, in the order they were asked for."""
    against, costs, reports = all_against(asked, measured), costs_of(asked.experiments), with_reports(asked.experiments)
    return [line(asked, place, measured, against, costs, reports) for place in range(len(asked.experiments))]


def line(
    asked: Asked,
    place: int,
    measured: Mapping[str, Evaluation],
    against: Mapping[str, Against],
    costs: Mapping[str, Cost],
    reports: Mapping[str, str],
) -> Line:
    experiment = asked.experiments[place]
    evaluation, ids = measured.get(experiment.pk), [each.pk for each in asked.experiments]
    counts = evaluation.counts if evaluation else None
    result = (evaluation.result or {}) if evaluation else {}
    others = [id for id in ids if id != experiment.pk]
    return Line(
        letter=LETTERS[place],
        number=place + 1,
        experiment=experiment,
        evaluation=evaluation,
        n=int(counts.sum()) if counts is not None else 0,
        top5=share(result.get("top5"), result.get("n") or 0),
        **figures(counts, result),
        loss=result.get("loss"),
        loss_half=within(result, "loss", 1, 3),
        against=against.get(experiment.pk),
        report=reports.get(experiment.pk, ""),
        cost=costs[experiment.pk],
        without=asked.of(others),
        as_first=asked.of([experiment.pk, *others]),
    )


def figures(counts: Counts | None, result: Mapping[str, Any]) -> dict[str, Figure]:
    """What follows from a confusion matrix; the interval of what is no share of images is the one of the evaluation's own page."""
    if counts is None or not counts.sum():
        return {name: Figure(None) for name in ("top1", "macro_f1", "balanced")}
    return {
        "top1": share(top1(counts), int(counts.sum())),
        "macro_f1": Figure(macro_f1(counts), kept_span(result, "f1_macro")),
        "balanced": Figure(balanced_accuracy(counts), kept_span(result, "balanced_accuracy")),
    }


def share(value: float | None, n: int) -> Figure:
    """A share of so many images."""
    return Figure(value, wilson(round(value * n), n)) if value is not None and n else Figure(value)


def all_against(asked: Asked, measured: Mapping[str, Evaluation]) -> dict[str, Against]:
    """Every other experiment against the first; the p-values corrected together."""
    first = measured.get(asked.first.pk) if asked.experiments else None
    if first is None:
        return {}
    return corrected({each.pk: against(first, measured[each.pk]) for each in asked.experiments[1:] if each.pk in measured})


def corrected(found: Mapping[str, Against]) -> dict[str, Against]:
    """The same, p-values corrected for all that are held against one."""
    tested = {key: told.p for key, told in found.items() if told.p is not None}
    return dict(found) | {key: found[key]._replace(p=p) for key, p in zip(tested, holm(list(tested.values())), strict=True)}


def against(first: Evaluation, second: Evaluation) -> Against:
    """On the images that both judged where these are known; else as if all of them were different ones."""
    both = pairs.counted(first, second)
    if both is not None and both.n:
        return Against(both.difference, both.interval, both, both.p)
    return apart(first, second)


def apart(first: Evaluation, second: Evaluation) -> Against:
    """From both accuracies alone."""
    before, now = (each.counts for each in (first, second))
    assert before is not None and now is not None, "asked for before it was done"
    (right, n), (right_now, n_now) = ((int(counts.trace()), int(counts.sum())) for counts in (before, now))
    gap = right_now / n_now - right / n if n and n_now else None
    return Against(gap, difference(right_now, n_now, right, n), None, None)
