"""A report's own words: title, notes, tags. Two people may edit at once; who saves second is told and loses nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.evaluations.models import Evaluation
from webapp.reports.actions.moving import held, moved
from webapp.reports.actions.rendering import rendered
from webapp.reports.models import Report, Tag

TITLE_LENGTH, NOTES_LENGTH = 200, 20_000
TAG_LENGTH, MOST_TAGS = 30, 10


def report_on(evaluation: Evaluation) -> None:
    """The page of a finished evaluation, made once; its figures follow the evaluation. Another split than test is named in the title."""
    split = "" if evaluation.split == "test" else f", {evaluation.split}"
    whole = f"{evaluation.experiment.name} on {evaluation.version.dataset.name}"
    title = whole[: TITLE_LENGTH - len(split)] + split
    figures = {"model": str(evaluation.experiment.config.get("model", ""))[:80], "top1": (evaluation.result or {}).get("top1")}
    made = {"team": evaluation.team, "created_by": evaluation.created_by, "title": title}
    Report.everything.update_or_create(evaluation=evaluation, defaults=figures, create_defaults=made | figures)


@dataclass(frozen=True)
class Edited:
    """What came of an edit: saved; or refused, with what is wrong by field; or `stale`, since somebody else saved first."""

    wrong: dict[str, str] = field(default_factory=dict)
    stale: bool = False

    @property
    def saved(self) -> bool:
        return not self.wrong and not self.stale


def tag_names(text: str) -> list[str]:
    """The tags of a line with commas: lower case, single spaces, each once, in order."""
    folded = unicodedata.normalize("NFKC", text).lower()
    names = (" ".join(part.split()).lstrip("#").strip() for part in folded.split(","))
    return list(dict.fromkeys(name for name in names if name))


def is_printable(text: str) -> bool:
    """Whether the database and a page take it: no control characters besides line breaks and tabs, no half characters."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in text)


def problems(title: str, notes: str, tags: list[str]) -> dict[str, str]:
    """What is wrong, by field."""
    wrong: dict[str, str] = {}
    if not 1 <= len(title) <= TITLE_LENGTH or not is_printable(title):
        wrong["title"] = f"must have 1 to {TITLE_LENGTH} printable characters; {len(title)} came"
    if len(notes) > NOTES_LENGTH or not is_printable(notes):
        wrong["notes"] = f"must have at most {NOTES_LENGTH:,} printable characters; {len(notes):,} came"
    if len(tags) > MOST_TAGS:
        wrong["tags"] = f"must be at most {MOST_TAGS} tags; {len(tags)} came"
    elif long := next((tag for tag in tags if len(tag) > TAG_LENGTH or not is_printable(tag)), None):
        wrong["tags"] = f"must have at most {TAG_LENGTH} printable characters each; {long[:40]!r} came"
    return wrong


def edit(actor: Actor, report: Report, *, title: str, notes: str, tags: str, revision: int | None = None) -> Edited:
    """Writes all three, if the report still is at `revision` (None: whatever it is at); else writes nothing and says why."""
    actor.require("report.edit")
    title, notes, names = " ".join(title.split()), notes.replace("\r\n", "\n").strip(), tag_names(tags)
    if wrong := problems(title, notes, names):
        return Edited(wrong)
    words = {"title": title, **rendered(notes, "notes")}
    with transaction.atomic():
        held(report)
        rows = Report.everything.filter(pk=report.pk, **({} if revision is None else {"revision": revision}))
        changes = words | {"edited_by": actor.user, "edited_at": Now(), "revision": F("revision") + 1}
        if not rows.update(**changes):
            report.refresh_from_db()  # whoever was faster
            return Edited(stale=True)
        Tag.objects.filter(report=report).exclude(name__in=names).delete()
        Tag.objects.bulk_create([Tag(team=actor.team, report=report, name=name) for name in names], ignore_conflicts=True)
        report.refresh_from_db()
        audit.record(actor, "report.edit", report)
        moved(report)
    return Edited()
