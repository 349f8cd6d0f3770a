"""Every write to reports."""

from __future__ import annotations

from webapp.accounts.actor import Actor
from webapp.evaluations.models import Evaluation
from webapp.reports.models import Report

NOTES_LENGTH = 20_000


def report_on(evaluation: Evaluation) -> None:
    """The page of a finished test evaluation, made once."""
    if evaluation.split != "test":
        return
    title = f"{evaluation.experiment.name} on {evaluation.version.dataset.name}"[:200]
    Report.objects.get_or_create(
        evaluation=evaluation, defaults={"team": evaluation.team, "created_by": evaluation.created_by, "title": title}
    )


def edit(actor: Actor, report: Report, *, title: str, notes: str) -> dict[str, str]:
    """Write title and notes; gives what is wrong with them by field, and then writes nothing."""
    actor.require("report.edit")
    title, notes = " ".join(title.split()), notes.replace("\r\n", "\n").strip()
    wrong: dict[str, str] = {}
    if not 1 <= len(title) <= 200 or "\0" in title:
        wrong["title"] = f"must have 1 to 200 characters; {len(title)} came"
    if len(notes) > NOTES_LENGTH or "\0" in notes:
        wrong["notes"] = f"must have at most {NOTES_LENGTH:,} characters; {len(notes):,} came"
    if not wrong:
        report.title, report.notes = title, notes
        report.save(update_fields=["title", "notes"])
    return wrong
