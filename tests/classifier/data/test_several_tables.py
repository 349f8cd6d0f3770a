"""Several tables or lists in one source: what each is about, and what they contradict each other in."""

from __future__ import annotations

import json

import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from tests.classifier import images

FOLDERS = [f"{label}/{label}_{n:02}.png" for label in ("cat", "dog") for n in range(20)]
FLAT = [f"images/{n}.png" for n in range(40)]


@pytest.fixture(params=[5000, 5], ids=["all looked at", "five looked at"])
def sample(request, monkeypatch):
    """Layouts of large sets are judged by some of the images alone."""
    monkeypatch.setattr("classifier.data.survey.SAMPLE", request.param)


def labels(numbers, label=lambda n: "ab"[n % 2]) -> bytes:
    return ("file,label\n" + "".join(f"{n}.png,{label(n)}\n" for n in numbers)).encode()


def lines(paths) -> bytes:
    return "".join(f"{path}\n" for path in paths).encode()


def number(path: str) -> int:
    return int("".join(character for character in path if character.isdecimal()))


def inspected(tmp_path, paths, tables, **chosen):
    files = {**dict.fromkeys(paths, b"not opened"), **tables}
    return inspect_source(images.write_zip(tmp_path / "in.zip", files), choice_of(json.dumps(chosen)))


def told(said) -> dict[str, list[str]]:
    """{rule: the first files that it is said of}."""
    return {entry["rule"]: entry["first"] for entry in said["left"]}


def totals(said) -> dict[str, int]:
    return {split: sum(count[split] for count in said["classes"].values()) for split in ("train", "validation", "test", "open")}


# Rows and their images


@pytest.mark.usefixtures("sample")
def test_no_row_is_missed_whose_image_another_list_names_too(tmp_path):
    tables = {"all.csv": labels(range(40)), "train.csv": labels(range(30)), "test.csv": labels(range(30, 40))}
    said = inspected(tmp_path, FLAT, tables)
    assert said["left"] == [] and totals(said) == {"train": 30, "validation": 0, "test": 10, "open": 0}


@pytest.mark.usefixtures("sample")
def test_an_image_in_the_lists_of_two_splits_is_told(tmp_path):
    cuts = {"train.txt": range(15), "val.txt": range(13, 18), "test.txt": range(18, 20)}
    said = inspected(tmp_path, FOLDERS, {name: lines(p for p in FOLDERS if number(p) in wanted) for name, wanted in cuts.items()})
    (entry,) = said["left"]
    assert (entry["rule"], entry["count"]) == ("two_splits", 4) and "cat/cat_13.png" in entry["first"]


def test_a_row_of_an_image_that_cannot_be_read_is_not_missed_in_a_tar(tmp_path):
    files = {path: images.picture(n) for n, path in enumerate(FLAT)} | {"images/3.png": b"no image", "labels.csv": labels(range(40))}
    said = import_dataset(images.write_tar(tmp_path / "in.tar", files), tmp_path / "out")
    assert {(problem["file"], problem["rule"]) for problem in said["problems"]} == {("images/3.png", "not_an_image")}


def test_a_row_of_an_image_in_a_folder_that_is_left_out_is_not_missed(tmp_path):
    paths = [*FLAT, "old/40.png"]
    table = ("file,label\n" + "".join(f"{path},{'ab'[n % 2]}\n" for n, path in enumerate(paths))).encode()
    assert set(told(inspected(tmp_path, paths, {"labels.csv": table}, leave=["old"]))) == {"left_aside"}


def test_two_images_that_one_row_names_are_told(tmp_path):
    paths = [f"part_1/{n}.png" for n in range(20)] + [f"part_2/{n}.png" for n in range(19, 40)]
    said = inspected(tmp_path, paths, {"labels.csv": labels(range(40))})
    assert (said["kind"], told(said)) == ("manifest", {"ambiguous_name": ["part_2/19.png"]})


def test_a_later_row_says_what_the_first_of_an_image_leaves_open(tmp_path):
    rows = "".join(f"{n}.png,\n{n}.png,{'ab'[n % 2]}\n" for n in range(40))
    said = inspected(tmp_path, FLAT, {"labels.csv": f"file,label\n{rows}".encode()})
    assert (set(said["classes"]), said["left"]) == ({"a", "b"}, [])


def test_two_splits_of_one_image_in_a_table_are_told(tmp_path):
    rows = "".join(f"{n}.png,{'ab'[n % 2]},train\n" for n in range(40)) + "7.png,b,test\n"
    assert told(inspected(tmp_path, FLAT, {"labels.csv": f"file,label,split\n{rows}".encode()})) == {"two_splits": ["7.png"]}


def test_a_table_of_few_rows_is_found_where_none_of_its_images_was_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.survey.SAMPLE", 5)
    for first in range(0, 40, 8):
        small = range(first, first + 2)
        said = inspected(tmp_path, FLAT, {"train.csv": labels(n for n in range(40) if n not in small), "val.csv": labels(small)})
        assert totals(said) == {"train": 38, "validation": 2, "test": 0, "open": 0} and said["left"] == []


def test_a_table_of_few_rows_about_other_images_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.survey.SAMPLE", 5)
    said = inspected(tmp_path, FLAT, {"train.csv": labels(range(40)), "val.csv": labels(range(50, 53))})
    assert said["left"] == [] and {row["file"]: row["used"] for row in said["tables"]} == {"train.csv": True, "val.csv": False}


# Tables that say different things


def test_labels_that_two_tables_contradict_each_other_in_are_told(tmp_path):
    tables = {"a.csv": labels(range(40)), "b.csv": labels(range(40), lambda n: "ab"[n % 2] if n != 7 else "a")}
    said = inspected(tmp_path, FLAT, tables)
    assert told(said) == {"two_labels": ["images/7.png"]}
    assert said["left"][0]["message"] == "It is 'b' by a.csv and 'a' by b.csv; the first was taken."


def test_a_table_of_other_classes_is_left_aside_and_told(tmp_path):
    tables = {"a.csv": labels(range(40)), "b.csv": labels(range(40), lambda n: "xyz"[n % 3])}
    said = inspected(tmp_path, FLAT, tables)
    assert (set(said["classes"]), told(said)) == ({"a", "b"}, {"other_classes": ["b.csv"]})


def test_an_age_is_not_the_class_where_another_table_names_it(tmp_path):
    ages = ("file,age\n" + "".join(f"{n}.png,{20 + n % 7}\n" for n in range(40))).encode()
    files = {**{path: images.picture(n) for n, path in enumerate(FLAT)}, "ages.csv": ages, "labels.csv": labels(range(40))}
    import_dataset(images.write_zip(tmp_path / "in.zip", files), tmp_path / "out")
    data = Dataset.open(tmp_path / "out")
    assert (list(data.classes), data.about["columns"]) == (["a", "b"], ["age"])


@pytest.mark.usefixtures("sample")
def test_lists_of_paths_are_the_splits_of_a_table_without_any(tmp_path):
    tables = {"labels.csv": labels(range(40)), "train.txt": lines(FLAT[:30]), "val.txt": lines(FLAT[30:])}
    said = inspected(tmp_path, FLAT, tables)
    assert (said["kind"], totals(said)) == ("manifest", {"train": 30, "validation": 10, "test": 0, "open": 0})


def test_a_class_and_a_group_are_chosen_of_two_tables(tmp_path):
    patients = ("file,patient,ward\n" + "".join(f"{n}.png,p{n // 4},{'xyz'[n % 3]}\n" for n in range(40))).encode()
    said = inspected(tmp_path, FLAT, {"labels.csv": labels(range(40)), "patients.csv": patients}, label="label", group="ward")
    assert set(said["classes"]) == {"a", "b"}
    assert {row["file"]: row["group"] for row in said["tables"]} == {"labels.csv": None, "patients.csv": "ward"}


# Lists that cut the same images several times


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("name", ["{}ing_{:02}.txt", "{}{}.txt", "{1}/{0}.txt"])
@pytest.mark.parametrize("cuts", [2, 4])
def test_the_first_of_several_cuts_is_taken(tmp_path, name, cuts):
    tables = {}
    for cut in range(1, cuts + 1):
        tables[name.format("train", cut)] = lines(path for path in FOLDERS if number(path) % cuts != cut - 1)
        tables[name.format("test", cut)] = lines(path for path in FOLDERS if number(path) % cuts == cut - 1)
    said = inspected(tmp_path, FOLDERS, tables)
    part = len(FOLDERS) // cuts
    assert totals(said) == {"train": len(FOLDERS) - part, "validation": 0, "test": part, "open": 0}
    assert told(said) == {"several_cuts": [name.format("test", 1), name.format("train", 1)]}


def test_numbered_lists_of_different_images_are_parts_of_one(tmp_path):
    tables = {"train_1.csv": labels(range(15)), "train_2.csv": labels(range(15, 30)), "test_1.csv": labels(range(30, 40))}
    said = inspected(tmp_path, FLAT, tables)
    assert said["left"] == [] and totals(said) == {"train": 30, "validation": 0, "test": 10, "open": 0}


def test_the_lists_of_the_other_cuts_are_shown_with_the_reason(tmp_path):
    tables = {f"train{cut}.csv": labels(n for n in range(40) if n % 4 != cut) for cut in range(1, 4)}
    rows = {row["file"]: row["why"] for row in inspected(tmp_path, FLAT, tables)["tables"]}
    assert rows["train1.csv"] == "" and rows["train2.csv"] == "one of several numbered cuts of the same images; train1.csv was taken"
