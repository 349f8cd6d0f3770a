"""Keeping a report as it stands: its page for others and the manifest of its run, with a hash over both."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actor import Actor
from webapp.core.ids import new_id
from webapp.reports.actions.moving import held, moved
from webapp.reports.manifest import manifest
from webapp.reports.models import Report, Snapshot
from webapp.reports.outside import shared_report

MOST = 50  # of one report


def freeze(actor: Actor, report: Report) -> Snapshot:
    """A new snapshot; what it would be has been frozen already: that one. Raises ConfigError once there are MOST."""
    actor.require("report.edit")
    with transaction.atomic():
        held(report)
        id, told = new_id(), manifest(report.evaluation)
        shown = shared_report(report, lambda place: reverse("reports:snapshot-image", args=[id, place]), with_groups=True)
        body = render_to_string("reports/_outside_body.html", {**vars(shown), "foot_template": "reports/_frozen_foot.html"})
        digest = digest_of(id, body, told)
        rows = Snapshot.everything.filter(report=report)
        if same := rows.filter(digest=digest).defer("body").first():
            return same
        if rows.count() >= MOST:
            raise ConfigError({"snapshot": f"A report keeps at most {MOST} snapshots; this one has as many"})
        made = {"team": actor.team, "report": report, "created_by": actor.user, "title": report.title}
        snapshot = Snapshot.everything.create(id=id, body=body, manifest=told, digest=digest, **made)
        audit.record(actor, "report.freeze", report)
        moved(report)
    return snapshot


def digest_of(id: str, body: str, told: dict[str, Any]) -> str:
    """The sha256 of what was frozen; addresses of its pictures do not count, which hold its own id."""
    content = json.dumps([body.replace(id, ""), told], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
