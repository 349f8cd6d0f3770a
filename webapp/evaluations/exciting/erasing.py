"""Erased images excite no filter any more: their places in what was found go."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.metrics import excited
from webapp.datasets.models import Dataset
from webapp.evaluations.space.actions import tombstones
from webapp.evaluations.study_models import Study, What


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """From all that is done (webapp.datasets.hooks); what runs is gone over at its end."""
    rows = Study.everything.filter(what=What.FILTERS, version__dataset=dataset).exclude(files="")
    for study in rows.select_related("experiment"):
        excited.forget(study.stem, positions)


def forget_erased(study: Study) -> None:
    """Images that were erased while it was made. The pack is marked before anything else of an erasure."""
    excited.forget(study.stem, tombstones(study.version))
