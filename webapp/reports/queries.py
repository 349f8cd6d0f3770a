"""Reads that more than one caller needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from webapp.accounts.actions import digest
from webapp.core.ids import is_id
from webapp.experiments import checkpoints
from webapp.experiments.models import Experiment
from webapp.reports.models import Comment, Report, ShareLink, Snapshot, Tag

COMMENTS_AT_ONCE, MOST_LINKS = 50, 50  # the newest
MOST_CODE = 100


def of_experiment(experiment: Experiment) -> Report | None:
    """The report on the training's own test evaluation; None while there is none."""
    rows = Report.objects.filter(evaluation__experiment=experiment, evaluation__job=experiment.job)
    return rows.select_related("evaluation").first()


def tags(report: Report) -> list[str]:
    """Its tags in the order of the alphabet."""
    return list(Tag.objects.filter(report=report).order_by("name").values_list("name", flat=True))


def comments(report: Report, before: str = "") -> tuple[list[Comment], str]:
    """The newest, or those right before the one of that id, the newest at the end; and the id that still earlier ones stand before."""
    rows = Comment.objects.filter(report=report, **({"id__lt": before} if is_id(before) else {}))
    found = list(rows.order_by("-id")[: COMMENTS_AT_ONCE + 1])
    shown = found[:COMMENTS_AT_ONCE][::-1]
    return shown, shown[0].id if len(found) > COMMENTS_AT_ONCE else ""


def links(report: Report) -> list[ShareLink]:
    """Its links, newest first, also those that ended."""
    return list(ShareLink.objects.filter(report=report).select_related("created_by").order_by("-id")[:MOST_LINKS])


def snapshots(report: Report) -> list[Snapshot]:
    """As it stood, the newest first, without what was frozen."""
    return list(Snapshot.objects.filter(report=report).select_related("created_by").defer("body", "manifest").order_by("-id"))


def living_link(code: str) -> ShareLink | None:
    """The link of that code, while it opens anything."""
    if len(code) > MOST_CODE:
        return None
    rows = ShareLink.objects.filter(digest=digest(code), revoked_at=None, expires_at__gt=timezone.now())
    return rows.select_related("report__evaluation__experiment", "report__evaluation__version__dataset").first()


def was_link(code: str) -> bool:
    """Whether there is or was a link of that code, whatever has become of it."""
    return len(code) <= MOST_CODE and ShareLink.everything.filter(digest=digest(code)).exists()


def model_file(report: Report) -> Path | None:
    """The checkpoint that the report measured, while it is kept: a run that went on may have another that is best or last."""
    evaluation = report.evaluation
    folder, epoch = evaluation.experiment.folder, (evaluation.result or {}).get("epoch")
    entries = reversed(checkpoints.entries_in(folder))
    return checkpoints.file_of(folder, next((entry for entry in entries if is_wanted(entry, evaluation.checkpoint, epoch)), None))


def is_wanted(entry: dict[str, Any], checkpoint: str, epoch: int | None) -> bool:
    """Whether that checkpoint of the manifest is of the epoch that was measured; of a training's own result, its best one."""
    if epoch is not None:
        return bool(entry.get("whole")) and entry.get("epoch") == epoch
    if checkpoint == "best":
        return bool(entry.get("best"))
    return bool(entry.get("whole")) and checkpoint in ("last", str(entry.get("epoch")))
