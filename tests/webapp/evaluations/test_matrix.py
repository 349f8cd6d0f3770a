"""The confusion matrix to work with: what is drawn, in which orders, and what is said of a part of it."""

from __future__ import annotations

import base64
import csv
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from classifier.metrics import scored_path, sparse, wilson
from classifier.spec.imagenet import IDS
from tests.webapp.evaluations.scored_rows import rows_of, say
from webapp.datasets import packs
from webapp.evaluations.matrix.cells import unpacked
from webapp.evaluations.matrix.orders import Matrix, offered
from webapp.evaluations.matrix.showing import Part, figures, room, summary
from webapp.evaluations.models import Evaluation

COUNTS = np.array([[8, 0, 2], [0, 10, 0], [1, 0, 9]])  # of blue, green and red


@pytest.fixture
def mixed(evaluated: Evaluation) -> Evaluation:
    """An evaluation of thirty images of which blue and red are taken for each other."""
    evaluated.confusion = sparse(COUNTS)
    evaluated.result |= {"n": 30}
    evaluated.save()
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(COUNTS[i, j])]
    say(evaluated, rows_of(pairs))
    return evaluated


def address(evaluation: Evaluation, rest: str = "") -> str:
    return f"/evaluations/{evaluation.pk}/matrix{rest}"


def part(client, evaluation: Evaluation, query: str) -> str:
    return client.get(address(evaluation, f"/part/?{query}"), headers={"HX-Request": "true"}).content.decode()


def test_the_script_gets_every_cell_that_is_not_empty(mixed, signed_in, viewer):
    told = signed_in(viewer).get(address(mixed, "/data/")).json()
    cells = dict(zip(zip(told["rows"], told["columns"], strict=True), told["counts"], strict=True))
    assert cells == {(0, 0): 8, (0, 2): 2, (1, 1): 10, (2, 0): 1, (2, 2): 9}
    assert told["names"] == ["blue", "green", "red"]


@pytest.mark.parametrize(("classes", "pixels"), [(1, 260), (3, 304), (1000, 720)])
def test_the_page_keeps_the_height_of_so_many_classes_free(classes, pixels):
    assert room(classes) == pixels


def test_the_page_says_the_height(mixed, signed_in, viewer):
    assert 'class="matrix-room" width="1" height="304"' in signed_in(viewer).get(address(mixed, "/")).content.decode()


def test_orders_put_what_is_mixed_up_together_and_the_worst_first(mixed, signed_in, viewer):
    orders = {order["key"]: order["classes"] for order in signed_in(viewer).get(address(mixed, "/data/")).json()["orders"]}
    assert list(orders) == ["given", "clustered", "worst", "name"]
    assert orders["clustered"] in ([0, 2, 1], [2, 0, 1]) and orders["worst"] == [0, 2, 1]


def test_synset_ids_are_ordered_by_kind_in_named_groups(mixed):
    ids = (IDS.split() if isinstance(IDS, str) else list(IDS))[:300]
    names = [f"name of {id}" for id in ids]
    found = {order.key: order for order in offered(mixed, Matrix(ids, names, np.eye(300, dtype=np.int64)))}
    assert "clustered" not in found  # nothing is mixed up
    assert sorted(found["synsets"].classes) == list(range(300)) and "hound" in " ".join(group["name"] for group in found["synsets"].groups)


def test_a_cell_tells_its_shares_with_their_intervals_and_shows_its_worst_images(mixed, signed_in, viewer):
    shown = part(signed_in(viewer), mixed, "true=0&said=2")
    assert "Blue taken for red" in shown and "2 of 10 images of blue are called red (20.0 %; 95 % interval 5.7 to 51.0 %)" in shown
    assert "2 of 11 images that are called red are of blue" in shown and "Open 2 images" in shown
    assert shown.index("/images/9/") < shown.index("/images/8/")  # the highest loss first


def test_the_images_of_a_cell_come_in_the_same_answer(mixed, signed_in, viewer):
    shown = part(signed_in(viewer), mixed, "true=0&said=2")
    pictures = re.findall(r'<img src="data:image/png;base64,([^"]+)"', shown)
    assert [Image.open(io.BytesIO(base64.b64decode(picture))).size for picture in pictures] == [(8, 8), (8, 8)] and "/thumb" not in shown


def test_a_picture_that_is_gone_takes_no_words_with_it(mixed, signed_in, viewer):
    (mixed.version.folder / "pack" / "thumbs.bin").write_bytes(b"")
    shown = part(signed_in(viewer), mixed, "true=0&said=2")
    assert shown.count("/thumb") == 2 and "2 of 10 images of blue" in shown


def test_a_row_and_a_column_tell_recall_and_precision():
    made, cells = Matrix(list("abc"), list("abc"), COUNTS), unpacked(sparse(COUNTS))
    assert figures("abc", cells, Part((0,), ())) == ["8 of 10 images of a are named rightly (80.0 %; 95 % interval 49.0 to 94.3 %)."]
    assert figures("abc", cells, Part((), (2,))) == ["9 of 11 images that are called c are so (81.8 %; 95 % interval 52.3 to 94.9 %)."]
    assert "3 classes: 27 of 30 images" in summary(made)


def test_a_block_of_classes_counts_all_its_cells():
    assert figures("abc", unpacked(sparse(COUNTS)), Part((0, 1), (2,)))[0].startswith("2 of 20")


def test_the_table_is_the_matrix_with_its_labels(mixed, signed_in, viewer):
    answer = signed_in(viewer).get(address(mixed, ".csv"))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0][1:] == ["blue", "green", "red"] and [row[0] for row in rows[1:]] == ["blue", "green", "red"]
    assert np.array([row[1:] for row in rows[1:]], int).tolist() == COUNTS.tolist()
    assert "attachment" in answer["Content-Disposition"]


def test_a_label_that_a_spreadsheet_would_run_is_quoted():
    from webapp.evaluations.matrix.showing import as_csv

    lines = b"".join(as_csv(Matrix(["=1+1"], ["=1+1"], np.array([[1]])))).decode()
    assert "'=1+1" in lines and ",=1+1" not in lines


def test_the_page_lists_the_commonest_mistakes_with_the_way_to_their_images(mixed, signed_in, viewer):
    page = signed_in(viewer).get(address(mixed, "/")).content.decode()
    first, second = (page.index(f"/evaluations/{mixed.pk}/images/?{cell}") for cell in ("true=0&amp;said=2", "true=2&amp;said=0"))
    assert first < second


def test_how_sure_a_share_is_stands_beside_it_for_who_has_no_mouse(mixed, signed_in, viewer):
    shown = signed_in(viewer).get(address(mixed, "/")).content.decode()
    low, high = wilson(2, 10)
    assert f'20 %<div class="row__note">{100 * low:.0f} % to {100 * high:.0f} %</div>' in shown and 'title="95 %' not in shown


def test_before_a_cell_is_chosen_the_mistakes_stand_there_and_lead_to_their_images(mixed, signed_in, viewer):
    shown = part(signed_in(viewer), mixed, "right=0")
    assert ">Mistakes<" in shown and "Choose a cell" in shown and "27 of 30 images are named rightly" in shown
    assert "Open 3 images" in shown and f'href="/evaluations/{mixed.pk}/images/?right=0"' in shown
    assert 'strip-said__true" title="blue"' in shown and 'strip-said__true" title="red"' in shown  # which is not among the five best, maybe
    cell = part(signed_in(viewer), mixed, "true=0&said=2")
    assert "Choose a cell" not in cell and "strip-said__true" not in cell


@pytest.mark.parametrize(
    ("query", "words", "shown"),
    [
        ("", "Mistakes", 'data-shown="right=0"'),
        ("?true=0&said=2", "2 of 10 images of blue are called red", ""),
        ("?true=nothing", "All images", ""),
    ],
)
def test_the_page_opens_with_the_part_that_it_names(mixed, signed_in, viewer, query, words, shown):
    page = signed_in(viewer).get(address(mixed, f"/{query}")).content.decode()
    beside = page[page.index('id="matrix-part"') : page.index('id="pairs"')]
    assert words in beside and "data:image/" in beside and shown in beside and (shown or "data-shown" not in beside)


def test_the_page_opens_without_images_where_they_are_not_on_this_server(mixed, signed_in, viewer, monkeypatch):
    def missing(*_args):
        raise packs.Missing

    monkeypatch.setattr("webapp.evaluations.matrix.views.tiles", missing)
    answer = signed_in(viewer).get(address(mixed, "/"))
    assert answer.status_code == 200 and "Choose a cell, or a class's name" in answer.content.decode()


def test_without_single_predictions_a_part_still_has_its_figures(mixed, signed_in, viewer):
    scored_path(mixed.experiment.folder / mixed.predictions).unlink()
    shown = part(signed_in(viewer), mixed, "true=0&said=2")
    assert "2 of 10" in shown and "evaluate the checkpoint again" in shown


@pytest.mark.parametrize("rest", ["/", "/data/", "/part/", ".csv"])
def test_an_outsider_finds_nothing_and_what_is_not_done_has_no_matrix(rest, mixed, signed_in, viewer, outsider):
    assert signed_in(outsider).get(address(mixed, rest)).status_code == 404
    Evaluation.objects.update(result=None, confusion=None)
    assert signed_in(viewer).get(address(mixed, rest)).status_code == (302 if rest == "/" else 404)


@pytest.mark.parametrize("query", ["true=99&said=x", "true=-1", "true=" + "9" * 400, "said=0,1,2,3-1"])
def test_a_part_that_there_is_not_is_the_whole(query, mixed, signed_in, viewer):
    assert "Open 30 images" in part(signed_in(viewer), mixed, query) or "said=0" in query


def test_the_data_is_json_of_plain_numbers(mixed, signed_in, viewer):
    assert json.loads(signed_in(viewer).get(address(mixed, "/data/")).content)["counts"][0] == 8
