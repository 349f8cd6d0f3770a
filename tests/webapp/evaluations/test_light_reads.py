"""Parts of pages that bring images are asked for again and again: they leave in the database what they do not show."""

from __future__ import annotations

import pytest
from django.urls import reverse

from classifier.metrics import sparse
from webapp.evaluations.images.showing import Told
from webapp.evaluations.models import Evaluation

ASKED = {
    "images-tiles": {"true": "0"},
    "map-points": {},
    "map-tiles": {"points": "0,1"},
    "matrix-part": {"true": "0", "said": "0"},
}


@pytest.fixture
def ask(evaluated, signed_in, viewer):
    client = signed_in(viewer)

    def get(name: str, **fields):
        answer = client.get(reverse(f"evaluations:{name}", args=[evaluated.pk]), fields, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.mark.parametrize("name", ASKED)
def test_neither_the_matrix_nor_the_mistakes_are_read_for_some_images(name, ask, django_assert_max_num_queries):
    ask(name, **ASKED[name])  # of a matrix its cells are kept from now on
    with django_assert_max_num_queries(20) as asked:
        ask(name, **ASKED[name])
    heavy = [query["sql"] for query in asked.captured_queries if '"confusion"' in query["sql"] or '"mistakes"' in query["sql"]]
    assert heavy == []


def test_an_evaluation_that_is_deleted_between_two_looks_is_not_there(evaluated, signed_in, viewer, monkeypatch):
    def told(evaluation):
        Evaluation.objects.filter(pk=evaluation.pk).delete()
        return Told(evaluation)

    client = signed_in(viewer)
    monkeypatch.setattr("webapp.evaluations.matrix.views.Told", told)
    address = reverse("evaluations:matrix-part", args=[evaluated.pk])
    assert client.get(address, {"true": "0"}, headers={"HX-Request": "true"}).status_code == 404


def test_what_was_measured_again_has_the_cells_of_then(evaluated, ask):
    counts = evaluated.counts
    before = f"{counts[0].sum()} images of blue"
    assert before in ask("matrix-part", true="0")
    evaluated.confusion = sparse(3 * counts)
    evaluated.result |= {"n": 3 * evaluated.result["n"]}
    evaluated.save()
    assert f"{3 * counts[0].sum()} images of blue" in ask("matrix-part", true="0")
