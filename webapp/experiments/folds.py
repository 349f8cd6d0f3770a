"""Cross-validation: one experiment a fold, launched together, and what they say together.

Those of one cross-validation are those of the same version with the same configuration, but for the fold: so a fold that was launched
again, or through the API, is one of them too. The newest of each fold speaks for it.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Mapping
from typing import Any, NamedTuple

from webapp.core.words import percent, plural
from webapp.datasets.models import DatasetVersion
from webapp.experiments.learning import learnt_counts
from webapp.experiments.models import Experiment
from webapp.jobs.models import State

MOST_LOOKED_AT = 200  # experiments of one cross-validation; with more, some folds were launched again and again


class Fold(NamedTuple):
    """One fold: its number, its newest experiment if there is any, and whether that is the one being looked at."""

    number: int
    experiment: Experiment | None
    here: bool


class Spread(NamedTuple):
    """A figure over the folds that have it."""

    mean: float | None
    deviation: float | None  # the sample's; None of a single fold
    folds: int

    @property
    def half_width(self) -> str:
        """ "± 1.2", in points."""
        return "" if self.deviation is None else f"± {100 * self.deviation:.1f}"

    def figure(self, label: str, folds: int) -> tuple[str, str, str, str]:
        """Its name, mean, deviation and what they rest on, as a key figure shows them."""
        basis = f"mean ± standard deviation of {plural(self.folds, 'fold')}" if self.folds > 1 else plural(self.folds, "fold")
        return label, percent(self.mean), self.half_width, f"{basis} of {folds}" if self.folds else "once a fold has ended"


class Across(NamedTuple):
    """A cross-validation as the page of one of its experiments shows it."""

    fold: int
    folds: int
    rows: list[Fold]
    validation: Spread
    test: Spread

    @property
    def moving(self) -> bool:
        """Whether one of them waits or runs, so that there is more to come."""
        return any(row.experiment and not row.experiment.job.is_final for row in self.rows)

    @property
    def figures(self) -> list[tuple[str, str, str, str]]:
        """Of validation and, where there are test images, of test."""
        shown = [self.validation.figure("Validation top-1", self.folds)]
        return shown + ([self.test.figure("Test top-1", self.folds)] if self.test.folds else [])


def key_of(version: DatasetVersion, values: Mapping[str, Any]) -> str | None:
    """What the experiments of one cross-validation have in common; None without folds. `values`: a clean configuration."""
    if not values.get("folds"):
        return None
    same = [version.pk, {name: value for name, value in values.items() if name != "fold"}]
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def seen(version: DatasetVersion, folds: int) -> dict[str, int]:
    """Images by split as a training sees them: with folds about the k-th part of train and validation validates."""
    counts = learnt_counts(version)
    if not folds:
        return counts
    pool = counts["train"] + counts["validation"]
    return counts | {"train": pool - round(pool / folds), "validation": round(pool / folds)}


def suffix(fold: int, folds: int) -> str:
    """What stands behind the name of an experiment."""
    return f", fold {fold} of {folds}"


def room(length: int, folds: int) -> int:
    """Characters that a name may have, of so many, before its suffix."""
    return length - len(suffix(folds, folds))


def across(experiment: Experiment) -> Across | None:
    """The cross-validation that an experiment is part of; None where it has no folds."""
    folds, own = experiment.config.get("folds"), experiment.config.get("fold")
    if not folds or not own:
        return None
    newest: dict[int, Experiment] = {}
    same = Experiment.objects.filter(team_id=experiment.team_id, folds_key=experiment.folds_key).select_related("job").order_by("-id")
    for row in same[:MOST_LOOKED_AT]:
        newest.setdefault(row.config["fold"], row)
    newest[own] = experiment
    rows = [Fold(number, newest.get(number), number == own) for number in range(1, folds + 1)]
    ended = [row.experiment for row in rows if row.experiment and row.experiment.job.state == State.SUCCEEDED]
    return Across(own, folds, rows, spread(each.best_top1 for each in ended), spread(each.test_top1 for each in ended))


def spread(values: Any) -> Spread:
    """Mean and standard deviation of those that there are."""
    there = [value for value in values if value is not None]
    deviation = statistics.stdev(there) if len(there) > 1 else None
    return Spread(statistics.fmean(there) if there else None, deviation, len(there))
