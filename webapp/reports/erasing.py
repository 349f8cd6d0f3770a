"""What people wrote of an erased image on reports: the file's name goes from notes and comments, whose markup is made anew, and from
what a model card says that the network is for."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import escape

from webapp.datasets.erasing.forgetting import without
from webapp.datasets.models import Dataset
from webapp.reports.actions.freezing import digest_of
from webapp.reports.actions.rendering import rendered
from webapp.reports.models import Comment, Report, Snapshot


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """On all reports of what was measured on that dataset, in the trash too."""
    for path in paths:
        for report in Report.everything.filter(evaluation__version__dataset=dataset, notes__contains=path):
            Report.everything.filter(pk=report.pk).update(**rendered(without(report.notes, path), "notes"))
        for report in Report.everything.filter(evaluation__version__dataset=dataset, intended__contains=path):
            Report.everything.filter(pk=report.pk).update(intended=without(report.intended, path))
        for comment in Comment.everything.filter(report__evaluation__version__dataset=dataset, text__contains=path):
            Comment.everything.filter(pk=comment.pk).update(**rendered(without(comment.text, path)))
        for name in {path, escape(path)}:  # as notes were shown in it
            for kept in Snapshot.everything.filter(report__evaluation__version__dataset=dataset, body__contains=name):
                body = without(kept.body, name)
                Snapshot.everything.filter(pk=kept.pk).update(body=body, digest=digest_of(kept.pk, body, kept.manifest))
