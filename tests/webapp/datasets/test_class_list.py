"""The list of classes: found by a part of a name, sorted by name and by count, however many there are."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.datasets.models import Dataset, DatasetVersion

SignedIn = Callable[[Any], Client]
MANY = 1_000


@pytest.fixture
def many(version: DatasetVersion) -> DatasetVersion:
    """As many as ImageNet has, with more and more images."""
    made = [
        {"name": f"bird {n:04}", "label": f"n{n:05}", "train": n, "validation": MANY - n, "test": 1, "prototype": 0} for n in range(MANY)
    ]
    DatasetVersion.objects.update(classes=[dict(version.classes[0], **each) for each in made])
    return version


def names(client: Client, version: DatasetVersion, query: str, **headers: str) -> list[str]:
    answer = client.get(reverse("datasets:classes", args=[version.dataset_id]) + query, headers=headers)
    return re.findall(r'row__title"><a href="[^"]*">([^<]*)<', answer.content.decode())


def test_a_part_of_a_name_or_of_a_label_is_enough(many: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    client = signed_in(owner)
    assert names(client, many, "?q=BIRD+099") == [f"bird 099{n}" for n in range(10)]
    assert names(client, many, "?q=n00012") == ["bird 0012"]
    assert names(client, many, "?q=owl") == []


@pytest.mark.parametrize(
    ("sort", "first"), [("", 0), ("name", 0), ("-name", 999), ("train", 0), ("-train", 999), ("-validation", 0), ("nonsense", 0)]
)
def test_classes_stand_in_the_order_that_is_asked_for(sort: str, first: int, many: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    assert names(signed_in(owner), many, f"?sort={sort}")[0] == f"bird {first:04}"


def test_a_script_gets_the_table_alone_and_the_address(many: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    address = reverse("datasets:classes", args=[many.dataset_id])
    answer = signed_in(owner).get(f"{address}?q=0999&sort=-all", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode() and "1 of 1,000 classes" in answer.content.decode()
    assert answer.headers["HX-Replace-Url"] == f"{address}?q=0999&sort=-all"


def test_a_thousand_are_searched_at_once(many: DatasetVersion, owner: Any, signed_in: SignedIn) -> None:
    client = signed_in(owner)
    names(client, many, "")
    begun = time.process_time()
    names(client, many, "?q=bird", **{"HX-Request": "true"})
    assert time.process_time() - begun < 0.5


def test_a_viewer_finds_nothing_to_change(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get(reverse("datasets:classes", args=[dataset.id])).content.decode()
    assert "data-change-class" not in page and 'id="change-class"' not in page


def test_a_change_answers_with_the_table_that_is_shown(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{reverse('datasets:classes', args=[dataset.id])}?q=bee"}
    answer = signed_in(owner).post(
        reverse("datasets:change-class", args=[dataset.id]), {"do": "rename", "class": "bee", "to": "wasp"}, headers=headers
    )
    part = answer.content.decode()
    assert "is renamed wasp" in part and ">ant<" not in part and answer.headers["HX-Retarget"] == "#class-table"
    assert "1 class changed" in part and "bee is renamed wasp" in part


def test_a_header_that_is_no_address_is_no_fault(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    address = reverse("datasets:change-class", args=[dataset.id])
    headers = {"HX-Request": "true", "HX-Current-URL": "http://["}
    answer = signed_in(owner).post(address, {"do": "rename", "class": "bee", "to": "wasp"}, headers=headers)
    assert answer.status_code == 200 and "is renamed wasp" in answer.content.decode()


def test_several_classes_that_are_ticked_are_merged(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    client, address = signed_in(owner), reverse("datasets:change-class", args=[dataset.id])
    page = client.get(reverse("datasets:classes", args=[dataset.id])).content.decode()
    assert page.count('type="checkbox" name="classes"') == 3 and 'name="to" list="class-labels"' in page
    fields = {"do": "merge", "classes": ["ant", "cow"], "to": "bee"}
    answer = client.post(address, fields, headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#class-table" and "2 classes changed" in answer.content.decode()
    assert "ant is merged into bee" in answer.content.decode() or "ant goes into bee" in answer.content.decode()
    told = client.post(address, {**fields, "to": "bee", "classes": ["bee"]}, headers={"HX-Request": "true"}).content.decode()
    assert "cannot be merged into itself" in told
    plain = client.post(address, {**fields, "classes": ["ant"], "to": ""}, follow=True).content.decode()
    assert "A class needs a name" in plain
    none = client.post(address, {"do": "merge", "to": "insect"}, follow=True).content.decode()
    assert "Choose two classes or more" in none
    one = client.post(address, {"do": "merge", "classes": ["bee"], "to": "fly"}, follow=True).content.decode()
    assert "Choose two classes or more" in one
    client.post(reverse("datasets:undo", args=[dataset.id]))
    one = client.post(address, {"do": "merge", "classes": ["ant"], "to": "bee"}, follow=True).content.decode()
    assert "The class ant goes into bee now." in one


def test_a_viewer_ticks_nothing(dataset: Dataset, viewer: Any, signed_in: SignedIn) -> None:
    page = signed_in(viewer).get(reverse("datasets:classes", args=[dataset.id])).content.decode()
    assert 'name="classes"' not in page and "data-class-merge" not in page
