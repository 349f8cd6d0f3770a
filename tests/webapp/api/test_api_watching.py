"""A training as it goes, by REST: steps, validations, the log."""

from __future__ import annotations

import pytest

from tests.webapp.experiments.kit import epoch
from tests.webapp.experiments.test_steps import told
from tests.webapp.experiments.test_watched import said
from webapp.experiments import actions


def test_steps_come_thinned_averaged_and_in_part(call, things):
    of = told(things().experiment)
    path = f"/experiments/{of.id}/steps"
    every = call("GET", path).body
    assert every["steps"] == 50_000 and every["step"][-1] == 50_000 and len(every["step"]) <= 2000
    some = call("GET", f"{path}?of=rate&from=10&to=12").body
    assert some["step"] == [9, 10, 11, 12, 13] and some["value"][1] == pytest.approx(1 - 9 / 50_000)
    even = call("GET", f"{path}?window=5000&points=100").body["value"]
    assert 1.9 < min(even) <= max(even) < 2.1


@pytest.mark.parametrize("query", ["of=loss2", "points=1", "from=nan", "window=-1", "to=x"])
def test_what_cannot_be_answered_names_the_field(call, things, query):
    answer = call("GET", f"/experiments/{things().experiment.id}/steps?{query}")
    assert answer.status == 422 and list(answer.error["fields"]) == [query.split("=")[0]]


def test_a_validation_comes_with_its_matrix_and_the_images_that_are_watched(call, things):
    of = things().experiment
    path = f"/experiments/{of.id}/validation"
    assert call("GET", path).status == 409
    for number in (1, 2):
        actions.record_epoch(of.id, epoch(number, watched=said(0, 1)))
    newest = call("GET", path).body
    assert (newest["at"], newest["places"], newest["watched"]) == (2, [1, 2], said(0, 1))
    assert call("GET", f"{path}?at=1").body["confusion"] == epoch(1)["confusion"]
    answer = call("GET", f"{path}?at=9")
    assert answer.status == 409 and answer.error["message"] == "No validation lies at 9 epochs: there are some at 1 to 2 epochs."


def test_the_log_is_searched(call, things):
    of = things().experiment
    of.folder.mkdir(parents=True, exist_ok=True)
    (of.folder / "log.txt").write_text("one\nTwo\nanother\n")
    assert call("GET", f"/experiments/{of.id}/log?q=two").body == {"found": 1, "lines": ["Two"]}
