"""What people wrote of an erased image on reports: the file's name goes from titles, notes, blocks and comments, whose markup is made
anew, and from what a model card says that the network is for. Galleries are looked up at each look, so that it is in none; snapshots
forget it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils.html import escape

from webapp.datasets.erasing.forgetting import without
from webapp.datasets.models import Dataset, Sample
from webapp.reports.actions.freezing import digest_of
from webapp.reports.actions.rendering import rendered
from webapp.reports.actions.words import TITLE_LENGTH
from webapp.reports.models import Block, Comment, Kind, Report, Snapshot


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """On all reports of what was measured on that dataset, in the trash too. Each that had the name has moved: one that is being frozen
    meanwhile is drawn anew, and open pages are told."""
    for path in paths:
        for report in Report.everything.filter(evaluation__version__dataset=dataset, title__contains=path):
            moves(report, title=without(report.title, path)[:TITLE_LENGTH])
        for report in Report.everything.filter(evaluation__version__dataset=dataset, notes__contains=path):
            moves(report, **rendered(without(report.notes, path), "notes"))
        for block in Block.everything.filter(report__evaluation__version__dataset=dataset, text__contains=path).select_related("report"):
            Block.everything.filter(pk=block.pk).update(**rendered(without(block.text, path)))
            moves(block.report)
        for block in Block.everything.filter(report__evaluation__version__dataset=dataset, title__contains=path).select_related("report"):
            Block.everything.filter(pk=block.pk).update(title=without(block.title, path)[:TITLE_LENGTH])
            moves(block.report)
        for report in Report.everything.filter(evaluation__version__dataset=dataset, intended__contains=path):
            moves(report, intended=without(report.intended, path))
        for comment in Comment.everything.filter(report__evaluation__version__dataset=dataset, text__contains=path):
            Comment.everything.filter(pk=comment.pk).update(**rendered(without(comment.text, path)))
        for name in {path, escape(path)}:  # as notes were shown in it
            for kept in Snapshot.everything.filter(report__evaluation__version__dataset=dataset, body__contains=name):
                body = without(kept.body, name)
                digest = digest_of(kept.pk, body, kept.manifest, kept.pictures)
                Snapshot.everything.filter(pk=kept.pk).update(body=body, digest=digest)
        for kept in Snapshot.everything.filter(report__evaluation__version__dataset=dataset, title__contains=path).only("title"):
            Snapshot.everything.filter(pk=kept.pk).update(title=without(kept.title, path)[:TITLE_LENGTH])
    forget_pictures(dataset, positions)


def moves(report: Report, **changes: str) -> None:
    """Writes it; the report has moved."""
    Report.everything.filter(pk=report.pk).update(moves=F("moves") + 1, **changes)


def forget_pictures(dataset: Dataset, positions: Sequence[int]) -> None:
    """Snapshots name the pictures of their blocks by their place in the pack, of which an erased one keeps none. A report with galleries
    has moved: what is drawn of it at this moment may still have the image."""
    Report.everything.filter(evaluation__version__dataset=dataset, blocks__kind=Kind.GALLERY).update(moves=F("moves") + 1)
    rows = Sample.objects.filter(version__dataset=dataset, position__in=positions)
    gone = set(rows.values_list("image", flat=True))
    for kept in Snapshot.everything.filter(report__evaluation__version__dataset=dataset).exclude(pictures=[]).defer("body", "manifest"):
        pictures = [None if image in gone else image for image in kept.pictures]
        if pictures != kept.pictures:
            digest = digest_of(kept.pk, kept.body, kept.manifest, pictures)
            Snapshot.everything.filter(pk=kept.pk).update(pictures=pictures, digest=digest)
