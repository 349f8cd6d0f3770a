"""The images of an evaluation that match, in order, and what is changed of them in the draft."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from classifier.metrics.scored import FORGOTTEN
from tests.webapp.evaluations.scored_rows import rows_of, say
from webapp.datasets import drafts
from webapp.datasets.browsing import columns
from webapp.datasets.models import Draft, Sample
from webapp.evaluations import showing
from webapp.evaluations.images.listing import Unscored, first_of_each, listing, ordered
from webapp.evaluations.images.wanted import Wanted, in_short, numbers_in, wanted_of
from webapp.evaluations.models import Evaluation

BLUE, GREEN, RED = range(3)
# Blue ones first; of six images three are mistakes.
SIX = [(BLUE, BLUE), (BLUE, RED), (GREEN, GREEN), (GREEN, RED), (RED, RED), (RED, BLUE)]


@pytest.fixture
def six(evaluated: Evaluation) -> Evaluation:
    """An evaluation of six images, the last with the highest loss."""
    say(evaluated, rows_of(SIX, losses=[0, 1, 2, 3, 4, 5]))
    return evaluated


def rows(evaluation: Evaluation, **wanted: object) -> list[int]:
    return listing(evaluation, Wanted(**wanted), to_the_end=True).rows.tolist()


def address(evaluation: Evaluation, rest: str = "") -> str:
    return f"/evaluations/{evaluation.pk}/images/{rest}"


def tiles(client: Client, evaluation: Evaluation, query: str = "") -> str:
    answer = client.get(address(evaluation, f"tiles/?{query}"), headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def change(client: Client, evaluation: Evaluation, **fields: str) -> dict:
    answer = client.post(address(evaluation, "change/"), fields, headers={"Accept": "application/json"})
    return {"status": answer.status_code, **json.loads(answer.content)}


def test_a_mistake_of_the_overview_leads_to_its_page_where_its_prediction_is_kept(six):
    position = int(six.scored["position"][3])
    image = Sample.objects.get(version=six.version, position=position).image
    mistake = {"path": "a.png", "label": "green", "predicted": "red", "probability": 0.9, "loss": 3.0, "image": image}
    six.mistakes = [mistake | {"position": position}, mistake | {"position": None}, mistake | {"position": position, "image": None}]
    place = f"/datasets/{six.version.dataset_id}/versions/{six.version.number}/images/{image}"
    assert [row["link"] for row in showing.mistake_rows(six, {})] == [address(six, "3/"), place, ""]


def test_the_highest_loss_comes_first(six):
    assert rows(six) == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"true": (BLUE,), "said": (RED,)}, [1]),
        ({"true": (GREEN,)}, [3, 2]),
        ({"said": (RED,)}, [4, 3, 1]),
        ({"said": (RED,), "right": False}, [3, 1]),
        ({"right": True}, [4, 2, 0]),
        ({"true": (BLUE, GREEN), "said": (RED,)}, [3, 1]),
        ({"each": 1}, [1, 3, 5]),
        ({"each": 1, "sort": "low"}, [0, 2, 4]),
        ({"sort": "order"}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_cell_a_row_a_class_or_a_group_is_what_matches(wanted, found, six):
    assert rows(six, **wanted) == found


def test_a_loss_that_is_no_number_is_the_highest(evaluated):
    say(evaluated, rows_of(SIX[:3], losses=[1, math.nan, 2]))
    assert rows(evaluated) == [1, 2, 0] and rows(evaluated, sort="low") == [0, 2, 1]


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 9, width=32)), min_size=1, max_size=40), st.sampled_from(["", "low"]))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_and_the_first_of_each_class_are_those_of_plain_sorting(pairs, sort):
    made = rows_of([(label, 0) for label, _ in pairs], losses=[loss for _, loss in pairs])
    expected = sorted(range(len(pairs)), key=lambda row: (made["loss"][row] * (1 if sort else -1), row))
    found = ordered(made, np.arange(len(pairs), dtype=np.uint32), sort)
    assert found.tolist() == expected
    of_each = [[row for row in expected if made["label"][row] == label][:2] for label in range(4)]
    assert first_of_each(made, found, 2).tolist() == [row for some in of_each for row in some]


def test_margin_and_confidence_order_too(evaluated):
    say(evaluated, rows_of(SIX[:3], odds=[0.5, 0.9, 0.7], margins=[0.3, 0.1, 0.2]))
    assert rows(evaluated, sort="sure") == [1, 2, 0] and rows(evaluated, sort="unsure") == [0, 2, 1]
    assert rows(evaluated, sort="close") == [1, 2, 0] and rows(evaluated, sort="clear") == [0, 2, 1]


def test_a_certainty_that_is_no_number_is_none(evaluated):
    say(evaluated, rows_of(SIX[:3], odds=[0.5, math.nan, 0.7], margins=[0.3, math.nan, 0.2]))
    assert rows(evaluated, sort="sure") == [2, 0, 1] and rows(evaluated, sort="unsure") == [1, 0, 2]
    assert rows(evaluated, sort="close") == [1, 2, 0] and rows(evaluated, sort="clear") == [0, 2, 1]


def with_sites(evaluation: Evaluation) -> None:
    """Every second image is of Bonn, the others of Cologne; each has a note of its own."""
    folder = evaluation.version.folder
    about = json.loads((folder / "dataset.json").read_text())
    (folder / "dataset.json").write_text(json.dumps(about | {"columns": ["site", "note"]}))
    samples = evaluation.version.images
    lines = (json.dumps([("Bonn", "Cologne")[n % 2], f"note {n} of {'many ' * n}"]) for n in range(samples))
    (folder / "metadata.jsonl").write_text("".join(f"{line}\n" for line in lines))
    columns.build(folder)


def test_metadata_filter_them_and_an_erased_image_has_none(six):
    with_sites(six)
    made = rows_of(SIX)
    made["position"][2] = FORGOTTEN
    say(six, made)
    assert rows(six, cells=((0, "Bonn"),)) == [4, 0]
    assert 2 in rows(six)


def test_a_part_of_the_path_finds_them(six):
    sample = Sample.objects.get(version=six.version, position=3)
    assert rows(six, search=sample.path) == [3]


def test_an_address_tells_the_filters_and_what_it_does_not_know_filters_nothing():
    wanted = Wanted(true=(1, 4, 5, 6), said=(2,), right=False, each=3, search="a b", cells=((0, "x:y"),), sort="sure")
    query = QueryDict(mutable=True)
    for name, value in wanted.query():
        query.appendlist(name, str(value))
    assert wanted_of(query, 10) == wanted
    assert wanted_of(QueryDict("true=x,99,-1,5-&said=1e3&right=2&each=7&sort=owner__password&is=a:b"), 10) == Wanted()


def test_runs_of_classes_are_short_in_an_address():
    assert in_short(numbers_in(["0,1,2,7,9-12,99999-"], 12)) == "0-2,7,9-11"


def test_a_page_shows_the_images_of_a_cell_with_what_was_said(six, signed_in, viewer):
    page = signed_in(viewer).get(address(six, f"?true={BLUE}&said={RED}")).content.decode()
    assert page.count("data-cell ") == 1 and 'data-position="1"' in page
    assert "blue taken for red" in page and "data-palette" not in page


def test_the_classes_that_are_looked_at_have_the_first_keys(six, signed_in, editor):
    page = signed_in(editor).get(address(six, f"?true={BLUE}&said={RED}")).content.decode()
    keys = page[page.index("palette__keys") :]
    assert keys.index('data-label="red"') < keys.index('data-label="blue"') < keys.index('data-label="green"')


def test_scrolling_on_goes_on_behind_a_row_of_the_list(six, signed_in, viewer):
    client = signed_in(viewer)
    assert 'data-start="2"' in tiles(client, six, "after=4") and 'data-position="3"' in tiles(client, six, "after=4")
    assert 'data-start="4"' in tiles(client, six, "at=4")
    answer = client.get(address(six, "tiles/?between=4,2"), headers={"Accept": "application/json"})
    assert answer.json() == {"count": 3, "most": 20000, "positions": [4, 3, 2]}


def test_a_range_has_two_ends_however_many_are_named(six, signed_in, viewer):
    answer = signed_in(viewer).get(address(six, "tiles/?between=4,3,0,5"), headers={"Accept": "application/json"})
    assert answer.json()["positions"] == [4, 3]


def test_a_label_goes_into_the_draft_and_the_tile_says_so(six, signed_in, editor):
    said = change(signed_in(editor), six, positions="1", label="red")
    assert said["status"] == 200 and [tile["position"] for tile in said["tiles"]] == [1] and "now red" in said["tiles"][0]["html"]
    assert list(Draft.objects.get().samples.values_list("position", "label")) == [(1, RED)]
    assert "now red" in tiles(signed_in(editor), six)


def test_what_is_taken_out_is_struck_out_and_undo_brings_it_back(six, signed_in, editor):
    client = signed_in(editor)
    assert "taken out" in change(client, six, positions="3,5", removed="1")["tiles"][0]["html"]
    answer = client.post(address(six, "undo/"), headers={"Accept": "application/json"})
    assert sorted(tile["position"] for tile in answer.json()["tiles"]) == [3, 5]
    assert "cell--removed" not in tiles(client, six)


def test_a_viewer_changes_nothing_and_an_outsider_finds_nothing(six, signed_in, viewer, outsider):
    assert signed_in(viewer).post(address(six, "change/"), {"positions": "1", "label": "red"}).status_code == 403
    assert [signed_in(outsider).get(address(six, rest)).status_code for rest in ("", "tiles/", "0/", "0/about/")] == [404] * 4
    assert signed_in(outsider).post(address(six, "change/"), {"positions": "1", "label": "red"}).status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("positions", ["", "99", "x"])
def test_rows_that_there_are_not_change_nothing_and_it_is_said(positions, six, signed_in, editor):
    said = change(signed_in(editor), six, positions=positions, label="red")
    assert said["status"] == 409 and said["error"] and not Draft.objects.exists()


def test_an_erased_image_keeps_its_figures_and_cannot_be_labelled(six, signed_in, editor):
    made = rows_of(SIX)
    made["position"][5] = FORGOTTEN
    say(six, made)
    client = signed_in(editor)
    assert "erased" in tiles(client, six) and "This image was erased" in client.get(address(six, "5/")).content.decode()
    assert "erased" in change(client, six, positions="5", label="red")["error"]


def test_an_image_that_is_not_in_the_newest_version_is_told_so(six, signed_in, editor):
    Sample.objects.filter(version=six.version, position=1).update(position=900)
    said = change(signed_in(editor), six, positions="1", label="red")
    assert said["status"] == 409 and "none of these images any more" in said["error"]


def test_one_image_has_a_page_with_its_neighbours_of_the_list(six, signed_in, editor):
    page = signed_in(editor).get(address(six, "3/?said=2")).content.decode()
    assert "green taken for red" in page and "2 of 3" in page
    assert address(six, "4/?said=2") in page and address(six, "1/?said=2") in page
    assert signed_in(editor).get(address(six, "6/")).status_code == 404


def keyed(page: str) -> list[str]:
    """The classes of the buttons on an image's page, in order."""
    return re.findall(r'name="label"[^>]* value="(\w+)"|value="(\w+)"[^>]* name="label"', page)


def test_an_image_is_labelled_first_by_what_it_was_called_then_by_what_it_is(six, signed_in, editor):
    page = signed_in(editor).get(address(six, "5/")).content.decode()
    assert [one or other for one, other in keyed(page)] == ["blue", "red", "green"]


def test_a_class_without_a_key_is_chosen_on_the_page_of_an_image(six, signed_in, editor, monkeypatch):
    assert "another class…" not in signed_in(editor).get(address(six, "5/")).content.decode()
    monkeypatch.setattr("webapp.datasets.views.looking.KEYS", 2)
    page = signed_in(editor).get(address(six, "5/")).content.decode()
    other = page.split("another class…")[1].split("</select>")[0]
    assert [one or other for one, other in keyed(page)] == ["blue", "red"] and '<option value="green">green</option>' in other


def test_a_plain_form_labels_and_goes_back(six, signed_in, editor):
    client = signed_in(editor)
    referer = {"Referer": f"http://testserver{address(six, '3/')}"}
    answer = client.post(address(six, "change/"), {"positions": "3", "label": "red"}, headers=referer)
    assert answer.status_code == 302 and answer["Location"].endswith(address(six, "3/"))
    assert "now red" in client.get(address(six, "3/")).content.decode()


def test_an_evaluation_without_columns_says_what_to_do(six, signed_in, viewer):
    from classifier.metrics import scored_path

    scored_path(six.experiment.folder / six.predictions).unlink()
    with pytest.raises(Unscored):
        listing(six, Wanted())
    assert "Evaluate the checkpoint again" in signed_in(viewer).get(address(six)).content.decode()
    assert signed_in(viewer).get(address(six, "tiles/"), headers={"HX-Request": "true"}).status_code == 404


def test_a_part_that_is_opened_as_a_page_leads_to_the_page(six, signed_in, viewer):
    answer = signed_in(viewer).get(address(six, "tiles/?said=2&between=1,2"), headers={"Accept": "text/html"})
    assert answer.status_code == 302 and answer["Location"] == address(six, "?said=2")


def test_a_draft_over_another_version_is_laid_over_what_was_measured(six, signed_in, editor, actor_of):
    drafts.change(actor_of(editor), six.version.dataset, [4], label="violet")
    page = tiles(signed_in(editor), six)
    assert page.count("now violet") == 1
