"""The manifest of a report's run, and what was run again."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from classifier.spec import code
from webapp.reports import manifest
from webapp.reports.models import Report


@pytest.fixture
def told(report: Report, signed_in, viewer) -> dict:
    return json.loads(signed_in(viewer).get(f"/reports/{report.id}/manifest.json").content)


def test_it_names_code_data_configuration_and_what_came_of_it(told, report: Report) -> None:
    assert set(told["code"]) == {"synset", "engine"} and told["dataset"]["id"] == report.evaluation.version.fingerprint
    assert told["seed"] == told["config"]["seed"] and told["figures"]["top1"] == report.top1
    assert told["commands"][-1].startswith("python -m classifier train")


def test_the_code_is_that_of_the_run_and_not_the_servers(report: Report) -> None:
    """A server that was updated since computes otherwise than what trained the network."""
    folder = report.evaluation.experiment.folder
    folder.mkdir(parents=True, exist_ok=True)
    ran = {"synset": "0.0.1", "engine": "0123456789abcdef", "torch": "2.0"}
    (folder / "run.json").write_text(json.dumps({"environment": ran}))
    assert manifest.manifest(report.evaluation)["code"] == {"synset": "0.0.1", "engine": "0123456789abcdef"}
    (folder / "run.json").write_text(json.dumps({"environment": {"torch": "2.0"}}))  # by an earlier release
    assert manifest.manifest(report.evaluation)["code"] == {"synset": None, "engine": None}


def test_a_run_says_which_code_it_is_of() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", code.digest()) and code.version()


def test_any_change_of_the_source_is_another_code(tmp_path) -> None:
    (tmp_path / "part").mkdir()
    seen = set()
    for path, text in (("a.py", "x = 1"), ("a.py", "x = 2"), ("part/b.py", ""), ("b.txt", "no code")):
        (tmp_path / path).write_text(text)
        seen.add(code.digest_of(tmp_path))
    assert len(seen) == 3


def test_it_names_no_folder_of_the_server_and_no_person(report: Report, editor, tmp_path) -> None:
    experiment = report.evaluation.experiment
    experiment.resolved = experiment.resolved | {"weights": "/srv/secret/mine.pth"}
    written = manifest.written(report.evaluation)
    assert "/srv" not in written and editor.username not in written and str(experiment.folder) not in written


def test_the_predictions_are_named_by_their_hash(report: Report) -> None:
    report.evaluation.experiment.folder.mkdir(parents=True, exist_ok=True)
    path = report.evaluation.experiment.folder / report.evaluation.predictions
    path.write_text("path,label\n")
    assert manifest.manifest(report.evaluation)["sha256"]["predictions"] == hashlib.sha256(b"path,label\n").hexdigest()


def test_the_page_offers_it_and_the_replay(report: Report, signed_in, editor, viewer) -> None:
    page = f"/reports/{report.id}/"
    assert b"manifest.json" in signed_in(viewer).get(page).content and b"/replay/" not in signed_in(viewer).get(page).content
    assert b"/replay/" in signed_in(editor).get(page).content
