"""What people wrote of an erased image on reports: the file's name goes from notes and comments, whose markup is made anew."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.datasets.erasing.forgetting import without
from webapp.datasets.models import Dataset
from webapp.reports.actions.rendering import rendered
from webapp.reports.models import Comment, Report


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """On all reports of what was measured on that dataset, in the trash too."""
    for path in paths:
        for report in Report.everything.filter(evaluation__version__dataset=dataset, notes__contains=path):
            Report.everything.filter(pk=report.pk).update(**rendered(without(report.notes, path), "notes"))
        for comment in Comment.everything.filter(report__evaluation__version__dataset=dataset, text__contains=path):
            Comment.everything.filter(pk=comment.pk).update(**rendered(without(comment.text, path)))
