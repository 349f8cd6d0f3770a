"""Two networks' answers for the same pictures side by side: how often they agree, where they differ, and what cannot be held together."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from classifier.metrics import answers, wilson
from tests.webapp.predictions.kit import SAID, classified
from webapp.predictions.many import beside, reading
from webapp.predictions.many.reading import Wanted
from webapp.predictions.models import Classification

OTHERS = [
    (0.7, 0.2, 0.1),
    (0.1, 0.7, 0.2),
    (0.2, 0.6, 0.2),
    (0.3, 0.2, 0.5),
]  # blue, green, green, red; the first says blue, blue, green, blue


@pytest.fixture
def other(done, evaluated, editor) -> Classification:
    """The same pictures by another network, which differs on the second and on the last."""
    made = classified(evaluated.experiment, editor, [(name, odds) for (name, _), odds in zip(SAID, OTHERS, strict=True)], None)
    Classification.objects.filter(pk=made.pk).update(source=done, network="published:x", network_name="Second opinion", experiment=None)
    return Classification.objects.get(pk=made.pk)


def page_of(client, found, **query):
    answer = client.get(f"/classify/{found.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_they_agree_where_the_best_class_is_the_same(done, other):
    page = reading.page(done, Wanted(beside=other.pk), other=other)
    assert [row.differs for row in page.rows] == [False, True, False, True]
    assert [row.other.top[0].label for row in page.rows] == ["blue", "green", "green", "red"]
    assert (page.beside.n, page.beside.same, page.beside.interval) == (4, 2, wilson(2, 4))
    assert page.beside.words == "Both name the same class on 2 of 4 images: 50.0 % (95 % interval 15.0 to 85.0)."


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [({}, [1, 3]), ({"by_doubt": True}, [3, 1]), ({"label": "blue"}, [1]), ({"show": "unsure"}, [3]), ({"label": "green"}, [])],
)
def test_those_on_which_they_differ_alone_come_in_each_order_and_of_each_filter(wanted, rows, done, other):
    page = reading.page(done, Wanted(beside=other.pk, differing=True, **wanted), other=other)
    assert [row.row for row in page.rows] == rows


def test_those_on_which_they_differ_come_a_page_at_a_time(done, other):
    found, after = [], -1
    while after is not None:
        page = reading.page(done, Wanted(beside=other.pk, differing=True), after, 1, other)
        found, after = [*found, *(row.row for row in page.rows)], page.after
    assert found == [1, 3]


def test_an_image_of_which_one_of_them_tells_nothing_counts_for_neither(done, other):
    told = np.load(other.answers / answers.TOLD)
    told[1] = answers.UNSURE - 1  # as of one that was taken out
    np.save(other.answers / answers.TOLD, told)
    page = reading.page(done, Wanted(beside=other.pk, differing=True), other=other)
    assert [row.row for row in page.rows] == [3] and (page.beside.n, page.beside.same) == (3, 2)


def test_classes_of_other_networks_are_the_same_by_label_or_by_name_whatever_their_case():
    mine = [{"label": "blue", "name": "Sky Blue"}, {"label": "n02", "name": "green"}, {"label": "red", "name": "red"}]
    theirs = [{"label": "Green", "name": "Green"}, {"label": "n9", "name": "sky blue"}, {"label": "n1", "name": "cup"}]
    assert beside.translated(mine, theirs).tolist() == [1, 0, beside.NOWHERE]
    twice = [{"label": "n1", "name": "crane"}, {"label": "crane", "name": "machine"}]
    assert beside.translated(twice, [{"label": "crane", "name": "x"}]).tolist() == [1]  # a label goes before a name


def test_all_of_the_same_pictures_are_found_from_each_of_them(done, other, evaluated, editor):
    third = classified(evaluated.experiment, editor)
    Classification.objects.filter(pk=third.pk).update(source=other)  # by "with another network" on the second's page
    stranger = classified(evaluated.experiment, editor)
    all_ids = {done.pk, other.pk, third.pk}
    for pk in all_ids:
        found = {each.pk for each in beside.relatives(Classification.objects.get(pk=pk))}
        assert found == all_ids - {pk}
    assert beside.relatives(stranger) == []


def test_one_that_is_not_done_cannot_stand_beside(done, other):
    Classification.objects.filter(pk=other.pk).update(images=None)
    assert beside.relatives(done) == []


def test_the_page_shows_both_and_goes_on_with_both(done, other, signed_in, viewer, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 2)
    client = signed_in(viewer)
    assert "Second opinion" in page_of(client, done) and "Both name" not in page_of(client, done)
    page = page_of(client, done, beside=other.pk)
    assert "Both name the same class on 2 of 4 images" in page and page.count("they differ") == 2  # a filter and a row
    assert f"rows/?beside={other.pk}&amp;after=1" in page and f"?beside={other.pk}&amp;differ=1" in page
    more = client.get(f"/classify/{done.pk}/rows/?beside={other.pk}&after=1", HTTP_HX_REQUEST="true").content.decode()
    assert more.count("they differ") == 1 and "50.0 %" in more
    page = page_of(client, done, beside=other.pk, differ="1")
    assert "=sea.png" in page and "dusk.png" in page and "grass.png" not in page


def test_a_filter_keeps_who_stands_beside(done, other, signed_in, viewer):
    page = page_of(signed_in(viewer), done, beside=other.pk, show="unsure", sort="doubt")
    assert f'href="?beside={other.pk}&amp;class=blue"' in page and f'href="/classify/{done.pk}/?beside={other.pk}"' in page
    assert '<input type="hidden" name="show" value="unsure">' in page and '<input type="hidden" name="sort" value="doubt">' in page


def test_the_file_has_both(done, other, signed_in, viewer):
    client = signed_in(viewer)
    assert f"/classify/{done.pk}/answers.csv?beside={other.pk}" in page_of(client, done, beside=other.pk)
    text = b"".join(client.get(f"/classify/{done.pk}/answers.csv", {"beside": other.pk}).streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["label"], row["beside_label"], row["differs"]) for row in rows[:4]] == [
        ("blue", "blue", "no"),
        ("blue", "green", "yes"),
        ("green", "green", "no"),
        ("blue", "red", "yes"),
    ]
    assert float(rows[1]["beside_probability"]) == pytest.approx(0.7) and rows[0]["beside_unsure"] == "no"
    assert rows[4]["refused"] and rows[4]["differs"] == "" and None not in rows[4]
    plain = b"".join(client.get(f"/classify/{done.pk}/answers.csv?beside=none").streaming_content).decode()
    assert "beside_label" not in plain


@pytest.mark.parametrize("query", [{"beside": "nonsense"}, {"beside": "\0"}, {"differ": "1"}, {"beside": "x" * 900}])
def test_what_cannot_stand_beside_is_left_out(query, done, other, signed_in, viewer):
    page = page_of(signed_in(viewer), done, **query)
    assert "Both name" not in page and "grass.png" in page


def test_other_pictures_and_another_teams_never_stand_beside(done, evaluated, editor, signed_in, viewer):
    stranger = classified(evaluated.experiment, editor)
    assert "Both name" not in page_of(signed_in(viewer), done, beside=stranger.pk)


def test_answers_that_are_gone_or_of_other_pictures_are_said(done, other, signed_in, viewer):
    client = signed_in(viewer)
    rows = np.load(other.answers / answers.ROWS)
    np.save(other.answers / answers.ROWS, rows[:3])
    page = page_of(client, done, beside=other.pk, differ="1")
    assert "nothing stands beside these" in page and "grass.png" in page
    (other.answers / answers.ABOUT).unlink()
    assert "nothing stands beside these" in page_of(client, done, beside=other.pk)
