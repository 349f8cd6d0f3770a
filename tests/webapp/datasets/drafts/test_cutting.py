"""Splits cut anew in a draft: what stays together, how many images a class keeps, and what the form shows of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from classifier.data.together import read_groups, write_groups
from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.browsing import columns
from webapp.datasets.drafts import cutting, overlay
from webapp.datasets.drafts.file import changes
from webapp.datasets.models import Dataset, DatasetVersion, Edit

Seal = Callable[[], DatasetVersion]
SHARES = {"split": "60/20/20", "seed": 4}


@pytest.fixture
def with_table(version: DatasetVersion) -> DatasetVersion:
    """The same version as if a table had named each image's ward, four of them."""
    about = json.loads((version.folder / "dataset.json").read_text())
    lines = (f" {json.dumps(key)}: {json.dumps(value)}" for key, value in (about | {"columns": ["site", "ward"]}).items())
    (version.folder / "dataset.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    rows = "".join(json.dumps(["Bonn", f"w{position % 4}"]) + "\n" for position in range(24))
    (version.folder / "metadata.jsonl").write_text(rows)
    return version


def cut(dataset: Dataset) -> list[dict[str, Any]]:
    draft = drafts.current(dataset)
    assert draft
    return list(changes(draft))


def wards(version: DatasetVersion) -> list[set[int]]:
    return [{sample.split for sample in version.samples.all() if sample.position % 4 == ward} for ward in range(4)]


def test_a_draft_is_cut_by_a_column(actor: Actor, dataset: Dataset, with_table: DatasetVersion, seal: Seal) -> None:
    drafts.resplit(actor, dataset, SHARES, keep_test=False, together="column:ward")
    assert all(len(splits) == 1 for splits in wards(seal()))


def test_a_column_that_there_is_not_is_refused(actor: Actor, dataset: Dataset, with_table: DatasetVersion) -> None:
    with pytest.raises(ConfigError) as error:
        drafts.resplit(actor, dataset, SHARES, keep_test=False, together="column:doctor")
    assert "names no column of this dataset: 'doctor'" in error.value.fields["together"] and drafts.current(dataset) is None


def test_a_column_and_a_pattern_at_once_are_refused(actor: Actor, dataset: Dataset, with_table: DatasetVersion) -> None:
    with pytest.raises(ConfigError) as error:
        drafts.resplit(actor, dataset, SHARES | {"group": "a"}, keep_test=False, together="column:ward")
    assert set(error.value.fields) == {"group"}


def test_classes_are_brought_to_a_size_before_they_are_cut(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.change(actor, dataset, [0, 1, 2, 3, 4, 5], label="bee")
    drafts.resplit(actor, dataset, SHARES | {"least": "3", "most": "10"}, keep_test=False)
    assert [line["op"] for line in cut(dataset)[-2:]] == ["limit", "split"]
    assert overlay.words(drafts.current(dataset)) == "6 relabelled, classes to be brought to a size, splits to be cut anew"
    made = seal()
    assert {entry["label"]: entry["train"] + entry["validation"] + entry["test"] for entry in made.classes} == {"bee": 10, "cow": 8}


def test_what_looks_alike_is_kept_together_where_that_is_asked_for(actor: Actor, dataset: Dataset, seal: Seal) -> None:
    drafts.resplit(actor, dataset, SHARES | {"alike": "1"}, keep_test=False)
    assert cut(dataset)[-1]["alike"] is True and read_groups(seal().folder, 24) is not None


def test_what_was_kept_together_is_let_go(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:
    write_groups(version.folder, [position // 8 * 8 for position in range(24)])
    drafts.resplit(actor, dataset, SHARES, keep_test=False, together="-")
    assert read_groups(seal().folder, 24) is None


def test_without_more_a_cut_is_as_it_always_was(actor: Actor, dataset: Dataset) -> None:
    drafts.resplit(actor, dataset, SHARES, keep_test=True)
    assert cut(dataset) == [{"op": "split", "shares": [60.0, 20.0, 20.0], "seed": 4, "keep_test": True}]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"least": "0"}, "least", "expected a whole number of images from 1"),
        ({"most": "many"}, "most", '"many" came'),
        ({"least": "9", "most": "8"}, "most", "expected at least 9, the least images a class; 8 came"),
        ({"alike": "perhaps"}, "alike", "expected true or false"),
    ],
)
def test_what_is_no_size_is_named_at_its_field(actor: Actor, dataset: Dataset, given: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        drafts.resplit(actor, dataset, SHARES | given, keep_test=False)
    assert words in error.value.fields[field]


def test_the_form_names_the_columns_and_shows_what_the_draft_has(
    owner: Any, signed_in: Callable[[Any], Client], dataset: Dataset, with_table: DatasetVersion
) -> None:
    client, page = signed_in(owner), reverse("datasets:classes", args=[dataset.id])
    html = client.get(page).content.decode()
    assert '<option value="column:ward">images of one ward</option>' in html
    assert 'name="alike" value="1" checked' in html and 'name="keep_test" value="1" checked' in html and "lists such leaks" in html
    sent = {**SHARES, "together": "column:ward", "most": "7", "keep_test": "1"}
    client.post(reverse("datasets:resplit", args=[dataset.id]), sent)
    html = client.get(page).content.decode()
    assert '<option value="column:ward" selected>' in html and 'name="most" value="7"' in html
    assert 'name="alike" value="1">' in html and 'name="keep_test" value="1" checked' in html
    assert "60 / 20 / 20, seed 4, by the column ward, at most 7 images a class, the test split stays" in html


def test_a_dataset_without_a_table_has_nothing_to_choose(owner: Any, signed_in: Callable[[Any], Client], dataset: Dataset) -> None:
    html = signed_in(owner).get(reverse("datasets:classes", args=[dataset.id])).content.decode()
    assert 'name="together"' not in html and 'name="group"' in html


def test_the_cut_is_undone_as_one(actor: Actor, dataset: Dataset) -> None:
    drafts.resplit(actor, dataset, SHARES | {"most": "7"}, keep_test=False)
    drafts.undo(actor, dataset)
    draft = drafts.current(dataset)
    assert draft and draft.is_empty and Edit.objects.count() == 1


def test_the_columns_are_read_without_the_problems_before_them(version: DatasetVersion) -> None:
    assert columns.names_of(version.folder) == [] and not cutting.grouped(version)
