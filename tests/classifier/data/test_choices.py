"""What a user sees of a source before it is imported, and corrects."""

from __future__ import annotations

import json

import pytest

from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from classifier.spec.errors import InputError
from tests.classifier import images

TABLE = "file,breed,fur,set\n" + "".join(f"images/{n}.png,{'ab'[n % 2]},{'xy'[n // 4]},{'train' if n < 6 else 'test'}\n" for n in range(8))
LISTED = {**{f"images/{n}.png": images.picture(n) for n in range(8)}, "notes.csv": TABLE.encode()}


def nested() -> dict[str, bytes]:
    kinds = (("fruit", "apple"), ("fruit", "pear"), ("herb", "dill"))
    return {f"{kind}/{sort}/{n}.png": images.picture(10 * place + n) for place, (kind, sort) in enumerate(kinds) for n in range(4)}


def inspected(tmp_path, files, make=images.write_zip, **chosen):
    return inspect_source(make(tmp_path / "in", files), choice_of(json.dumps(chosen)))


def imported(tmp_path, files, **chosen):
    return import_dataset(images.write_zip(tmp_path / "in", files), tmp_path / "out", choice=choice_of(json.dumps(chosen)))


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
def test_class_folders_are_shown_with_their_counts(tmp_path, make):
    files = {**images.class_folders(4, prefix="set/train/"), **images.class_folders(2, prefix="set/val/"), "README.md": b"x"}
    said = inspected(tmp_path, files, make)
    assert (said["event"], said["kind"], said["images"], said["ignored"]) == ("inspected", "folders", 12, 1)
    assert said["classes"]["cat"] == {"train": 4, "validation": 2, "test": 0, "open": 0}
    assert {row["folder"]: row["role"] for row in said["tree"]} == {
        "set": "folder",
        "set/train": "split",
        "set/train/cat": "class",
        "set/train/dog": "class",
        "set/val": "split",
        "set/val/cat": "class",
        "set/val/dog": "class",
    }


def test_a_table_is_shown_with_its_columns_and_what_they_are(tmp_path):
    said = inspected(tmp_path, LISTED)
    (table,) = said["tables"]
    assert (table["file"], table["used"], table["rows"]) == ("notes.csv", True, 8)
    assert (table["path"], table["label"], table["split"]) == ("file", "breed", "set")
    assert table["columns"] == ["file", "breed", "fur", "set"] and "notes.csv" in said["message"]


def test_what_is_left_out_is_shown_by_rule_with_the_first_files(tmp_path):
    files = {**images.class_folders(4), "a.png": images.picture(1), "b.png": images.picture(2), "film.mp4": b"x"}
    found = {entry["rule"]: (entry["count"], entry["first"]) for entry in inspected(tmp_path, files)["left"]}
    assert found == {"no_class": (2, ["a.png", "b.png"]), "unknown_ending": (1, ["film.mp4"])}


def test_a_source_without_labels_is_shown_with_the_reason_and_what_can_be_chosen(tmp_path):
    said = inspected(tmp_path, {f"{n}.png": images.picture(n) for n in range(4)})
    assert said["kind"] is None and "No class folders" in said["message"] and said["classes"] == {}
    assert said["choices"]["kinds"] == ["unlabelled"]


PATIENTS = {f"{label}/p{n // 3}_{n}.png": images.picture(100 * place + n) for place, label in enumerate(("cat", "dog")) for n in range(6)}


def kept_together(tmp_path, files, group=None, **chosen):
    return inspect_source(images.write_zip(tmp_path / "in", files), choice_of(json.dumps(chosen)), group=group)["groups"]


def test_a_pattern_shows_what_it_keeps_together(tmp_path):
    told = kept_together(tmp_path, PATIENTS, r"([^/_]+)_[^/]*$")
    assert (told["groups"], told["images"], told["alone"], told["largest"], told["doubt"]) == (2, 12, 0, ["p1", 6], "")
    assert told["message"] == (
        "12 images in 2 groups; the largest, p1, has 6. For example p0 holds cat/p0_0.png, cat/p0_1.png, cat/p0_2.png."
    )


@pytest.mark.parametrize(
    ("pattern", "message", "doubt"),
    [
        ("nobody", "None of the 12 images is of a group: nothing would be kept together.", ""),
        (r".*", "12 images in 12 groups;", "Every group is of one image"),
        (r"\.png", "12 images in 1 group;", "One group holds more than half of all images"),
        (r"cat/p0", "3 images in 1 group; the largest, cat/p0, has 3. For example cat/p0 holds", ""),
    ],
)
def test_a_pattern_that_is_not_what_was_meant_is_seen(tmp_path, pattern, message, doubt):
    told = kept_together(tmp_path, PATIENTS, pattern)
    assert told["message"].startswith(message) and told["doubt"].startswith(doubt) and bool(told["doubt"]) is bool(doubt)


def test_a_column_of_a_table_shows_what_it_keeps_together_too(tmp_path):
    assert kept_together(tmp_path, LISTED) is None
    told = kept_together(tmp_path, LISTED | {"notes.csv": TABLE.replace("fur", "patient_id").encode()})
    assert (told["groups"], told["largest"]) == (2, ["y", 4])


def test_a_pattern_that_is_none_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match="must be a regular expression"):
        kept_together(tmp_path, PATIENTS, "(")


@pytest.mark.parametrize(("pattern", "level"), [(r"p\d+", "info"), (r"\.png", "warning")])
def test_the_log_of_an_import_tells_what_is_kept_together(tmp_path, pattern, level):
    told = []
    import_dataset(images.write_zip(tmp_path / "in", PATIENTS), tmp_path / "out", group=pattern, on_event=told.append)
    (line,) = [event for event in told if event["event"] == "log" and event["message"].startswith("Kept together: 12 images in ")]
    assert line["level"] == level and "png" not in line["message"] and "p1" not in line["message"]  # an image may be erased later


def test_no_image_is_decoded_to_be_shown(tmp_path):
    said = inspected(tmp_path, dict.fromkeys(images.class_folders(4), b"no"))
    assert said["images"] == 8


def test_an_inspection_says_what_the_import_then_makes(tmp_path):
    shown, made = inspected(tmp_path, LISTED), imported(tmp_path, LISTED)
    assert {label: sum(count.values()) for label, count in shown["classes"].items()} == {
        label: sum(count.values()) for label, count in made["classes"].items()
    }


# Corrections


def test_another_column_is_the_label(tmp_path):
    assert set(imported(tmp_path, LISTED, label="fur")["classes"]) == {"x", "y"}


def test_a_column_of_splits_is_none(tmp_path):
    said = imported(tmp_path, LISTED, split=None)
    assert said["classes"]["a"] == {"train": 2, "validation": 1, "test": 1}


def test_another_column_names_the_images(tmp_path):
    table = "a,b,label\n" + "".join(f"{n},{7 - n},{n % 2}\n" for n in range(8))
    files = {**{f"{n}.png": images.picture(n) for n in range(8)}, "t.csv": table.encode()}
    one, two = inspected(tmp_path, files, path="a"), inspected(tmp_path, files, path="b")
    assert [said["tables"][0]["path"] for said in (one, two)] == ["a", "b"]


@pytest.mark.parametrize(("level", "classes"), [(1, {"fruit", "herb"}), (2, {"apple", "pear", "dill"})])
def test_another_level_of_folders_is_the_class(tmp_path, level, classes):
    assert set(imported(tmp_path, nested(), level=level)["classes"]) == classes


def test_a_folder_is_left_out(tmp_path):
    files = {**images.class_folders(4), "junk/1.png": images.picture(70)}
    said = imported(tmp_path, files, leave=["junk/"])
    assert set(said["classes"]) == {"cat", "dog"} and [p["rule"] for p in said["problems"]] == ["left_aside"]


def test_folders_are_taken_where_a_table_would_be(tmp_path):
    table = "file,label\n" + "".join(f"{path},{path[:3]}\n" for path in images.class_folders(4))
    files = {**images.class_folders(4), "t.csv": table.encode()}
    assert inspected(tmp_path, files)["kind"] == "manifest"
    assert inspected(tmp_path, files, kind="folders")["kind"] == "folders"


CYRILLIC = ["кот", "пёс"]


def legacy_zip(path, encoding):
    files = [(f"{word}/{n}.png", images.picture(10 * place + n)) for place, word in enumerate(CYRILLIC) for n in range(4)]
    return images.raw_zip(path, [{"name": name.encode(encoding), "data": data} for name, data in files])


def test_names_that_do_not_say_their_encoding_are_shown_as_each_would_read_them(tmp_path):
    said = inspect_source(legacy_zip(tmp_path / "in", "cp866"))["names_in"]
    read = {row["encoding"]: row["examples"] for row in said["readings"]}
    assert said["encoding"] == said["readings"][0]["encoding"] == "cp866" and read["cp866"][:1] == ["кот"]
    assert read["cp437"][:1] == ["кот".encode("cp866").decode("cp437")] and len(read) > 5


def test_names_that_say_their_encoding_are_shown_without_others(tmp_path):
    assert inspected(tmp_path, {f"{word}/{n}.png": images.picture(n) for word in CYRILLIC for n in range(2)})["names_in"] is None


def test_names_are_read_in_the_chosen_encoding(tmp_path):
    source, choice = legacy_zip(tmp_path / "in", "cp1251"), choice_of('{"encoding": "koi8_r"}')
    shown, made = inspect_source(source, choice), import_dataset(source, tmp_path / "out", choice=choice)
    odd = {word.encode("cp1251").decode("koi8_r") for word in CYRILLIC}
    assert set(shown["classes"]) == set(made["classes"]) == odd and shown["names_in"]["encoding"] == "koi8_r"


def test_images_without_labels_are_one_class_to_be_labelled(tmp_path):
    said = imported(tmp_path, {f"{n}.png": images.picture(n) for n in range(4)}, kind="unlabelled")
    assert list(said["classes"]) == ["unlabelled"] and said["images"] == 4


def test_file_names_are_classes_before_their_number(tmp_path):
    names = ("cat.0", "cat.1", "cat.2", "Great_Dane_12", "Great_Dane_13", "Great_Dane (14)")
    files = {f"train/{name}.png": images.picture(n) for n, name in enumerate(names)}
    said = inspected(tmp_path, files)
    assert said["kind"] is None and "names" in said["choices"]["kinds"] and '"kind": "names"' in said["message"]
    assert set(imported(tmp_path, files, kind="names")["classes"]) == {"cat", "Great_Dane"}


def counted(*words: str, start: int = 0, mark: str = ".") -> dict[str, bytes]:
    return {
        f"train/{word}{mark}{n}.png": images.picture(n + 40 * place) for place, word in enumerate(words) for n in range(start, start + 12)
    }


@pytest.mark.parametrize(
    "files",
    [counted("cat", "dog"), counted("Katze", "großer Hund", start=1, mark="_"), counted("no_tumour", "glioma")],
    ids=["dots", "lines", "a word among others"],
)
def test_file_names_that_can_only_be_classes_are_taken_without_a_word(files, tmp_path):
    files |= {f"test1/{n}.png": images.picture(200 + n) for n in range(5)}  # as of Kaggle's test set, whose labels nobody has
    said = inspected(tmp_path, files)
    assert said["kind"] == "names" and said["message"].startswith(
        "Each image's name says its class before its number; 2 classes, 24 images"
    )
    assert [(entry["rule"], entry["count"]) for entry in said["left"]] == [("no_class", 5)]
    made = imported(tmp_path, files)
    assert made["images"] == 24 and len(made["classes"]) == 2


@pytest.mark.parametrize(
    "files",
    [
        counted("IMG", "DSC", mark="_"),
        counted("photo", "cat"),
        counted("train", "cat"),
        counted("cam a", "cam b"),
        counted("patient_a", "patient_b"),
        counted("left-eye", "right-eye"),
        counted("front", "back"),
        counted("cat") | counted("dog", start=100),
        counted("cat") | counted("dog", mark="_"),
        counted("cat", "dog") | {f"train/bird.{n}.png": images.picture(300 + n) for n in range(3)},
        counted("cat", "dog") | {"train/holiday.png": images.picture(400)},
        counted("cat", "dog") | {"list.csv": b"id,weight\n1,2\n"},
    ],
    ids=[
        "cameras",
        "a photo",
        "a split",
        "two cameras",
        "two patients",
        "two eyes",
        "two sides",
        "numbers that go on",
        "two marks",
        "one of few",
        "one of no number",
        "a table",
    ],
)
def test_file_names_that_may_mean_something_else_are_asked_about(files, tmp_path):
    assert inspected(tmp_path, files)["kind"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "is no object"),
        ('{"columns": 1}', "'columns' came"),
        ('{"kind": "magic"}', "kind is 'magic'"),
        ('{"level": 0}', "level is no whole number from 1"),
        ('{"level": true}', "level is no whole number"),
        ('{"leave": "a"}', "leave is no list"),
        ('{"label": 5}', "label is no text"),
        ('{"encoding": "klingon"}', "encoding is 'klingon'"),
        ('{"label": null}', "without a column"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_words(text, words):
    with pytest.raises(InputError, match=words):
        choice_of(text)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"label": "colour"}, "no column 'colour'; its columns are file, breed, fur, set"),
        ({"table": "other.csv"}, "no such table; there are notes.csv"),
        ({"level": 9}, "no image of .* lies so deep"),
        ({"leave": ["nowhere"]}, "no such folder"),
        ({"kind": "names"}, "say fewer than two"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused_in_words(tmp_path, chosen, words):
    with pytest.raises(InputError, match=words):
        inspected(tmp_path, LISTED, **chosen)


# Labels in one Unicode form

ACUTE, APART = "é", "e\u0301"


SIDES = [("train", APART), ("train", "dog"), ("val", ACUTE), ("val", "dog")]


def twice():
    """A class that train and validation write in two Unicode forms, beside another one."""
    names = [f"{split}/{label}/{label}.{n}.png" for split, label in SIDES for n in range(4)]
    return {name: images.picture(number) for number, name in enumerate(names)}


@pytest.mark.parametrize("chosen", [{}, {"level": 2}, {"kind": "names"}], ids=["folders", "a level", "file names"])
def test_a_class_of_two_unicode_forms_is_one(tmp_path, chosen):
    counts = inspected(tmp_path, twice(), **chosen)["classes"]
    assert {label: (count["train"], count["validation"]) for label, count in counts.items()} == {"dog": (4, 4), ACUTE: (4, 4)}


def test_a_label_of_two_unicode_forms_in_a_table_is_one(tmp_path):
    rows = "".join(f"{n}.png,{(APART, ACUTE, 'dog')[n % 3]}\n" for n in range(9))
    files = {**{f"{n}.png": images.picture(n) for n in range(9)}, "t.csv": f"file,label\n{rows}".encode()}
    assert set(imported(tmp_path, files)["classes"]) == {ACUTE, "dog"}
