"""Documents whose labels or images are objects of their own, and addresses that name images."""

from __future__ import annotations

import json

import pytest

from tests.classifier.data.listings import counts, inspected, listed, told

SHOWN = ("cat", "dog")
ROWS = [(f"{n}.jpg", SHOWN[n % 2]) for n in range(8)]
PATHS = [name for name, _ in ROWS]
WAYS = {
    "metadata.jsonl": listed(
        json.dumps({}), (json.dumps({"file_name": name, "label": {"id": len(shows), "name": shows}}) for name, shows in ROWS)
    ),
    "list.jsonl": listed(json.dumps({}), (json.dumps({"file_name": name, "labels": [{"id": 1, "name": shows}]}) for name, shows in ROWS)),
    "labels.json": json.dumps([{"image": name, "category": {"title": shows}} for name, shows in ROWS]),
    "wrapped.json": json.dumps({"version": 1, "items": [{"image": name, "label": shows} for name, shows in ROWS]}),
    "map.json": json.dumps({name: {"label": shows, "width": 8} for name, shows in ROWS}),
}


@pytest.mark.parametrize("file", WAYS)
def test_a_label_is_what_its_object_is_called(tmp_path, file):
    said = inspected(tmp_path, PATHS, {file: WAYS[file]})
    assert (counts(said), told(said)) == ({"cat": 4, "dog": 4}, {})


def test_an_image_of_two_such_labels_is_told(tmp_path):
    rows = [
        {"image": name, "labels": [{"name": "cat"}, {"name": "dog"}] if n < 2 else [{"name": shows}]}
        for n, (name, shows) in enumerate(ROWS)
    ]
    said = inspected(tmp_path, PATHS, {"labels.json": json.dumps(rows)})
    assert (counts(said), told(said)) == ({"cat": 3, "dog": 3}, {"several_classes": PATHS[:2]})


def test_lists_of_objects_under_the_words_of_splits_give_the_splits(tmp_path):
    parts = {"train": ROWS[:4], "val": ROWS[4:6], "test": ROWS[6:]}
    document = {split: [{"image": name, "label": shows} for name, shows in rows] for split, rows in parts.items()}
    said = inspected(tmp_path, PATHS, {"labels.json": json.dumps(document)})
    assert said["classes"] == {shows: {"train": 2, "validation": 1, "test": 1, "open": 0} for shows in SHOWN}


def test_an_address_names_an_image_without_what_stands_behind_it(tmp_path):
    rows = (f"https://host.example/set/my%20photo%20{name}?Expires=1&Signature=a/b,{shows}" for name, shows in ROWS)
    said = inspected(tmp_path, [f"my photo {name}" for name in PATHS], {"labels.csv": listed("image,label", rows)})
    assert (counts(said), told(said)) == ({"cat": 4, "dog": 4}, {})


def test_a_document_that_helps_nothing_is_named(tmp_path):
    said = inspected(tmp_path, PATHS, {"notes.json": json.dumps({"answers": {"a": [1, 2]}})})
    assert "notes.json was read" in said["message"]
