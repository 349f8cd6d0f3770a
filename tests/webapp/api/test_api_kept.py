"""Model card, manifest and snapshots, by programs."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import CLASSES, TEST
from webapp.reports.models import Snapshot

LABELS = [{"label": entry["label"], "n": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5} for entry in CLASSES]
CONFIG = {"model": "small_cnn", "epochs": 1, "seed": 3, "weights": None}


@pytest.fixture
def ours(things):
    made = things()
    made.evaluation.figures = TEST | {"per_class": LABELS}
    made.evaluation.save()
    made.experiment.config = made.experiment.resolved = CONFIG
    made.experiment.save()
    return made


def test_a_card_is_read_and_its_use_written(call, ours) -> None:
    path = f"/reports/{ours.report.id}/card"
    assert call("PATCH", path, {"intended": "Counting flowers."}, by="editor").body["intended"] == "Counting flowers."
    body = call("GET", path, by="viewer").body
    assert "Counting flowers." in body["markdown"] and "Limits" in [section["title"] for section in body["sections"]]
    assert call("PATCH", path, {"intended": "x"}, by="viewer").status == 403
    assert call("PATCH", path, {"intended": "x" * 6_000}).error["fields"].keys() == {"intended"}


def test_without_figures_there_is_no_card(call, things) -> None:
    assert call("GET", f"/reports/{things().report.id}/card").status == 409


def test_a_manifest_is_read(call, ours) -> None:
    told = call("GET", f"/reports/{ours.report.id}/manifest").body
    assert told["seed"] == 3 and told["dataset"]["id"] == ours.version.fingerprint


def test_a_report_is_frozen_and_listed(call, ours) -> None:
    path = f"/reports/{ours.report.id}/snapshots"
    made = call("POST", path, {}, by="editor")
    assert made.status == 201 and made.body["id"] == Snapshot.objects.get().id and made.body["author"] == "editor"
    assert [item["sha256"] for item in call("GET", path, by="viewer").body["items"]] == [made.body["sha256"]]
    assert call("POST", path, {}, by="viewer").status == 403 and call("GET", path, by="outsider").status == 404


def test_a_snapshot_is_deleted(call, ours, things) -> None:
    path = f"/reports/{ours.report.id}/snapshots"
    made = call("POST", path, {}).body["id"]
    assert call("DELETE", f"{path}/{made}", by="viewer").status == 403
    assert call("DELETE", f"/reports/{things('Elsewhere').report.id}/snapshots/{made}").status == 404
    assert call("DELETE", f"{path}/{made}", by="editor").status == 204 and not Snapshot.objects.exists()
    assert call("DELETE", f"{path}/{made}", by="editor").status == 404
