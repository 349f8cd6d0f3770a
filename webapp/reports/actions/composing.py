"""Blocks of a report: added, changed, moved, taken out. Two people may do so at once: who saves second is told and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import Http404

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core.texts import can_be_seen, one_line
from webapp.reports.actions.moving import held, moved
from webapp.reports.actions.rendering import rendered
from webapp.reports.actions.words import NOTES_LENGTH, TITLE_LENGTH, Edited, is_printable
from webapp.reports.blocks import weight
from webapp.reports.blocks.choices import checked, cut
from webapp.reports.models import Block, Kind, Report

MOST_BLOCKS = 30  # of one report


def add(actor: Actor, report: Report, kind: str, *, title: str = "", text: str = "", choices: Mapping[str, Any]) -> Block:
    """A new block at the end. Raises ConfigError."""
    actor.require("report.edit")
    if kind not in Kind.values:
        raise ConfigError({"kind": f"must be one of {', '.join(Kind.values)}; {cut(kind)} came"})
    words = cleaned(kind, title, text)
    options = checked(report, kind, choices)
    weight.check(report, kind, options)
    with transaction.atomic():
        held(report)
        rows = Block.everything.filter(report=report)
        if rows.count() >= MOST_BLOCKS:
            raise ConfigError({"kind": f"A report has at most {MOST_BLOCKS} blocks; this one has as many. Take one out first"})
        last = rows.order_by("-place").values_list("place", flat=True).first()
        place = 0 if last is None else last + 1
        block = Block.everything.create(team=actor.team, report=report, place=place, kind=kind, options=options, **words)
        told(actor, block, "added")
    return block


def cleaned(kind: str, title: str, text: str) -> dict[str, str]:
    """Title and text as they are kept. Raises ConfigError."""
    title, text = one_line(title), text.replace("\r\n", "\n").strip()
    wrong: dict[str, str] = {}
    if len(title) > TITLE_LENGTH or not is_printable(title):
        wrong["title"] = f"must have at most {TITLE_LENGTH} printable characters; {len(title):,} came"
    if len(text) > NOTES_LENGTH or not is_printable(text):
        wrong["text"] = f"must have at most {NOTES_LENGTH:,} printable characters; {len(text):,} came"
    if kind == Kind.TEXT and not can_be_seen(text):
        wrong["text"] = f"must have 1 to {NOTES_LENGTH:,} characters that can be seen; none came"
    if wrong:
        raise ConfigError(wrong)
    return {"title": title, **rendered(text)}


def told(actor: Actor, block: Block, what: str) -> None:
    """Writes it into the log, and tells open pages."""
    kind = {"text": "a text", "gallery": "images"}.get(block.kind, f"a {block.kind}")
    audit.record(actor, "report.edit", block.report, change=f"{what} {kind}")
    moved(block.report)


def change(
    actor: Actor, block: Block, *, title: str, text: str, choices: Mapping[str, Any] | None = None, revision: int | None = None
) -> Edited:
    """Writes all of it, if the block still is at `revision` (None: whatever it is at); else writes nothing and says why. Without choices
    those that there are stay, also where what was chosen is gone. Raises Http404 where it was taken out meanwhile."""
    actor.require("report.edit")
    try:
        kept = block.options if choices is None else checked(block.report, block.kind, choices)
        words = cleaned(block.kind, title, text) | {"options": kept}
        if choices is not None:
            weight.check(block.report, block.kind, kept, but=block)
    except ConfigError as error:
        return Edited(error.fields)
    with transaction.atomic():
        held(block.report)
        rows = Block.everything.filter(pk=block.pk, **({} if revision is None else {"revision": revision}))
        if not rows.update(**words, revision=F("revision") + 1):
            if not Block.everything.filter(pk=block.pk).exists():
                raise Http404("This block was taken out of its report meanwhile.")
            block.refresh_from_db()  # whoever was faster
            return Edited(stale=True)
        block.refresh_from_db()
        told(actor, block, "changed")
    return Edited()


@transaction.atomic
def move(actor: Actor, block: Block, place: int) -> None:
    """To that place of the report, from 0; beyond its end, to the end."""
    actor.require("report.edit")
    held(block.report)
    others = list(Block.everything.filter(report=block.report_id).exclude(pk=block.pk).select_for_update())
    others.insert(max(0, place), block)
    moving = [each for number, each in enumerate(others) if each.place != number]
    for number, each in enumerate(others):
        each.place = number
    if moving:
        Block.everything.bulk_update(moving, ["place"])
        told(actor, block, "moved")


@transaction.atomic
def remove(actor: Actor, block: Block) -> None:
    """Takes it out for good."""
    actor.require("report.edit")
    held(block.report)
    if Block.everything.filter(pk=block.pk).delete()[0]:
        told(actor, block, "took out")
