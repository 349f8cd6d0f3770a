"""What a manifest said besides the class: shown of each image, and to filter by where the values are few."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from webapp.datasets.browsing import columns, order, progress
from webapp.datasets.models import DatasetVersion


def written(folder: Path, names: list[str], rows: list[list[str]]) -> Path:
    """A folder with metadata as the engine writes it."""
    folder.mkdir()
    (folder / "dataset.json").write_text(json.dumps({"columns": names}))
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def told(found: columns.Columns) -> list[Any]:
    return [
        (each.name, each.values, each.counts, None if each.codes is None else np.asarray(each.codes).tolist()) for each in found.columns
    ]


def test_the_values_of_a_column_are_counted(tmp_path: Path) -> None:
    folder = written(tmp_path / "data", ["camera", "note"], [["Canon", "a"], ["Nikon", "b"], ["Canon"], ["", "c"]])
    assert told(columns.counted(folder)) == [
        ("camera", ["Canon", "Nikon", ""], [2, 1, 1], [0, 1, 0, 2]),
        ("note", ["a", "b", "", "c"], [1, 1, 1, 1], [0, 1, 2, 3]),
    ]


def test_a_column_of_many_values_is_none_to_filter_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "FEW", 2)
    folder = written(tmp_path / "data", ["camera", "note"], [["Canon", "a"], ["Nikon", "b"], ["Canon", "c"]])
    assert told(columns.counted(folder))[1] == ("note", None, [], None)
    assert columns.holds(folder, 1, "a", 3).tolist() == [False] * 3 and columns.holds(folder, 0, "Canon", 3).tolist() == [True, False, True]


def test_the_files_tell_the_same_as_the_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"{number % 3}", f"{number}"] for number in range(600)]
    folder = written(tmp_path / "data", ["few", "many"], rows)
    counted = columns.counted(folder)
    columns.build(folder)
    monkeypatch.setattr(columns, "LIGHT_BYTES", 0)  # nothing is counted any more
    assert told(columns.of(folder)) == told(counted) and columns.of(folder).offsets == counted.offsets
    assert columns.holds(folder, 0, "2", 600).sum() == 200


def test_making_what_pages_ask_for_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "AT_ONCE", 2)
    folder = written(tmp_path / "data", ["few"], [["x"]] * 5)
    (folder / "dataset.json").write_text(json.dumps({"columns": ["few"], "images": 4}))  # and one that was taken out
    (folder / "paths.txt").write_text("".join(json.dumps(f"{number}.png") + "\n" for number in (3, 1, 2, 5, 4)))
    heard: list[Any] = []
    columns.build(folder, lambda *said: heard.append(said))
    assert heard == [(2, 4, "indexing"), (4, 4, "indexing"), (5, 5, "indexing")]
    order.build(folder, lambda *said: heard.append(said))
    assert heard[3:] == 2 * heard[:3]  # paths that are in no order are gone over twice


def test_a_version_without_metadata_gets_no_files(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text("{}")
    columns.build(tmp_path)
    assert columns.of(tmp_path) == columns.NONE and columns.cells(tmp_path, 0) == [] and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("files", [True, False])
def test_an_image_is_shown_with_its_own_line(files: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "data", ["few", "many"], [["x", f"{number}"] for number in range(600)])
    if files:
        columns.build(folder)
    else:
        monkeypatch.setattr(columns, "LIGHT_BYTES", 0)
    assert [columns.cells(folder, position) for position in (0, 255, 256, 599)] == [
        [("few", "x"), ("many", f"{position}")] for position in (0, 255, 256, 599)
    ]
    assert columns.cells(folder, 600) == []


def test_the_open_picture_tells_what_the_manifest_said(listed: DatasetVersion, owner: Any, signed_in: Any) -> None:
    page = signed_in(owner).get(reverse("datasets:history", args=[listed.dataset_id, 1])).content.decode()
    assert "camera" in page and "Nikon" in page and "seen at 1 o&#x27;clock" in page


def test_the_filters_offer_columns_of_few_values_by_number(listed: DatasetVersion, owner: Any, signed_in: Any) -> None:
    client: Client = signed_in(owner)
    page = client.get(reverse("datasets:detail", args=[listed.dataset_id]), {"is": "0:Canon"})
    assert [tile["position"] for tile in page.context["tiles"]] == [0, 2, 4]
    assert [value["name"] for value in page.context["columns"][0]["values"]] == ["Canon", "Nikon", "(empty)"]
    assert '<option value="0:Canon" selected>Canon (3)</option>' in page.content.decode()


def test_what_was_told_of_an_erased_image_is_told_and_counted_no_more(tmp_path: Path) -> None:
    folder = written(tmp_path / "data", ["person"], [["Ada"], ["Ben"], ["Ben"]])
    columns.build(folder)
    assert columns.of(folder).columns[0].values == ["Ada", "Ben"]
    (folder / "metadata.jsonl").write_text('[""]\n["Ben"]\n["Ben"]\n')
    columns.count_anew(folder)
    assert told(columns.of(folder)) == [("person", ["", "Ben"], [1, 2], [0, 1, 1])]
    assert "Ada" not in (folder / "columns.json").read_text()
