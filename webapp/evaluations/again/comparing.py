"""How right a training is and the one that it repeats, on the same images and by the same labels: nothing is measured again for it.

A position is the same image in every version of a dataset, so the predictions that both keep are joined by it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import Scored
from classifier.metrics.comparison import Paired, matched, outcomes, paired
from webapp.core.words import percent, plural, points, thousands
from webapp.datasets import differences, packs
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment

SURE = 0.05


class Comparison(NamedTuple):
    """Both trainings' own evaluations of the test split, and what became of the images that both were measured on."""

    before: Evaluation
    after: Evaluation
    flips: Paired
    relabelled: int  # of those images: what they are is told by the later version

    @property
    def is_sure(self) -> bool:
        """Whether chance would hardly give as much."""
        return self.flips.p < SURE

    @property
    def words(self) -> list[str]:
        """In sentences."""
        found, (low, high) = self.flips, self.flips.interval
        if not found.n:
            return ["The two test splits have no image in common, so the trainings cannot be compared by their test results."]
        was, now = found.both_right + found.broken, found.both_right + found.fixed
        on = f"On the {plural(found.n, 'test image')} of both, by the labels of version {self.after.version.number}"
        right = f"{percent(was / found.n)} were right before, {percent(now / found.n)} are now"
        gain = f"{points(found.difference or 0.0)} points (95 % interval {points(low)} to {points(high)})"
        chance = "more than chance would give" if self.is_sure else "which may be chance"
        told = [f"{on}: {right}, {gain}, {chance} (McNemar's test, p = {found.p:.2g})."]
        told.append(f"{thousands(found.fixed)} fixed, {thousands(found.broken)} broken, {thousands(found.both_wrong)} wrong both times.")
        if self.relabelled:
            told.append(f"Of them {plural(self.relabelled, 'image')} had another label when the earlier training was measured.")
        return told


def of(experiment: Experiment) -> Comparison | None:
    """With the training that it repeats; None where one of the two has no test result yet, or none that can be joined."""
    parent = experiment.again_of
    after, before = own_test(experiment), own_test(parent) if parent else None
    if before is None or after is None:
        return None
    one, other = before.scored, after.scored
    if one is None or other is None:
        return None
    return compared(before, one, after, other)


def own_test(experiment: Experiment) -> Evaluation | None:
    """What its training measured on the test split at its end."""
    rows = Evaluation.objects.filter(experiment=experiment, job=experiment.job_id, split="test", result__isnull=False)
    return rows.select_related("experiment", "version__dataset").first()


def compared(before: Evaluation, one: Scored, after: Evaluation, other: Scored) -> Comparison:
    """Joined by position, judged by the later labels."""
    at, now_at = matched(np.ascontiguousarray(one["position"]), np.ascontiguousarray(other["position"]))
    old, new = one[at], other[now_at]
    into = translation(before, after)
    truth = new["label"]
    found = paired(outcomes(truth, into[old["predicted"]], new["predicted"]))
    return Comparison(before, after, found, int((into[old["label"]] != truth).sum()))


def translation(before: Evaluation, after: Evaluation) -> np.ndarray:
    """By class of the earlier network the same class of the later one, also where it was renamed since; -1 where that has none."""
    numbers = {label: number for number, label in enumerate(after.classes)}
    renamed = new_names(before, after)
    return np.array([numbers.get(renamed.get(label, label), -1) for label in before.classes] or [-1], np.int64)


def new_names(before: Evaluation, after: Evaluation) -> dict[str, str]:
    """{label: what it is called in the later version}, of renamed classes."""
    if before.version_id == after.version_id:
        return {}
    try:
        found = differences.between(differences.rows_of(before.version), differences.rows_of(after.version)).renamed
    except packs.Missing:
        return {}
    return {pair.before: pair.after for pair in found}


def told(comparison: Comparison) -> dict[str, Any]:
    """For programs."""
    found = comparison.flips
    return {
        "before": comparison.before.pk,
        "after": comparison.after.pk,
        "n": found.n,
        **{name: getattr(found, name) for name in ("both_right", "fixed", "broken", "both_wrong", "interval")},
        "gain": found.difference or 0.0,
        "chance": found.p,
        "relabelled": comparison.relabelled,
    }
