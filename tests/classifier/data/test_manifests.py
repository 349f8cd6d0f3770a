"""Images whose classes stand in a table, in the many ways that people write one."""

from __future__ import annotations

import json

import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.spec.errors import InputError
from tests.classifier import images

LABELS = ("cat", "dog")


def pictures(*paths: str, first: int = 0) -> dict[str, bytes]:
    return {path: images.picture(first + place) for place, path in enumerate(paths)}


def numbered(folder: str, count: int = 8, first: int = 0) -> dict[str, bytes]:
    return pictures(*(f"{folder}{number}.png" for number in range(first, first + count)), first=first)


def label(number: int) -> str:
    return LABELS[number % 2]


def imported(tmp_path, files, **options):
    return import_dataset(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out", **options)


def by_path(tmp_path) -> dict[str, tuple[str, int]]:
    """{path: (class, split)} of what was imported."""
    data = Dataset.open(tmp_path / "out")
    return {data.path(i): (data.classes[data.labels[i]], int(data.splits[i])) for i in range(len(data))}


def classes_by_path(tmp_path) -> dict[str, str]:
    return {path: found for path, (found, _) in by_path(tmp_path).items()}


def rules(said) -> dict[str, str]:
    """{file: rule} of what is said about images and rows."""
    return {problem["file"]: problem["rule"] for problem in said["problems"] if problem["rule"] != "too_few"}


WAYS = {
    "by bare name": lambda n: f"{n}.png",
    "by path": lambda n: f"images/{n}.png",
    "by path from here": lambda n: f"./images/{n}.png",
    "by a Windows path": lambda n: f"images\\{n}.png",
    "by a path of another machine": lambda n: f"/home/ann/set/images/{n}.png",
    "by id": lambda n: f"{n}",
    "by another ending": lambda n: f"{n}.jpg",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_csv_names_images(tmp_path, way):
    table = "file,label\n" + "".join(f"{WAYS[way](n)},{label(n)}\n" for n in range(8))
    said = imported(tmp_path, {**numbered("images/"), "labels.csv": table.encode()})
    assert classes_by_path(tmp_path) == {f"images/{n}.png": label(n) for n in range(8)}
    assert (said["problems"], said["ignored"]) == ([], 0)


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
def test_a_table_is_read_from_every_kind_of_source(tmp_path, make):
    table = "".join(f"{n}.png,{label(n)}\n" for n in range(8))
    said = import_dataset(make(tmp_path / "in", {**numbered("set/"), "set/labels.csv": table.encode()}), tmp_path / "out")
    assert {name: sum(counts.values()) for name, counts in said["classes"].items()} == {"cat": 4, "dog": 4}


TABLES = {
    "labels.csv": lambda rows: "image;class\n" + "".join(f"{name};{shows}\n" for name, shows in rows),
    "labels.tsv": lambda rows: "image\tclass\n" + "".join(f"{name}\t{shows}\n" for name, shows in rows),
    "metadata.jsonl": lambda rows: "".join(json.dumps({"file_name": name, "label": shows}) + "\n" for name, shows in rows),
    "list.txt": lambda rows: "".join(f"{name} {shows}\n" for name, shows in rows),
    "list.lst": lambda rows: "".join(f"{n}\t{shows}\t{name}\n" for n, (name, shows) in enumerate(rows)),
}


@pytest.mark.parametrize("file", TABLES)
def test_a_table_of_any_form_is_read(tmp_path, file):
    rows = [(f"a photo {n}.png", label(n)) for n in range(8)]
    files = {**pictures(*(f"set/{name}" for name, _ in rows)), f"set/{file}": TABLES[file](rows).encode()}
    imported(tmp_path, files)
    assert classes_by_path(tmp_path) == {f"set/{name}": shows for name, shows in rows}


def test_labels_of_several_words_stand_behind_the_first_word_of_a_line(tmp_path):
    shown = ("707-320", "Boeing 707", "Douglas Aircraft Company")
    rows = sorted(((f"{n:07}", shown[n % 3]) for n in range(18)), key=lambda row: row[1])
    files = {f"images/{name}.png": images.picture(n) for n, (name, _) in enumerate(rows)}
    for split, chosen in (("train", [row for n, row in enumerate(rows) if n % 3]), ("test", rows[::3])):
        files[f"images_variant_{split}.txt"] = "".join(f"{name} {label}\n" for name, label in chosen).encode()
    said = imported(tmp_path, files)
    assert said["classes"] == {label: {"train": 3, "validation": 1, "test": 2} for label in shown}


def test_numbers_behind_a_name_are_no_label_of_several_words(tmp_path):
    pets = "".join(f"Abyssinian_{n} 1 1 {n % 2}\n" for n in range(8))
    files = {**pictures(*(f"images/Abyssinian_{n}.png" for n in range(8))), "list.txt": pets.encode()}
    with pytest.raises(InputError):
        imported(tmp_path, files)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk", "cp1252"])
def test_a_table_in_a_legacy_encoding_shows_its_letters(tmp_path, encoding):
    names = ("café", "naïve") if encoding == "cp1252" else ("苹果", "香蕉")
    table = "file,label\n" + "".join(f"{n}.png,{names[n % 2]}\n" for n in range(8))
    said = imported(tmp_path, {**numbered(""), "labels.csv": table.encode(encoding)})
    assert set(said["classes"]) == set(names)


def test_splits_of_a_column_are_kept(tmp_path):
    words = ("train", "Training", "val", "test")
    table = "file,label,split\n" + "".join(f"{n}.png,{label(n // 4)},{words[n % 4]}\n" for n in range(16))
    said = imported(tmp_path, {**numbered("", 16), "labels.csv": table.encode()})
    assert said["classes"]["cat"] == {"train": 4, "validation": 2, "test": 2}


def test_a_table_a_split(tmp_path):
    files = numbered("images/", 16)
    for name, numbers in (("train.csv", range(8)), ("valid.csv", range(8, 12)), ("test.csv", range(12, 16))):
        files[name] = ("id,label\n" + "".join(f"{n},{label(n)}\n" for n in numbers)).encode()
    said = imported(tmp_path, files)
    assert said["classes"] == {shows: {"train": 4, "validation": 2, "test": 2} for shows in LABELS}


def test_a_table_is_about_the_images_of_its_split_alone(tmp_path):
    table = "id,label\n" + "".join(f"{n},{label(n)}\n" for n in range(8))
    said = imported(tmp_path, {**numbered("train/"), **numbered("test/", 3, first=5), "trainLabels.csv": table.encode()})
    assert (said["images"], set(classes_by_path(tmp_path))) == (8, {f"train/{n}.png" for n in range(8)})
    assert rules(said) == {f"test/{n}.png": "not_listed" for n in (5, 6, 7)}


def test_a_group_column_keeps_its_images_together(tmp_path):
    table = "image,diagnosis,patient_id\n" + "".join(f"{n}.png,{label(n // 4)},p{n // 4}\n" for n in range(40))
    imported(tmp_path, {**numbered("", 40), "labels.csv": table.encode()})
    sides: dict[int, set[int]] = {}
    for path, (_, split) in by_path(tmp_path).items():
        sides.setdefault(int(path.removesuffix(".png")) // 4, set()).add(split)
    assert all(len(splits) == 1 for splits in sides.values())
    assert Dataset.open(tmp_path / "out").about["columns"] == ["patient_id"]


def test_other_columns_are_kept_as_metadata(tmp_path):
    table = "file,label,age,site\n" + "".join(f"{n}.png,{label(n)},{30 + n},Bonn\n" for n in range(8))
    imported(tmp_path, {**numbered(""), "labels.csv": table.encode()})
    data = Dataset.open(tmp_path / "out")
    cells = [json.loads(line) for line in (tmp_path / "out/metadata.jsonl").read_text().splitlines()]
    assert data.about["columns"] == ["age", "site"]
    assert {data.path(i): row for i, row in enumerate(cells)} == {f"{n}.png": [str(30 + n), "Bonn"] for n in range(8)}


def test_columns_of_zero_and_one_are_classes(tmp_path):
    table = "image_id,healthy,rust,scab\n" + "".join(f"{n},{int(n % 3 == 0)},{int(n % 3 == 1)},{int(n % 3 == 2)}\n" for n in range(9))
    said = imported(tmp_path, {**numbered("images/", 9), "train.csv": table.encode()})
    assert set(said["classes"]) == {"healthy", "rust", "scab"}


def test_a_list_of_numbers_gets_the_names_beside_it(tmp_path):
    files = {**numbered("images/"), "labels.txt": b"cat\ndog\n"}
    files["train.txt"] = "".join(f"/data/images/{n}.png {n % 2}\n" for n in range(8)).encode()
    imported(tmp_path, files)
    assert classes_by_path(tmp_path) == {f"images/{n}.png": label(n) for n in range(8)}


def test_numbers_get_the_names_of_a_table(tmp_path):
    files = {**numbered("images/"), "signs.csv": b"ClassId,SignName\n0,stop\n1,yield\n"}
    files["train.csv"] = ("path,ClassId\n" + "".join(f"images/{n}.png,{n % 2}\n" for n in range(8))).encode()
    assert set(imported(tmp_path, files)["classes"]) == {"stop", "yield"}


def test_numbers_without_names_are_classes_as_they_are(tmp_path):
    table = "".join(f"{n}.png {n % 2}\n" for n in range(8))
    assert set(imported(tmp_path, {**numbered(""), "train.txt": table.encode()})["classes"]) == {"0", "1"}


def test_class_folders_stay_the_classes_beside_a_table_of_numbers_that_brings_splits(tmp_path):
    files = images.class_folders(8)
    table = "path,label,split\n" + "".join(
        f"{path},{'01'[path.startswith('dog')]},{'test' if path[4] in '01' else 'train'}\n" for path in files
    )
    said = imported(tmp_path, {**files, "split.csv": table.encode()})
    assert [(shows, count["test"]) for shows, count in said["classes"].items()] == [("cat", 2), ("dog", 2)]


def test_a_table_that_contradicts_class_folders_is_left_aside(tmp_path):
    table = "path,label\n" + "".join(f"{path},{n % 3}\n" for n, path in enumerate(images.class_folders(8)))
    said = imported(tmp_path, {**images.class_folders(8), "clusters.csv": table.encode()})
    assert (set(said["classes"]), said["ignored"]) == ({"cat", "dog"}, 1)


def test_numbered_folders_are_no_classes_where_a_table_knows_better(tmp_path):
    files = {f"images_{n // 4:03}/images/{n}.png": images.picture(n) for n in range(12)}
    table = "Image Index,Finding Labels,Patient ID\n" + "".join(f"{n}.png,{label(n)},{n}\n" for n in range(12))
    assert set(imported(tmp_path, {**files, "Data_Entry.csv": table.encode()})["classes"]) == set(LABELS)


def test_many_text_files_beside_images_are_no_tables(tmp_path):
    files = {**images.class_folders(40), **{f"cat/{n}.txt": f"0.png {n % 2}\n1.png 1\n".encode() for n in range(60)}}
    assert set(imported(tmp_path, files)["classes"]) == {"cat", "dog"}


def test_lists_of_paths_are_the_splits_of_class_folders(tmp_path):
    files = {f"food/images/{path}": data for path, data in images.class_folders(8).items()}
    paths = [path.removesuffix(".png") for path in images.class_folders(8)]
    files["food/meta/train.txt"] = "".join(f"{path}\n" for path in paths if path[-1] < "6").encode()
    files["food/meta/test.txt"] = "".join(f"{path}\n" for path in paths if path[-1] >= "6").encode()
    said = imported(tmp_path, files)
    assert [count["test"] for count in said["classes"].values()] == [2, 2] and said["problems"] == []


def test_a_table_of_splits_alone_stands_beside_class_folders(tmp_path):
    table = "path,split\n" + "".join(f"{path},{'test' if path[4] in '01' else 'train'}\n" for path in images.class_folders(8))
    said = imported(tmp_path, {**images.class_folders(8), "splits.csv": table.encode()})
    assert [count["test"] for count in said["classes"].values()] == [2, 2]


def test_the_metadata_of_an_image_folder_with_splits(tmp_path):
    files = {}
    for split, numbers in (("train", range(8)), ("test", range(8, 12))):
        files |= {f"data/{split}/{n}.png": images.picture(n) for n in numbers}
        lines = [json.dumps({"file_name": f"{n}.png", "label": label(n), "text": "a"}) for n in numbers]
        files[f"data/{split}/metadata.jsonl"] = "\n".join(lines).encode()
    said = imported(tmp_path, files)
    assert [count["test"] for count in said["classes"].values()] == [2, 2] and said["images"] == 12


def test_annotations_without_an_ending_are_no_classes(tmp_path):
    files = {f"Images/{path}": data for path, data in images.class_folders(4).items()}
    files |= {f"Annotation/{path.removesuffix('.png')}": b"<annotation>" for path in images.class_folders(4)}
    said = imported(tmp_path, files)
    assert set(said["classes"]) == {"cat", "dog"} and said["images"] == 8


# What is said


def test_every_image_that_a_table_does_not_know_is_named(tmp_path):
    table = "file,label\n" + "".join(f"{n}.png,{label(n) if n != 3 else ''}\n" for n in range(9) if n != 5)
    said = imported(tmp_path, {**numbered(""), "labels.csv": table.encode()})
    assert rules(said) == {"3.png": "no_label", "5.png": "not_listed", "8.png": "missing_file"}


def test_an_image_with_two_labels_is_named(tmp_path):
    table = "file,label\n" + "".join(f"{n}.png,{label(n)}\n" for n in range(8)) + "0.png,dog\n1.png,dog\n"
    said = imported(tmp_path, {**numbered(""), "labels.csv": table.encode()})
    assert rules(said) == {"0.png": "two_labels"} and classes_by_path(tmp_path)["0.png"] == "cat"


def test_very_many_missing_images_are_counted_beyond_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.layouts.manifest.NAMED_MISSING", 2)
    table = "file,label\n" + "".join(f"{n}.png,{label(n)}\n" for n in range(13))
    said = imported(tmp_path, {**numbered(""), "labels.csv": table.encode()})
    assert [problem["message"] for problem in said["problems"]][-1] == "It lists 3 more images that are not there."


def test_a_table_that_names_other_images_is_said_with_the_refusal(tmp_path):
    with pytest.raises(InputError, match=r"labels\.csv was read, but no column of it names these images"):
        imported(tmp_path, {**numbered(""), "labels.csv": b"file,label\nx.png,cat\ny.png,dog\n"})
