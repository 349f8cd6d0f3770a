"""Reads that more than one caller needs."""

from __future__ import annotations

from webapp.datasets.hooks import Uses
from webapp.evaluations.models import Evaluation


def uses_of_datasets(with_trash: bool) -> Uses:
    """Experiments that were evaluated on a dataset (webapp.datasets.hooks)."""
    rows = Evaluation.everything.filter(experiment__purging_at__isnull=True) if with_trash else Evaluation.objects.all()
    return Uses(rows.order_by("-id"), "version__dataset", "experiment__name")
