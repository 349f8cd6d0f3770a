"""What two versions differ in, and its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from webapp.accounts.actor import Actor
from webapp.datasets import differences, drafts
from webapp.datasets.differences import Rows
from webapp.datasets.models import Dataset, DatasetVersion

OUT = 255
Seal = Callable[[], DatasetVersion]


def rows(labels: str, splits: list[int], names: str) -> Rows:
    """Samples by the first letters of their classes; `names` are the classes, sorted."""
    numbers = [max(0, names.find(letter)) for letter in labels]
    entries = [{"label": name} for name in names]
    return Rows(np.array(numbers, np.uint32), np.array(splits, np.uint8), entries)


def test_each_kind_of_change_is_found_by_position() -> None:
    found = differences.between(rows("aabbc", [0, 0, 0, 1, OUT], "abc"), rows("abb.c", [0, 0, 2, OUT, 0], "abc"))
    assert (found.relabelled.tolist(), found.moved.tolist()) == ([1], [2])
    assert (found.removed.tolist(), found.added.tolist()) == ([3], [4])


def test_equal_versions_differ_in_nothing() -> None:
    same = rows("aabb", [0, 1, 2, 0], "ab")
    assert differences.between(same, same).counts == {"relabelled": 0, "moved": 0, "removed": 0, "added": 0, "renamed": 0}


def test_a_class_is_the_same_by_its_label_whatever_its_number() -> None:
    found = differences.between(rows("bbcc", [0] * 4, "bc"), rows("bbca", [0] * 4, "abc"))
    assert found.relabelled.tolist() == [3] and found.pairs == [("c", "a", 1)]


def test_a_renamed_class_is_not_as_many_relabelled_images() -> None:
    found = differences.between(rows("aabb", [0] * 4, "ab"), rows("xxbb", [0] * 4, "bx"))
    assert found.counts["relabelled"] == 0 and found.renamed == [("a", "x", 2)]


def test_merged_and_split_classes_are_relabelled_images() -> None:
    merged = differences.between(rows("aabbc", [0] * 5, "abc"), rows("bbbbc", [0] * 5, "bc"))
    assert merged.pairs == [("a", "b", 2)] and merged.renamed == [] and merged.relabelled.tolist() == [0, 1]
    split = differences.between(rows("aabb", [0] * 4, "ab"), rows("xybb", [0] * 4, "bxy"))
    assert sorted(split.pairs) == [("a", "x", 1), ("a", "y", 1)] and split.renamed == []


def test_a_version_that_grew_has_added_images_at_its_end() -> None:
    found = differences.between(rows("ab", [0, 0], "ab"), rows("abba", [0, 0, OUT, 1], "ab"))
    assert found.added.tolist() == [3]
    back = differences.between(rows("abba", [0, 0, OUT, 1], "ab"), rows("ab", [0, 0], "ab"))
    assert back.removed.tolist() == [3]


def test_the_images_of_one_pair_are_found() -> None:
    found = differences.between(rows("aabb", [0] * 4, "abc"), rows("bcab", [0] * 4, "abc"))
    assert found.positions("relabelled", ("a", "c")).tolist() == [1] and found.positions("relabelled", ("x", "c")).tolist() == []


@pytest.fixture
def client(owner: Any, signed_in: Callable[[Any], Client]) -> Client:
    return signed_in(owner)


@pytest.fixture
def address(actor: Actor, dataset: Dataset, seal: Seal) -> str:
    """Of what version 2 differs in from version 1: three ants are cows, one is taken out, one bee is a cow."""
    drafts.change(actor, dataset, [0, 1, 2], label="cow")
    drafts.change(actor, dataset, [3], removed=True)
    drafts.change(actor, dataset, [8], label="cow")
    seal()
    return reverse("datasets:difference", args=[dataset.id, 2])


def test_the_page_shows_counts_pairs_and_pictures(client: Client, address: str) -> None:
    answer = client.get(address)
    html = answer.content.decode()
    assert "Relabelled 4" in html and "Taken out 1" in html and "Added 0" in html
    assert [(pair.before, pair.after, pair.images) for pair in answer.context["pairs"]] == [("ant", "cow", 3), ("bee", "cow", 1)]
    assert [tile["position"] for tile in answer.context["tiles"]] == [0, 1, 2, 8]
    assert html.count('tile__was">ant ·') == 3 and html.count("/thumb") == 4


def test_one_kind_and_one_pair_can_be_shown(client: Client, address: str) -> None:
    gone = client.get(address, {"kind": "removed"})
    assert [tile["position"] for tile in gone.context["tiles"]] == [3] and "→ taken out" in gone.content.decode()
    pair = client.get(address, {"kind": "relabelled", "was": "bee", "became": "cow"})
    assert [tile["position"] for tile in pair.context["tiles"]] == [8]


def test_the_way_back_shows_what_would_come_back(client: Client, address: str, dataset: Dataset) -> None:
    answer = client.get(reverse("datasets:difference", args=[dataset.id, 1]), {"from": "2", "kind": "added"})
    assert [tile["position"] for tile in answer.context["tiles"]] == [3] and "not there" in answer.content.decode()


def test_many_images_come_a_part_at_a_time(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.datasets.views.versions.DIFFERENCE_ROWS", 2)
    first = client.get(address)
    second = client.get(first.context["next"], headers={"HX-Request": "true"})
    assert [tile["position"] for tile in second.context["tiles"]] == [2, 8] and not second.context["next"]
    assert "<html" not in second.content.decode()


@pytest.mark.parametrize("query", ["from=9", "from=x", f"from={'9' * 30}"])
def test_a_version_that_is_not_there_is_404(query: str, client: Client, address: str) -> None:
    assert client.get(f"{address}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["kind=odd", "after=-1", "after=x", f"after={10**30}", "was=%00&became=cow&kind=relabelled"])
def test_a_filter_that_makes_no_sense_is_no_error(query: str, client: Client, address: str) -> None:
    assert client.get(f"{address}?{query}").status_code == 200


def test_a_version_whose_files_are_gone_is_404(client: Client, address: str, dataset: Dataset) -> None:
    (dataset.folder / "versions" / "2" / "samples.bin").unlink()
    assert client.get(address).status_code == 404
