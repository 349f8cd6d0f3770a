"""Telling open browsers that a report moved: a counter in its row, and a nudge once that is committed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.http import Http404

from webapp.experiments.models import Experiment
from webapp.jobs import broadcast
from webapp.reports.models import Report


def held(report: Report) -> None:
    """Inside a transaction: the report stays out of the trash until its end, so that nothing is said of what goes. Else Http404."""
    rows = Experiment.objects.select_for_update(of=("self",)).filter(evaluations__report=report.pk)
    if rows.only("pk").first() is None:
        raise Http404(f"The report {report.title} is in the trash, or gone; its experiment can be restored there.")


def moved(report: Report) -> None:
    """Raises the counter that pages ask for, inside the caller's transaction, and nudges the team after its commit."""
    Report.everything.filter(pk=report.pk).update(moves=F("moves") + 1)
    job = report.evaluation.job
    transaction.on_commit(lambda: broadcast.nudge(job.pk, report.team_id, job.last_seq), robust=True)
