"""The leaderboard of a dataset version."""

from __future__ import annotations

import pytest

from tests.webapp.evaluations.comparing.conftest import animals, pair  # noqa: F401 (fixtures)
from tests.webapp.evaluations.comparing.kit import measured, reported, trained, version_of
from webapp.evaluations import leaks
from webapp.evaluations.leaderboard import board
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs


@pytest.fixture
def ranked(pair, monkeypatch):  # noqa: F811
    """Both with their reports; nothing of the set lies on disk, so nothing leaks."""
    monkeypatch.setattr(board, "leak_words", lambda version: "")
    return [reported(Evaluation.objects.get(experiment=each)) for each in pair]


@pytest.fixture
def show(signed_in, viewer, animals):  # noqa: F811
    return lambda **query: signed_in(viewer).get(f"/datasets/{animals.id}/leaderboard/", query)


def test_the_best_stands_first_with_how_far_the_others_lie_behind(ranked, show) -> None:
    rows = show().context["rows"]
    assert [(row.rank, row.evaluation.experiment.name, row.n) for row in rows] == [(1, "Faster", 30), (2, "Plain", 30)]
    assert rows[0].behind is None and rows[1].behind.paired.n == 30
    assert rows[1].behind.difference == pytest.approx(-4 / 30) and rows[1].is_level  # eight images changed sides, six of them one way


def test_runs_on_different_versions_are_never_ranked_as_one(ranked, show, animals) -> None:  # noqa: F811
    later = version_of(animals, 2)
    reported(measured(trained(later, "Later"), {}))
    for query, names in (({"version": "1"}, ["Faster", "Plain"]), ({"version": "2"}, ["Later"])):
        assert [row.evaluation.experiment.name for row in show(**query).context["rows"]] == names
    answer = show(version="1,2")
    assert answer.status_code == 200 and "so they are not ranked as one" in answer.context["refused"]
    assert [(each.number, each.networks) for each in answer.context["boards"]] == [(2, 1), (1, 2)]


def test_one_that_learnt_from_some_of_the_images_has_no_rank(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    other = trained(version_of(animals, 2), "Seen them")
    job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="again")
    reported(measured(other, {}, animals.versions.get(number=1), job=job))
    monkeypatch.setattr(leaks, "of", lambda evaluation: leaks.Stamp(7, leaks.BYTES))
    rows = show(version="1").context["rows"]
    assert [(row.rank, row.evaluation.experiment.name) for row in rows] == [(None, "Seen them"), (1, "Faster"), (2, "Plain")]
    assert rows[0].why == "in version 2 it learnt from 7 of these test images"
    assert rows[1].behind is None and "no rank:" in show(version="1").content.decode()


def test_a_network_stands_there_once(ranked, animals) -> None:  # noqa: F811
    job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="again")
    reported(measured(ranked[0].experiment, {}, job=job))
    assert board.measured_on(animals.versions.get()).count() == 2


def test_a_long_list_goes_on_behind_its_last_row(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    reported(measured(trained(animals.versions.get(), "Third"), {at: (at + 1) % 3 for at in range(12)}))
    monkeypatch.setattr(board, "PAGE", 2)
    first = show()
    assert first.context["next"] and first.context["last"] == 2
    rest = show(cursor=first.context["next"], rank="2", version="1")
    assert [(row.rank, row.evaluation.experiment.name) for row in rest.context["rows"]] == [(3, "Third")]
    assert b"<html" not in rest.content and rest.context["rows"][0].behind.difference == pytest.approx(-8 / 30)


def test_how_often_the_test_set_was_opened_is_told(ranked, animals) -> None:  # noqa: F811
    version = animals.versions.get()
    rows, _, _ = board.page(version)
    assert board.openings_words(version, rows) == ""
    version.test_opened = 14
    assert "opened 14 times. The best of many looks better here than it is" in board.openings_words(version, rows)


def test_without_networks_it_says_what_will_stand_here(show) -> None:
    assert "Nothing was measured on it yet" in show().content.decode()


def test_a_version_that_is_not_there_is_not_found(ranked, show) -> None:
    assert show(version="9").status_code == 404


def test_another_teams_is_not_found(signed_in, outsider, animals) -> None:  # noqa: F811
    assert signed_in(outsider).get(f"/datasets/{animals.id}/leaderboard/").status_code == 404


def test_views_that_were_chosen_are_told(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr(leaks, "of", lambda evaluation: leaks.Stamp(0, leaks.BYTES))
    other = trained(version_of(animals, 2), "Elsewhere")
    job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="on 1")
    reported(measured(other, {}, animals.versions.get(number=1), job=job, views="ten_crop"))
    answer = show(version="1")
    assert {row.evaluation.experiment.name: row.how for row in answer.context["rows"]}["Elsewhere"] == "ten crops"
    assert "ten crops" in answer.content.decode()
