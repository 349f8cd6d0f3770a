"""Telling open browsers that a report moved: a counter in its row, and a nudge once that is committed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from webapp.jobs import broadcast
from webapp.reports.models import Report


def moved(report: Report) -> None:
    """Raises the counter that pages ask for, inside the caller's transaction, and nudges the team after its commit."""
    Report.everything.filter(pk=report.pk).update(moves=F("moves") + 1)
    job = report.evaluation.job
    transaction.on_commit(lambda: broadcast.nudge(job.pk, report.team_id, job.last_seq), robust=True)
