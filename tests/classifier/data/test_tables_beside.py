"""Class folders with tables beside them: the folders say what images show, the tables give splits, groups and metadata."""

from __future__ import annotations

import json

import pytest

from classifier.cli.output import describe
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from classifier.spec.errors import InputError
from tests.classifier import images

PATHS = [f"{label}/{label}_{n:02}.png" for label in ("cat", "dog") for n in range(20)]
SITES = ("Bonn", "Köln")


def table(*columns: str) -> bytes:
    """A row an image: which patient (four images each), age, sex and site it is of, and its class as a number."""
    cells = {
        "image": lambda path, n: path,
        "patient_id": lambda path, n: f"p{n // 4}",
        "age": lambda path, n: str(20 + n % 13),
        "sex": lambda path, n: "mf"[n % 2],
        "site": lambda path, n: SITES[n // 4 % 2],
        "target": lambda path, n: str(int(path.startswith("dog"))),
        "finding": lambda path, n: "abc"[n % 3],
        "label": lambda path, n: "xyz"[n % 3],
        "part": lambda path, n: "test" if n % 4 == 0 else "train",
    }
    rows = [",".join(cells[column](path, n) for column in columns) for n, path in enumerate(PATHS)]
    return "\n".join([",".join(columns), *rows, ""]).encode()


def inspected(tmp_path, tables, **chosen):
    files = {**dict.fromkeys(PATHS, b"not opened"), **tables}
    return inspect_source(images.write_zip(tmp_path / "in.zip", files), choice_of(json.dumps(chosen)))


def imported(tmp_path, tables, **chosen) -> Dataset:
    files = {**{path: images.picture(n) for n, path in enumerate(PATHS)}, **tables}
    import_dataset(images.write_zip(tmp_path / "in.zip", files), tmp_path / "out", choice=choice_of(json.dumps(chosen)))
    return Dataset.open(tmp_path / "out")


def splits_by(data: Dataset, of) -> dict[str, set[int]]:
    """{what `of` makes of an image's number: the splits that such images are in}."""
    found: dict[str, set[int]] = {}
    for i in range(len(data)):
        found.setdefault(of(PATHS.index(data.path(i))), set()).add(int(data.splits[i]))
    return found


def test_metadata_beside_class_folders_is_kept_and_its_patients_stay_together(tmp_path):
    data = imported(tmp_path, {"metadata.csv": table("image", "patient_id", "age", "sex")})
    assert (list(data.classes), data.about["layout"], data.about["columns"]) == (["cat", "dog"], "folders", ["patient_id", "age", "sex"])
    cells = [json.loads(line) for line in (tmp_path / "out/metadata.jsonl").read_text().splitlines()]
    first = next(i for i in range(len(data)) if data.path(i) == "dog/dog_01.png")
    assert cells[first] == ["p5", "28", "f"]
    assert all(len(splits) == 1 for splits in splits_by(data, lambda n: f"p{n // 4}").values())


def test_a_class_that_a_table_writes_as_a_number_is_no_metadata(tmp_path):
    said = inspected(tmp_path, {"metadata.csv": table("image", "target", "patient_id")})
    (row,) = said["tables"]
    assert (said["kind"], set(said["classes"])) == ("folders", {"cat", "dog"})
    assert (row["used"], row["label"], row["group"]) == (True, "target", "patient_id")


@pytest.mark.parametrize("column", ["age", "patient_id", "finding"])
def test_the_only_column_of_a_table_is_not_the_class_beside_class_folders(tmp_path, column):
    data = imported(tmp_path, {"metadata.csv": table("image", column)})
    assert (list(data.classes), data.about["columns"]) == (["cat", "dog"], [column])


def test_several_tables_tell_of_the_same_images(tmp_path):
    data = imported(tmp_path, {"ages.csv": table("image", "age"), "patients.csv": table("image", "patient_id")})
    assert data.about["columns"] == ["age", "patient_id"]
    assert all(len(splits) == 1 for splits in splits_by(data, lambda n: f"p{n // 4}").values())


def test_a_table_of_few_of_the_images_is_left_aside_and_the_reason_said(tmp_path):
    half = b"\n".join(table("image", "patient_id", "age").split(b"\n")[:21])
    said = inspected(tmp_path, {"metadata.csv": half})
    (row,) = said["tables"]
    assert not row["used"] and row["why"].startswith("it names 50% of the images")


def test_a_table_that_names_no_image_says_so(tmp_path):
    (row,) = inspected(tmp_path, {"weather.csv": b"day,rain\nmonday,3\ntuesday,4\n"})["tables"]
    assert not row["used"] and row["why"].startswith("no column of it names these images")


def test_a_column_of_splits_counts_beside_metadata(tmp_path):
    text = table("image", "part", "age", "sex").replace(b"part", b"split", 1)
    said = inspected(tmp_path, {"metadata.csv": text})
    assert said["classes"]["cat"] == {"train": 15, "validation": 0, "test": 5, "open": 0}


def test_the_name_of_a_table_of_metadata_makes_no_split_of_all_images(tmp_path):
    said = inspected(tmp_path, {"test_metadata.csv": table("image", "age", "sex")})
    assert said["classes"]["cat"]["open"] == 20 and said["tables"][0]["used"]


def test_rows_of_metadata_without_an_image_are_counted_and_not_named(tmp_path):
    rows = table("image", "age", "sex") + b"".join(b"bird/%d.png,30,m\n" % n for n in range(7))
    (entry,) = inspected(tmp_path, {"metadata.csv": rows})["left"]
    assert (entry["rule"], entry["first"], entry["message"]) == ("missing_file", ["metadata.csv"], "It lists 7 images that are not there.")


def test_the_command_line_says_what_each_table_is_used_for(tmp_path):
    tables = {"metadata.csv": table("image", "patient_id", "age"), "weather.csv": b"day,rain\nmonday,3\ntuesday,4\n"}
    text = describe(inspected(tmp_path, tables))
    assert "table metadata.csv: names the image by image; group patient_id" in text
    assert "table weather.csv: not used: no column of it names these images" in text


# What a table says otherwise


def test_a_table_with_other_classes_is_told_and_the_folders_count(tmp_path):
    said = inspected(tmp_path, {"clusters.csv": table("image", "label")})
    assert set(said["classes"]) == {"cat", "dog"} and not said["tables"][0]["used"]
    assert [(entry["rule"], entry["first"]) for entry in said["left"]] == [("other_classes", ["clusters.csv"])]
    assert said["tables"][0]["why"].startswith("it says other classes: 'x' where 'cat' was taken")


def test_the_numbers_of_a_lists_rows_are_no_other_classes(tmp_path):
    said = inspected(tmp_path, {"cls.txt": "".join(f"{path} {n}\n" for n, path in enumerate(PATHS)).encode()})
    assert (said["left"], said["tables"][0]["used"]) == ([], False)


def test_other_classes_of_a_table_that_tells_more_are_metadata(tmp_path):
    said = inspected(tmp_path, {"metadata.csv": table("image", "label", "patient_id")})
    (row,) = said["tables"]
    assert set(said["classes"]) == {"cat", "dog"} and (row["used"], row["label"], row["group"]) == (True, None, "patient_id")
    assert [entry["rule"] for entry in said["left"]] == ["other_classes"]


# What somebody chooses


@pytest.mark.parametrize("kind", [{"kind": "folders"}, {}, {"kind": "folders", "level": 1}])
def test_a_chosen_column_groups_the_images_of_class_folders(tmp_path, kind):
    data = imported(tmp_path, {"metadata.csv": table("image", "patient_id", "age", "site")}, group="site", **kind)
    assert list(data.classes) == ["cat", "dog"]
    assert all(len(splits) == 1 for splits in splits_by(data, lambda n: SITES[n // 4 % 2]).values())


def test_a_chosen_column_splits_the_images_of_class_folders(tmp_path):
    said = inspected(tmp_path, {"metadata.csv": table("image", "part", "sex")}, kind="folders", split="part")
    assert said["classes"]["dog"] == {"train": 15, "validation": 0, "test": 5, "open": 0}


def test_a_group_of_another_table_is_not_taken_beside_the_chosen_one(tmp_path):
    tables = {"a.csv": table("image", "patient_id", "age"), "b.csv": table("image", "site", "sex")}
    rows = inspected(tmp_path, tables, group="site")["tables"]
    assert {row["file"]: row["group"] for row in rows} == {"a.csv": None, "b.csv": "site"}


def test_no_column_groups_where_that_was_chosen(tmp_path):
    (row,) = inspected(tmp_path, {"metadata.csv": table("image", "patient_id", "age")}, kind="folders", group=None)["tables"]
    assert row["used"] and row["group"] is None


def test_one_table_alone_stands_beside_the_folders_where_it_was_chosen(tmp_path):
    tables = {"a.csv": table("image", "patient_id", "age"), "b.csv": table("image", "site", "sex")}
    rows = inspected(tmp_path, tables, kind="folders", table="b.csv")["tables"]
    assert [(row["file"], row["used"], row["why"]) for row in rows] == [
        ("b.csv", True, ""),
        ("a.csv", False, "another table was asked for"),
    ]


def test_a_column_that_no_table_has_is_refused_in_words(tmp_path):
    tables = {"a.csv": table("image", "patient_id", "age"), "b.csv": table("image", "site", "sex")}
    with pytest.raises(InputError, match="that names its images has a column 'ward'"):
        inspected(tmp_path, tables, kind="folders", group="ward")
