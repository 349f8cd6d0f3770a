"""A report's own words: title, notes, tags. Two people may edit at once; who saves second is told and loses nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core.texts import one_line
from webapp.core.words import ordinal
from webapp.evaluations import choices
from webapp.evaluations.models import Evaluation
from webapp.experiments.checkpoints import called
from webapp.reports.actions.moving import held, moved
from webapp.reports.actions.rendering import rendered
from webapp.reports.models import Report, Tag

TITLE_LENGTH, NOTES_LENGTH, INTENDED_LENGTH = 200, 20_000, 4_000
TAG_LENGTH, MOST_TAGS = 30, 10


def first_title(evaluation: Evaluation) -> str:
    """What a report is called until somebody calls it otherwise: no two of one experiment alike.

    The training's own is the experiment on the dataset; another checkpoint or split is named, views and weights that were chosen for it,
    and how often the same was measured.
    """
    nth = measured_before(evaluation) + 1
    parts = [
        "" if evaluation.checkpoint == "best" else called(evaluation.checkpoint),
        "" if evaluation.split == "test" else evaluation.split,
        choices.told(evaluation.views, evaluation.raw),
        "" if nth == 1 else f"{ordinal(nth)} time",
    ]
    told = "".join(f", {part}" for part in parts if part)
    return named_with_data(evaluation)[: TITLE_LENGTH - len(told)] + told


def named_with_data(evaluation: Evaluation) -> str:
    """The experiment on the dataset; its own name alone where that says so already, as the launch form's do."""
    name, data = evaluation.experiment.name, f" on {evaluation.version.dataset.name}"
    return name if name.endswith(data) else name + data


def measured_before(evaluation: Evaluation) -> int:
    """Other reports on the same checkpoint, split and dataset, by the same views."""
    same = {name: getattr(evaluation, name) for name in ("experiment", "checkpoint", "split", "views", "raw")}
    rows = Evaluation.everything.filter(**same, version__dataset=evaluation.version.dataset_id, report__isnull=False)
    return rows.exclude(pk=evaluation.pk).count()


def report_on(evaluation: Evaluation) -> None:
    """The page of a finished evaluation, made once; its figures follow the evaluation."""
    figures = {"model": str(evaluation.experiment.config.get("model", ""))[:80], "top1": (evaluation.result or {}).get("top1")}
    made = {"team": evaluation.team, "created_by": evaluation.created_by, "title": first_title(evaluation)}
    Report.everything.update_or_create(evaluation=evaluation, defaults=figures, create_defaults=made | figures)


@dataclass(frozen=True)
class Edited:
    """What came of an edit: saved; or refused, with what is wrong by field; or `stale`, since somebody else saved first."""

    wrong: dict[str, str] = field(default_factory=dict)
    stale: bool = False

    @property
    def saved(self) -> bool:
        return not self.wrong and not self.stale


def folded(tag: str) -> str:
    """A tag as it is kept: lower case, single spaces, no # before it."""
    return " ".join(unicodedata.normalize("NFKC", tag).lower().split()).lstrip("#").strip()


def typed_tags(line: str) -> list[str]:
    """The tags of a line with commas between them; nothing between two commas is none."""
    return [part for part in unicodedata.normalize("NFKC", line).split(",") if folded(part)]


def tag_problem(tags: list[str]) -> str:
    """What is wrong with the tags as they came, the wrong one named; empty where nothing is."""
    if len({folded(tag) for tag in tags}) > MOST_TAGS:
        return f"must be at most {MOST_TAGS} tags; {len(tags)} came"
    for tag in tags:
        name = folded(tag)
        if "," in name:
            return f"must have no comma, which stands between tags; {tag[:40]!r} came. Give its parts as tags of their own"
        if not 1 <= len(name) <= TAG_LENGTH or not is_printable(name):
            return f"must have 1 to {TAG_LENGTH} printable characters each; {tag[:40]!r} came"
    return ""


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
    if tags_wrong := tag_problem(tags):
        wrong["tags"] = tags_wrong
    return wrong


def edit(actor: Actor, report: Report, *, title: str, notes: str, tags: list[str], revision: int | None = None) -> Edited:
    """Writes all three, if the report still is at `revision` (None: whatever it is at); else writes nothing and says why."""
    actor.require("report.edit")
    title, notes = one_line(title), notes.replace("\r\n", "\n").strip()
    if wrong := problems(title, notes, tags):
        return Edited(wrong)
    names = list(dict.fromkeys(folded(tag) for tag in tags))
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


def intend(actor: Actor, report: Report, text: str, before: str | None = None) -> bool:
    """Writes what the network is for and what not; False where that is not `before` any more (None: whatever it is). Raises ConfigError."""
    actor.require("report.edit")
    text = text.replace("\r\n", "\n").strip()
    was = None if before is None else before.replace("\r\n", "\n").replace("\0", "").strip()  # PostgreSQL raises on NUL
    if len(text) > INTENDED_LENGTH or not is_printable(text):
        raise ConfigError({"intended": f"must have at most {INTENDED_LENGTH:,} printable characters; {len(text):,} came"})
    with transaction.atomic():
        held(report)
        rows = Report.everything.filter(pk=report.pk, **({} if was is None else {"intended": was}))
        if not rows.update(intended=text):
            report.refresh_from_db()
            return False
        report.intended = text
        audit.record(actor, "report.edit", report)
        moved(report)
    return True
