"""The trash: its page, many moves at once, undo, and the end of the term."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.access.routes import PAGES
from tests.webapp.experiments.kit import dataset_of, ended, launched
from webapp.datasets.models import Dataset
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job
from webapp.ops import purging, trash
from webapp.reports.models import Report
from worker.keeper import Keeper

HOUR = 3600.0


@pytest.fixture
def experiments(owner: Any) -> list[Experiment]:
    """Two that have ended, and one that waits."""
    dataset = dataset_of(owner)
    runs = [launched(owner, name, dataset) for name in ("First", "Second", "Third")]
    return [ended(runs[0]), ended(runs[1], "failed"), runs[2]]


def removed() -> None:
    """What the keeper does, to its end."""
    while purging.carry_on():
        pass


def ids(rows: list[Any]) -> list[str]:
    return [row.id for row in rows]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_many_go_at_once_and_the_answer_says_what_did_not(experiments, editor, signed_in):
    page = text(signed_in(editor).post("/trash/move/", {"experiment": ids(experiments)}, follow=True))
    assert Experiment.objects.get() == experiments[2]
    assert "2 experiments moved to the trash" in page and "Third is not finished" in page and "Undo" in page


def test_undo_brings_back_what_went(experiments, editor, signed_in):
    client = signed_in(editor)
    client.post("/trash/move/", {"experiment": ids(experiments)})
    page = text(client.post("/trash/restore/", {"experiment": ids(experiments[:2])}, follow=True))
    assert Experiment.objects.count() == 3 and "2 experiments restored." in page


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-29T00:00:00", "soon"])
def test_a_place_that_this_list_did_not_give_out_is_its_beginning(experiments, owner, signed_in, moment):
    client = signed_in(owner)
    client.post("/trash/move/", {"experiment": ids(experiments)})
    place = base64.urlsafe_b64encode(json.dumps([moment, experiments[0].id]).encode()).decode()
    assert "First" in text(client.get("/trash/", {"before": place}))


def test_an_editor_moves_experiments_and_not_datasets(experiments, owner, editor, signed_in):
    empty = dataset_of(owner, "Unused")
    page = text(signed_in(editor).post("/trash/move/", {"experiment": [experiments[0].id], "dataset": [empty.id]}, follow=True))
    assert "1 experiment moved" in page and "Unused stays: the role editor may not" in page and Dataset.objects.count() == 2


def test_datasets_that_runs_used_are_archived_on_the_way(experiments, owner, signed_in):
    empty, used = dataset_of(owner, "Unused"), experiments[0].dataset
    client = signed_in(owner)
    page = text(client.post("/trash/move/", {"dataset": [empty.id, used.id]}, follow=True))
    assert "1 dataset moved" in page and "1 dataset archived, since runs used it." in page
    client.post("/trash/restore/", {"dataset": [empty.id], "archived": [used.id]})
    assert Dataset.objects.filter(archived_at=None).count() == 2


def test_another_teams_things_are_not_there(experiments, outsider, signed_in):
    page = text(signed_in(outsider).post("/trash/move/", {"experiment": ids(experiments)}, follow=True))
    assert page.count("One experiment is not there any more.") == 3 and Experiment.objects.count() == 3


def test_nonsense_for_ids_moves_nothing(experiments, owner, signed_in):
    page = text(signed_in(owner).post("/trash/move/", {"experiment": ["", "x\0", "../" * 9]}, follow=True))
    assert "Nothing was chosen." in page and Experiment.objects.count() == 3


@pytest.mark.parametrize("address", ["/trash/move/", "/trash/restore/", "/trash/purge/", "/trash/empty/"])
def test_a_viewer_moves_nothing(address, experiments, viewer, signed_in):
    assert signed_in(viewer).post(address, {"experiment": ids(experiments)}).status_code == 403


def test_the_page_says_who_and_until_when(experiments, editor, signed_in, settings):
    settings.TRASH_DAYS = 7
    client = signed_in(editor)
    client.post("/trash/move/", {"experiment": [experiments[0].id]})
    page = text(client.get("/trash/"))
    until = timezone.now() + timedelta(days=7)
    assert "First" in page and "editor" in page and f"{until.day} {until:%B}" in page and "small_cnn on Animals" in page


def test_the_page_shows_one_teams_trash(experiments, editor, outsider, signed_in):
    signed_in(editor).post("/trash/move/", {"experiment": [experiments[0].id]})
    assert "The trash is empty" in text(signed_in(outsider).get("/trash/"))


def test_only_an_owner_sees_what_removes_for_good(experiments, owner, editor, signed_in):
    signed_in(editor).post("/trash/move/", {"experiment": [experiments[0].id]})
    assert "Delete for good" in text(signed_in(owner).get("/trash/"))
    assert "Delete for good" not in text(signed_in(editor).get("/trash/"))


def test_a_long_trash_goes_on_by_key(experiments, editor, signed_in, monkeypatch):
    monkeypatch.setattr(trash, "PAGE", 1)
    client = signed_in(editor)
    client.post("/trash/move/", {"experiment": ids(experiments[:2])})
    first = client.get("/trash/")
    second = client.get("/trash/", {"before": first.context["next"]})
    names = [row.thing.name for row in [*first.context["rows"], *second.context["rows"]]]
    assert sorted(names) == ["First", "Second"] and not second.context["next"]


@pytest.mark.parametrize("before", ["x", "W10=", "WyJ4IiwgIngiXQ==", "é"])
def test_a_broken_place_is_the_beginning(before, experiments, editor, signed_in):
    assert signed_in(editor).get("/trash/", {"before": before}).status_code == 200


def test_an_owner_removes_for_good(experiments, owner, signed_in):
    client = signed_in(owner)
    client.post("/trash/move/", {"experiment": ids(experiments[:2])})
    page = text(client.post("/trash/purge/", {"experiment": [experiments[0].id]}, follow=True))
    assert "1 experiment is being deleted for good." in page and "1 thing is being removed" in page
    assert [row.thing.name for row in client.get("/trash/").context["rows"]] == ["Second"]


def test_emptying_removes_runs_before_their_dataset(experiments, owner, signed_in):
    client = signed_in(owner)
    client.post(reverse("experiments:cancel", args=[experiments[2].id]))
    client.post("/trash/move/", {"experiment": ids(experiments)})
    client.post("/trash/move/", {"dataset": [experiments[0].dataset_id]})
    page = text(client.post("/trash/empty/", follow=True))
    assert "3 experiments and 1 dataset are being deleted for good." in page
    removed()
    assert not Dataset.everything.exists() and not Job.objects.exists()


def test_emptying_leaves_another_teams_trash(experiments, outsider, owner, signed_in):
    signed_in(owner).post("/trash/move/", {"experiment": [experiments[0].id]})
    signed_in(outsider).post("/trash/empty/")
    assert Experiment.everything.count() == 3


def test_restoring_takes_the_dataset_first(experiments, owner, signed_in):
    client, dataset = signed_in(owner), experiments[0].dataset_id
    client.post(reverse("experiments:cancel", args=[experiments[2].id]))
    client.post("/trash/move/", {"experiment": ids(experiments)})
    client.post("/trash/move/", {"dataset": [dataset]})
    client.post("/trash/restore/", {"experiment": ids(experiments), "dataset": [dataset]})
    assert Experiment.objects.count() == 3 and Dataset.objects.count() == 1


def test_what_is_over_its_term_goes_by_itself_and_the_rest_stays(experiments, owner, signed_in):
    signed_in(owner).post("/trash/move/", {"experiment": ids(experiments[:2])})
    Experiment.everything.filter(pk=experiments[0].pk).update(trashed_at=timezone.now() - timedelta(days=31))
    assert trash.purge_over_term() == [experiments[0].id]
    removed()
    assert set(Experiment.everything.values_list("name", flat=True)) == {"Second", "Third"}


def test_the_keeper_looks_every_hour():
    assert Keeper().paces[trash.purge_over_term] == HOUR


def test_nothing_of_what_lies_in_the_trash_is_found_at_any_address(experiments, owner, signed_in):
    experiment = experiments[0]
    mine = {"team": experiment.team, "created_by": owner}
    evaluation = Evaluation.objects.create(
        experiment=experiment, version=experiment.version, job=experiment.job, split="test", checkpoint="best", **mine
    )
    report = Report.objects.create(evaluation=evaluation, title="First", **mine)
    Experiment.everything.update(trashed_at=timezone.now())
    Dataset.everything.update(trashed_at=timezone.now())
    things = [experiment.id, experiment.dataset_id, experiment.job_id, evaluation.id, report.id]
    client = signed_in(owner)
    for where in PAGES:
        if "<str:id>" not in where:
            continue
        for id in things:
            path = where.replace("<str:id>", id).replace("<int:version>", "1").replace("<int:image>", "0")
            assert {client.get(path).status_code, client.post(path).status_code} <= {404, 405}, path
