"""Reads that more than one caller needs."""

from __future__ import annotations

from webapp.datasets.hooks import MOST_NAMES
from webapp.datasets.models import Dataset
from webapp.evaluations.models import Evaluation


def users_of(dataset: Dataset, with_trash: bool) -> list[str]:
    """Names of experiments that were evaluated on the dataset (webapp.datasets.hooks)."""
    rows = Evaluation.everything if with_trash else Evaluation.objects
    found = rows.filter(version__dataset=dataset).order_by("-id").values_list("experiment__name", flat=True)
    return list(found[:MOST_NAMES])
