"""Keeping a report as it stands: its page for others and the manifest of its run, with a hash over both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core.ids import new_id
from webapp.reports.actions.moving import held, moved
from webapp.reports.blocks.shown import Found
from webapp.reports.manifest import manifest
from webapp.reports.models import Report, Snapshot
from webapp.reports.outside import shared_report

MOST = 50  # of one report
TRIES = 3  # to draw it while nobody changes it


class Drawn(NamedTuple):
    """What would be kept, and at which of its moves the report was drawn."""

    body: str
    manifest: dict[str, Any]
    pictures: list[int | None]  # of its blocks, as Snapshot keeps them
    moves: int


def freeze(actor: Actor, report: Report) -> Snapshot:
    """A new snapshot; what it would be has been frozen already: that one. Raises ConfigError once there are MOST."""
    actor.require("report.edit")
    id = new_id()
    for _ in range(TRIES):
        drawn = draw(id, report)  # outside of the transaction: it takes tenths of a second, in which others' writes need not wait
        with transaction.atomic():
            held(report)
            if Report.everything.filter(pk=report.pk, moves=drawn.moves).exists():
                return keep(actor, report, id, drawn)
        report.refresh_from_db()  # somebody changed it meanwhile
    with transaction.atomic():
        held(report)
        report.refresh_from_db()
        return keep(actor, report, id, draw(id, report))


def draw(id: str, report: Report) -> Drawn:
    """The page for others, whose pictures are asked of the snapshot of that id, and the run's manifest."""
    pictures: list[int | None] = []

    def picture(number: int, place: int, image: Found) -> str:
        pictures.append(image.image)
        return reverse("reports:snapshot-picture", args=[id, len(pictures) - 1])

    shown = shared_report(report, lambda place: reverse("reports:snapshot-image", args=[id, place]), picture, with_groups=True)
    body = render_to_string("reports/_outside_body.html", {**vars(shown), "foot_template": "reports/_frozen_foot.html"})
    return Drawn(body, manifest(report.evaluation), pictures, report.moves)


def keep(actor: Actor, report: Report, id: str, drawn: Drawn) -> Snapshot:
    """Writes it, inside the caller's transaction, unless it is there already."""
    digest = digest_of(id, drawn.body, drawn.manifest, drawn.pictures)
    rows = Snapshot.everything.filter(report=report)
    if same := rows.filter(digest=digest).defer("body").first():
        return same
    if rows.count() >= MOST:
        full = f"A report keeps at most {MOST} snapshots; this one has as many. Delete one that nobody needs, then freeze it again"
        raise ConfigError({"snapshot": full})
    made = {"team": actor.team, "report": report, "created_by": actor.user, "title": report.title}
    kept = {"body": drawn.body, "manifest": drawn.manifest, "pictures": drawn.pictures}
    snapshot = Snapshot.everything.create(id=id, digest=digest, **kept, **made)
    audit.record(actor, "report.freeze", report)
    moved(report)
    return snapshot


@transaction.atomic
def discard(actor: Actor, snapshot: Snapshot) -> None:
    """Deletes a snapshot for good."""
    actor.require("report.edit")
    held(snapshot.report)
    if Snapshot.everything.filter(pk=snapshot.pk).delete()[0]:
        audit.record(actor, "report.unfreeze", snapshot.report)
        moved(snapshot.report)


def digest_of(id: str, body: str, told: dict[str, Any], pictures: Sequence[int | None] = ()) -> str:
    """The sha256 of what was frozen; addresses of its pictures do not count, which hold its own id."""
    content = json.dumps([body.replace(id, ""), told, *([list(pictures)] if pictures else [])], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
