"""Figures of an evaluation, kept checkpoints and the threshold, by the API."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.metrics import curves_path, detail, summary, write_curves

N = 60


@pytest.fixture
def measured(things, settings, tmp_path):
    """Things whose evaluation is done, with curves; of two classes."""
    settings.SYNSET_HOME = tmp_path
    ours = things()
    ours.end()
    draw = np.random.default_rng(1)
    labels, logits = draw.integers(0, 2, N), draw.normal(size=(N, 2))
    logits[np.arange(N), labels] += 1
    found = detail(labels, logits, 0.8)
    ours.experiment.folder.mkdir(parents=True)
    told = {**found.figures, **summary(labels, logits, ["cat", "dog"])}
    ours.evaluation.figures = told | {"calibration": found.figures["calibration"] | {"temperature": 0.8, "n": 9, "why": ""}}
    ours.evaluation.predictions = "predictions-test.csv"
    ours.evaluation.save()
    write_curves(curves_path(ours.experiment.folder / "predictions-test.csv"), found.arrays)
    return ours


def test_every_class_is_told_with_intervals(call, measured):
    body = call("GET", f"/evaluations/{measured.evaluation.id}/classes").body
    assert (body["split"], body["n"], [row["label"] for row in body["classes"]]) == ("test", N, ["cat", "dog"])
    for row in body["classes"]:
        for name in ("precision", "recall", "f1", "average_precision"):
            assert row[f"{name}_interval"][0] <= row[name] <= row[f"{name}_interval"][1]
        assert row["roc_interval"][0] <= row["roc_area"] <= row["roc_interval"][1]


def test_the_curves_of_a_class_come_with_counts_by_threshold(call, measured):
    body = call("GET", f"/evaluations/{measured.evaluation.id}/curves?label=dog").body
    assert (body["label"], body["n"], body["said"][0], body["right"][0]) == ("dog", N, N, body["own"])
    assert body["roc"]["x"][-1] == body["roc"]["y"][-1] == 1 and len(body["thresholds"]) == len(body["said"])


def test_a_label_that_is_none_is_named(call, measured):
    answer = call("GET", f"/evaluations/{measured.evaluation.id}/curves?label=cow")
    assert answer.status == 422 and set(answer.error["fields"]) == {"label"}


def test_calibration_is_told_before_and_after(call, measured):
    body = call("GET", f"/evaluations/{measured.evaluation.id}/calibration").body
    assert (body["temperature"], body["fitted_on"]) == (0.8, 9) and body["before"]["brier"] != body["after"]["brier"]
    assert sum(row["n"] for row in body["bins"]) == sum(row["n"] for row in body["bins_after"]) == N


def test_coverage_is_told_with_its_accuracy(call, measured):
    body = call("GET", f"/evaluations/{measured.evaluation.id}/coverage").body
    assert body["answered"][0] == N and body["right"][0] / N == pytest.approx(body["accuracy"][-1], abs=1e-4)


@pytest.mark.parametrize("what", ["classes", "curves?label=cat", "calibration", "coverage"])
def test_one_without_curves_is_told_so(what, call, things):
    answer = call("GET", f"/evaluations/{things().evaluation.id}/{what}")
    assert (answer.status, answer.error["code"]) == (409, "no_curves")


def test_kept_checkpoints_are_listed(call, measured):
    row = {"file": "e.pt", "sha256": "a", "epoch": 3, "step": 9, "whole": True, "best": True, "val_top1": 0.5, "val_loss": 1.5}
    (measured.experiment.folder / "manifest.json").write_text(json.dumps({"checkpoints": [row]}))
    body = call("GET", f"/experiments/{measured.experiment.id}/checkpoints").body
    assert body == {"items": [{"epoch": 3, "whole": True, "best": True, "top1": 0.5, "loss": 1.5}], "averages": False}


def test_a_threshold_is_chosen_read_and_taken_away(call, measured):
    path = f"/experiments/{measured.experiment.id}/unsure"
    assert call("PATCH", path, {"below": 0.6}).body == {"below": 0.6} == call("GET", path, by="reader").body
    assert call("PATCH", path, {"below": None}).body == {"below": None}


@pytest.mark.parametrize("below", [0, 1, -0.5, 7])
def test_what_is_no_probability_is_named(call, measured, below):
    answer = call("PATCH", f"/experiments/{measured.experiment.id}/unsure", {"below": below})
    assert answer.status == 422 and "above 0 and below 1" in answer.error["fields"]["below"]


def test_there_is_nothing_to_choose_for_before_a_network(call, things):
    answer = call("PATCH", f"/experiments/{things().experiment.id}/unsure", {"below": 0.5})
    assert (answer.status, answer.error["code"]) == (409, "no_model")


def test_a_viewer_reads_and_does_not_choose(call, measured):
    path = f"/experiments/{measured.experiment.id}/unsure"
    assert (call("GET", path, by="viewer").status, call("PATCH", path, {"below": 0.5}, by="viewer").status) == (200, 403)


def test_views_and_weights_are_asked_for(call, measured):
    measured.experiment.config = {"ema": 0.9}
    measured.experiment.save()
    made = call("POST", f"/experiments/{measured.experiment.id}/evaluations", {"split": "test", "views": "ten_crop", "raw": True})
    body = call("GET", f"/evaluations/{made.body['id']}").body
    assert (body["views"], body["raw"]) == ("ten_crop", True)


def test_views_that_there_are_none_of_are_named(call, measured):
    answer = call("POST", f"/experiments/{measured.experiment.id}/evaluations", {"split": "test", "views": "upside"})
    assert answer.status == 422 and set(answer.error["fields"]) == {"views"}
