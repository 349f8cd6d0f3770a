"""What a training that has ended says in words: at most five sentences, the most important first, each from a rule with its threshold.

docs/insights.md lists the rules. `told` reads the rows; the rules are pure functions over `Facts`.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from classifier.metrics import dense
from classifier.metrics.counts import Counts
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality.queries import Leaking, leaking
from webapp.experiments import queries
from webapp.experiments.insights import counts, curves
from webapp.experiments.insights.facts import Facts, Insight, Link, Rule
from webapp.experiments.learning import learnt_classes
from webapp.experiments.models import Experiment

__all__ = ["RULES", "Facts", "Insight", "Link", "facts_of", "insights", "told"]

MOST = 5
RULES: tuple[Rule, ...] = (  # the most important first
    curves.diverged,
    curves.not_learning,
    counts.leaks,
    counts.baseline,
    curves.overfitting,
    counts.imbalance,
    counts.few_images,
    counts.calibration,
    curves.still_learning,
    counts.mixed,
)
INSTEAD = {"diverged": {"not_learning", "baseline", "few_images", "mixed_up"}, "not_learning": {"baseline", "few_images", "mixed_up"}}
WORRYING = ("warn", "bad")
RANK = {"bad": 0, "warn": 1, "good": 2, "": 2}


def insights(facts: Facts) -> list[Insight]:
    """What the rules say about one training."""
    found = [said for rule in RULES if (said := rule(facts))]
    instead = {other for said in found for other in INSTEAD.get(said.rule, ())}
    kept = [said for said in found if said.rule not in instead]
    if facts.n and not any(said.tone in WORRYING or said.rule == "still_learning" for said in kept):
        kept.insert(0, all_well(facts))
    return sorted(kept, key=lambda said: RANK[said.tone])[:MOST]


def all_well(facts: Facts) -> Insight:
    """Nothing of what is looked for was found."""
    no_leak = "No leak between the splits" if facts.looked else "No test image in train by its bytes (nobody looked for look-alikes)"
    looked_for = [no_leak, "no over-fitting", "no class that accuracy hides", "enough images to trust the figure"]
    if facts.ece is not None:
        looked_for.append("and certainty that fits what is right")
    return Insight("all_well", "good", "Nothing looks wrong", ", ".join(looked_for) + ".")


def told(
    experiment: Experiment, matrix: Counts | None = None, split: str = "test", see: str = "#matrix-chart", ece: float | None = None
) -> list[Insight]:
    """The sentences of a training that has ended, about the matrix of one of its evaluations; nothing while it waits or runs.

    Without one, as for a training that was stopped, its best epoch's validation matrix is judged. `see` is where mistakes are shown,
    `ece` the evaluation's calibration error.
    """
    return insights(facts_of(experiment, matrix, split, see, ece)) if experiment.job.is_final else []


def facts_of(experiment: Experiment, measured: Counts | None, split: str, see: str, ece: float | None) -> Facts:
    """The rows as numbers."""
    config = experiment.resolved or experiment.config
    matrix, where = judged(experiment, measured, split)
    experiment.version.dataset = experiment.dataset  # one row, which is here
    known = leaking(experiment.version, config.get("folds") or 0)
    classes = learnt_classes(experiment.version, None if matrix is None else len(matrix))
    return Facts(
        experiment_id=experiment.id,
        dataset_id=experiment.dataset_id,
        config=config,
        planned=int(config["epochs"]),
        history=queries.history(experiment),
        best_epoch=experiment.best_epoch,
        counts=matrix,
        split=where,
        names=[entry["name"] or entry["label"] for entry in classes],
        train_counts=learnt(classes, config.get("folds") or 0),
        error_code=experiment.job.error_code,
        findings=findings(experiment.version, known),
        leak_words=known.words if known.page == "quality" else "",
        looked=known.checked,
        ece=ece,
        see_matrix=see,
    )


def findings(version: DatasetVersion, known: Leaking) -> dict[str, int]:
    """What makes figures untrue, by rule: what leaks of this version, and of a first one what its import told of images in two classes."""
    found = {"leak": known.images}
    if version.number == 1:
        found["two_classes"] = version.dataset.problem_rules.get("two_classes", 0)
    return found


def learnt(classes: list[dict[str, Any]], folds: int) -> list[int]:
    """Training images of each class; with folds all but about the k-th part of train and validation."""
    if not folds:
        return [entry["train"] for entry in classes]
    return [round((entry["train"] + entry["validation"]) * (1 - 1 / folds)) for entry in classes]


def judged(experiment: Experiment, measured: Counts | None, split: str) -> tuple[Counts | None, str]:
    """The confusion matrix to judge, and its split."""
    if measured is not None:
        return measured, split
    best = queries.matrix(experiment, experiment.best_epoch)
    return (dense(best.confusion) if best else None), "validation"


def report_link(report_id: str) -> str:
    """Where a report shows its matrix."""
    return f"{reverse('reports:detail', args=[report_id])}#matrix-chart"
