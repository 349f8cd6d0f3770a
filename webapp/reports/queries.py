"""Reads that more than one caller needs."""

from __future__ import annotations

from webapp.experiments.models import Experiment
from webapp.reports.models import Report


def of_experiment(experiment: Experiment) -> Report | None:
    """The report on the training's own test evaluation; None while there is none."""
    rows = Report.objects.filter(evaluation__experiment=experiment, evaluation__job=experiment.job)
    return rows.select_related("evaluation").first()


def all_of_experiment(experiment: Experiment) -> list[Report]:
    """Every report on it, newest first."""
    return list(Report.objects.filter(evaluation__experiment=experiment).select_related("evaluation").order_by("-id"))
