"""The leaderboard of a dataset version."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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


def test_macro_f1_stands_with_its_interval_also_of_an_evaluation_that_was_asked_for(ranked, show, animals) -> None:  # noqa: F811
    first, second = ranked
    kept = {"f1_macro": 0.7312, "intervals": {"f1_macro": [0.61, 0.85]}}
    for each in ranked:
        each.result |= kept
        each.save()
    type(second.experiment).objects.filter(pk=second.experiment_id).update(test_f1=0.7312)
    job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="again")
    Evaluation.objects.filter(pk=first.pk).update(job=job)  # not the training's own
    answer = show()
    assert [(row.f1.value, row.f1.interval) for row in answer.context["rows"]] == [(0.7312, (0.61, 0.85))] * 2
    assert answer.content.decode().count('0.731 <span class="muted">± 0.120</span>') == 2


def test_whether_one_lies_behind_allows_for_all_that_are_shown(ranked, show, animals) -> None:  # noqa: F811
    for name, wrong in (("Best", 0), ("Middling", 6)):
        reported(measured(trained(animals.versions.get(), name), {at: (at + 1) % 3 for at in range(wrong)}))
    rows = {row.evaluation.experiment.name: row for row in show().context["rows"]}
    assert rows["Middling"].behind.p == pytest.approx(2 * 2 / 2**6)  # the second smallest of three, by Holm
    assert rows["Middling"].is_level and not rows["Plain"].is_level and rows["Best"].behind is None


def test_it_goes_on_by_a_link_where_no_script_runs(ranked, show, signed_in, viewer, monkeypatch) -> None:
    monkeypatch.setattr(board, "PAGE", 1)
    link = re.search(r'<a href="([^"]+cursor=[^"]+)">More', show().content.decode())
    assert link
    answer = signed_in(viewer).get(unescape(link[1]), headers={"Accept": "text/html"})
    assert [(row.rank, row.evaluation.experiment.name) for row in answer.context["rows"]] == [(2, "Plain")]
    assert "<h1" in answer.content.decode()


def test_who_is_as_right_shares_the_rank(ranked, show, animals) -> None:  # noqa: F811
    version = animals.versions.get()
    for name, wrong in (("As fast", range(10, 14)), ("Last", range(12))):
        reported(measured(trained(version, name), {at: (at + 1) % 3 for at in wrong}))
    rows = [(row.rank, row.evaluation.experiment.name) for row in show().context["rows"]]
    assert rows == [(1, "As fast"), (1, "Faster"), (3, "Plain"), (4, "Last")]


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


def test_other_views_and_weights_without_their_average_are_no_rank(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr(leaks, "of", lambda evaluation: leaks.Stamp(0, leaks.BYTES))
    other = trained(version_of(animals, 2), "Later")
    job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="again")
    first = animals.versions.get(number=1)
    reported(measured(other, {at: (at + 1) % 3 for at in range(9)}, first, job=job))
    for how in ({"views": "ten_crop"}, {"raw": True}):
        reported(measured(other, {}, first, job=job, **how))
    assert [row.evaluation.experiment.name for row in show(version="1").context["rows"]] == ["Faster", "Plain", "Later"]


def test_a_long_list_goes_on_behind_its_last_row(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    reported(measured(trained(animals.versions.get(), "Third"), {at: (at + 1) % 3 for at in range(12)}))
    monkeypatch.setattr(board, "PAGE", 2)
    first = show()
    assert first.context["next"] and first.context["last"] == 2
    rest = show(cursor=first.context["next"], rank="2", version="1")
    assert [(row.rank, row.evaluation.experiment.name) for row in rest.context["rows"]] == [(3, "Third")]
    assert b"<html" not in rest.content and rest.context["rows"][0].behind.difference == pytest.approx(-8 / 30)


def whole(show) -> list[tuple[int | None, str]]:
    """Every row, page by page."""
    answer, rows = show(version="1"), []
    while True:
        rows += [(row.rank, row.evaluation.experiment.name) for row in answer.context["rows"]]
        if not answer.context["next"]:
            return rows
        answer = show(version="1", cursor=answer.context["next"], rank=str(answer.context["last"]))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_who_is_as_right_shares_the_rank_on_the_next_page_too(ranked, show, animals, monkeypatch, size) -> None:  # noqa: F811
    version = animals.versions.get()
    for number in range(4):
        reported(measured(trained(version, f"Level {number}"), {at: (at + 1) % 3 for at in range(number, number + 8)}))
    monkeypatch.setattr(board, "PAGE", size)
    rows = whole(show)
    assert len({name for _, name in rows}) == len(rows) == 6
    assert [rank for rank, _ in rows] == [1, 2, 2, 2, 2, 2] and rows[0][1] == "Faster"


def test_one_without_a_rank_between_two_pages_breaks_no_tie(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    version = animals.versions.get()
    other = trained(version_of(animals, 2), "Seen them")
    as_right = {at: (at + 1) % 3 for at in range(8)}
    reported(measured(trained(version, "Level"), as_right))
    job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="again")
    reported(measured(other, as_right, version, job=job))
    reported(measured(trained(version, "Level too"), as_right))
    monkeypatch.setattr(leaks, "of", lambda evaluation: leaks.Stamp(7, leaks.BYTES))
    for size in (1, 2, 3, 4):
        monkeypatch.setattr(board, "PAGE", size)
        rows = whole(show)
        assert rows == [(1, "Faster"), (2, "Level too"), (None, "Seen them"), (2, "Level"), (2, "Plain")]


def test_the_first_that_has_a_rank_is_found_however_many_without_one_stand_before_it(ranked, show, animals, monkeypatch) -> None:  # noqa: F811
    later, version = version_of(animals, 2), animals.versions.get(number=1)
    for number in range(3):
        job = jobs.submit(team=animals.team, user=animals.created_by, kind="evaluate", title="again")
        reported(measured(trained(later, f"Seen {number}"), {}, version, job=job))
    monkeypatch.setattr(leaks, "of", lambda evaluation: leaks.Stamp(7, leaks.BYTES))
    monkeypatch.setattr(board, "PAGE", 2)
    first = board.page(version)
    second = board.page(version, first[1], first[2])
    rows, _, _ = board.page(version, second[1], second[2])
    assert [(row.rank, row.evaluation.experiment.name) for row in rows] == [(2, "Plain")]
    assert rows[0].behind.difference == pytest.approx(-4 / 30)


@pytest.mark.parametrize("cursor", ["", ".", ".3", "x.3", "bm8=.1", "W10=.²", "W251bGwsIG51bGxd.1"])
def test_what_is_no_cursor_begins_the_list(ranked, animals, cursor) -> None:  # noqa: F811
    rows, _, _ = board.page(animals.versions.get(), cursor)
    assert [(row.rank, row.evaluation.experiment.name) for row in rows] == [(1, "Faster"), (2, "Plain")]


def test_versions_are_counted_together(ranked, show, animals, django_assert_num_queries) -> None:  # noqa: F811
    version = animals.versions.get()
    board.boards(animals, version)  # knows its import by then
    with CaptureQueriesContext(connection) as one:
        assert [(each.number, each.networks) for each in board.boards(animals, version)] == [(1, 2)]
    for number in (2, 3, 4):
        reported(measured(trained(version_of(animals, number), f"On {number}"), {}))
    with django_assert_num_queries(len(one)):
        assert [(each.number, each.networks) for each in board.boards(animals, version)] == [(4, 1), (3, 1), (2, 1), (1, 2)]


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
