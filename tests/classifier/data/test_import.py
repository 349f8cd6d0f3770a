from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from classifier.data import publish
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.spec.errors import InputError, Interrupted
from tests.classifier import images


def imported(source, out, **options):
    return import_dataset(source, out, **options)


def rules(said) -> dict[str, str]:
    return {problem["file"]: problem["rule"] for problem in said["problems"]}


@pytest.fixture
def source(tmp_path):
    return images.write_zip(tmp_path / "pets.zip", images.class_folders(10))


def left_behind(tmp_path) -> set[str]:
    return {path.name for path in tmp_path.iterdir()}


# What an honest source becomes


def test_class_folders_become_a_dataset(tmp_path, source):
    said = imported(source, tmp_path / "out")
    assert said["images"] == 20
    assert said["classes"] == {label: {"train": 6, "validation": 2, "test": 2} for label in ("cat", "dog")}
    assert (said["problems"], said["ignored"], said["names"]) == ([], 0, {})


def test_every_sample_is_its_own_file(tmp_path, source):
    imported(source, tmp_path / "out")
    data = Dataset.open(tmp_path / "out")
    for position in range(len(data)):
        label, name = data.path(position).split("/")
        seed = 1000 * ["cat", "dog"].index(label) + int(name.removesuffix(".png"))
        assert data.classes[data.labels[position]] == label
        assert (np.moveaxis(data.pack.image(int(data.images[position])).numpy(), 0, 2) == images.pixels(seed)).all()


def test_the_id_is_the_hash_of_the_sorted_rows(tmp_path, source):
    said = imported(source, tmp_path / "out")
    data = Dataset.open(tmp_path / "out")
    files = images.class_folders(10)
    names = ("train", "validation", "test")
    rows = sorted(
        f"{hashlib.sha256(files[data.path(i)]).hexdigest()}\t{json.dumps(data.path(i).split('/')[0])}\t{names[data.splits[i]]}\n"
        for i in range(len(data))
    )
    assert said["id"] == data.id == hashlib.sha256("".join(rows).encode()).hexdigest()


def test_zip_tar_and_folder_give_the_same_id(tmp_path):
    files = images.class_folders(6)
    backwards = dict(reversed(files.items()))
    sources = [
        images.write_zip(tmp_path / "a.zip", files),
        images.write_tar(tmp_path / "a.tar.xz", backwards, "xz"),
        images.write_folder(tmp_path / "folder", files),
    ]
    assert len({imported(source, tmp_path / f"out{n}")["id"] for n, source in enumerate(sources)}) == 1


def test_the_seed_changes_the_split_and_the_id(tmp_path, source):
    ids = {imported(source, tmp_path / f"out{seed}", seed=seed)["id"] for seed in range(3)}
    assert len(ids) == 3


def test_splits_of_the_source_are_kept_and_the_missing_one_is_cut(tmp_path):
    files = {**images.class_folders(10, prefix="pets/Train/"), **images.class_folders(3, prefix="pets/Testing/", labels=("dog", "cat"))}
    said = imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out")
    assert [count["test"] for count in said["classes"].values()] == [3, 3]
    assert [count["validation"] for count in said["classes"].values()] == [2, 2]


def test_a_group_never_stands_on_both_sides(tmp_path):
    files = {f"{label}/p{n // 4}_{n}.png": images.picture(n + 100 * (label == "dog")) for label in ("cat", "dog") for n in range(40)}
    imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out", group=r"/(p\d+)_")
    data = Dataset.open(tmp_path / "out")
    sides: dict[str, set[int]] = {}
    for position in range(len(data)):
        sides.setdefault(data.path(position).split("/")[1].split("_")[0], set()).add(int(data.splits[position]))
    assert all(len(splits) == 1 for splits in sides.values())
    assert set().union(*sides.values()) == {0, 1, 2}


def test_a_group_that_matches_nothing_is_refused(tmp_path, source):
    with pytest.raises(InputError, match="matches no path"):
        imported(source, tmp_path / "out", group="nobody")


def test_litter_is_ignored_and_counted(tmp_path):
    litter = {"__MACOSX/cat/._0.png": b"x", "cat/.DS_Store": b"x", "README.txt": b"x", "Thumbs.db": b"x"}
    said = imported(images.write_zip(tmp_path / "a.zip", images.class_folders(4) | litter), tmp_path / "out")
    assert (said["ignored"], said["images"], said["problems"]) == (4, 8, [])


# What is said about files


def test_bad_images_are_left_out_by_name_and_rule(tmp_path):
    bad = {f"cat/{name}": wrong for name, wrong in images.unreadable_images().items()}
    files = images.class_folders(4) | {name: data for name, (_, data) in bad.items()}
    said = imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out")
    assert said["images"] == 8
    assert rules(said) == {name: rule for name, (rule, _) in bad.items()}
    assert not any(problem["taken"] for problem in said["problems"])


def test_the_same_image_twice_in_a_class_is_kept_and_reported(tmp_path):
    files = images.class_folders(4)
    said = imported(images.write_zip(tmp_path / "a.zip", {**files, "cat/copy.png": files["cat/0.png"]}), tmp_path / "out")
    assert (said["images"], rules(said)) == (9, {"cat/copy.png": "duplicate"})
    assert len(Dataset.open(tmp_path / "out").pack) == 8


def test_the_same_image_in_two_classes_is_reported(tmp_path):
    files = images.class_folders(4)
    said = imported(images.write_zip(tmp_path / "a.zip", {**files, "dog/copy.png": files["cat/0.png"]}), tmp_path / "out")
    assert rules(said) == {"dog/copy.png": "two_classes"}


def test_the_same_image_in_two_given_splits_is_a_leak(tmp_path):
    files = images.class_folders(4, prefix="train/")
    files["test/cat/0.png"], files["test/dog/9.png"] = files["train/cat/0.png"], images.picture(99)
    said = imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out")
    leak = next(problem for problem in said["problems"] if problem["rule"] == "leak")
    assert leak["taken"] and "test/cat/0.png" in leak["message"] + leak["file"]


def test_too_few_images_are_said_with_what_is_missing(tmp_path):
    files = images.class_folders(5) | {"fox/0.png": images.picture(50), "fox/1.png": images.picture(51)}
    said = imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out")
    (problem,) = said["problems"]
    assert (problem["file"], problem["rule"], problem["taken"]) == ("fox", "too_few", True)
    assert "none of them in test" in problem["message"]


def test_a_class_that_train_lacks_is_left_out(tmp_path):
    files = images.class_folders(4, prefix="train/") | {"val/cat/a.png": images.picture(60), "val/fox/a.png": images.picture(61)}
    said = imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out")
    assert rules(said)["val/fox/a.png"] == "class_not_in_train"
    assert list(said["classes"]) == ["cat", "dog"]


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_an_empty_class_is_reported(tmp_path, kind):
    files = images.class_folders(4)
    if kind == "zip":
        source = images.write_zip(tmp_path / "a.zip", files | {"fox/": b""})
    else:
        source = images.write_folder(tmp_path / "a", files)
        (source / "fox").mkdir()
    assert rules(imported(source, tmp_path / "out")) == {"fox": "empty_class"}


def test_classes_that_differ_in_case_only_are_kept_apart_with_a_warning(tmp_path):
    said = imported(images.write_zip(tmp_path / "a.zip", images.class_folders(4, ("Cat", "cat", "dog"))), tmp_path / "out")
    assert list(said["classes"]) == ["Cat", "cat", "dog"]
    assert rules(said) == {"cat": "similar_classes"}


def test_a_name_that_comes_twice_is_taken_once(tmp_path):
    members = [*images.raw_members(images.class_folders(4)), {"name": b"cat/0.png", "data": images.picture(77)}]
    said = imported(images.raw_zip(tmp_path / "a.zip", members), tmp_path / "out")
    assert (said["images"], rules(said)) == (8, {"cat/0.png": "duplicate_name"})


def test_class_names_of_any_kind_are_plain_text(tmp_path):
    labels = ("<script>", "=1+1", "CON", "猫 🐈", 'a,b"c')
    said = imported(images.write_zip(tmp_path / "a.zip", images.class_folders(3, labels)), tmp_path / "out")
    assert set(said["classes"]) == set(labels)
    assert Dataset.open(tmp_path / "out").path(0).split("/")[0] in labels


# What is refused, and what stays behind


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"cat/0.png": images.picture(1), "cat/1.png": images.picture(2)}, "Only one class"),
        ({"0.png": images.picture(1)}, "No class folders"),
        ({"README.txt": b"hello"}, "No image could be taken"),
        ({"cat/0.png": b"no", "dog/0.png": b"no"}, "2 left out, the first: cat/0.png: It is not an image"),
        ({"cat/0.png": images.picture(1), "dog/0.png": b"no"}, "Only one class"),
    ],
)
@pytest.mark.parametrize("make", [images.write_zip, images.write_tar, images.write_folder])
def test_a_source_without_two_classes_is_refused_in_words(tmp_path, files, sentence, make):
    source = make(tmp_path / "bad", files)
    with pytest.raises(InputError, match=sentence):
        imported(source, tmp_path / "out")
    assert left_behind(tmp_path) == {"bad"}


def test_an_out_that_holds_something_is_left_alone(tmp_path, source):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/keep.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        imported(source, tmp_path / "out")
    assert (tmp_path / "out/keep.txt").read_text() == "mine"
    assert left_behind(tmp_path) == {"pets.zip", "out"}


def test_an_empty_out_is_used(tmp_path, source):
    (tmp_path / "out").mkdir()
    assert imported(source, tmp_path / "out")["images"] == 20
    assert left_behind(tmp_path) == {"pets.zip", "out"}


def test_an_out_inside_the_source_is_refused(tmp_path):
    folder = images.write_folder(tmp_path / "in", images.class_folders(4))
    with pytest.raises(InputError, match="lies inside"):
        imported(folder, folder / "out")


def test_folders_made_for_a_failed_import_are_removed(tmp_path):
    source = images.write_zip(tmp_path / "a.zip", {"0.png": images.picture(1)})
    with pytest.raises(InputError):
        imported(source, tmp_path / "new/deep/out")
    assert left_behind(tmp_path) == {"a.zip"}


def test_an_interrupted_import_leaves_nothing(tmp_path, source):
    calls = iter([False] * 30)
    with pytest.raises(Interrupted, match="nothing of this import was kept"):
        imported(source, tmp_path / "out", should_stop=lambda: next(calls, True))
    assert left_behind(tmp_path) == {"pets.zip"}


def test_what_a_killed_import_left_is_removed_by_the_next(tmp_path, source):
    code = (
        "import os, pathlib, sys; from classifier.data.publish import staging\n"
        "with staging(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])) as folder:\n"
        "    (folder / 'half').write_text('half'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, source, tmp_path / "out"], check=False, env={**os.environ, "PYTHONPATH": "."})
    assert len(left_behind(tmp_path)) == 2
    imported(source, tmp_path / "out")
    assert left_behind(tmp_path) == {"pets.zip", "out"}


def test_what_is_being_brought_to_the_disk_is_nobody_elses_to_remove(tmp_path, source, monkeypatch):
    monkeypatch.setattr(publish, "sync", lambda path: publish.remove_abandoned(tmp_path / "out"))
    imported(source, tmp_path / "out")
    assert Dataset.open(tmp_path / "out").classes == ["cat", "dog"] and left_behind(tmp_path) == {"pets.zip", "out"}


def test_progress_never_falls_and_ends_at_one(tmp_path, source):
    events = []
    imported(source, tmp_path / "out", on_event=events.append)
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert [event["stage"] for event in events if event["event"] == "stage"] == ["reading", "decoding", "splitting"]


def test_problems_are_told_while_they_are_found(tmp_path):
    events = []
    files = images.class_folders(4) | {"cat/bad.png": b"no"}
    said = imported(images.write_zip(tmp_path / "a.zip", files), tmp_path / "out", on_event=events.append)
    assert [{**event} for event in events if event["event"] == "problem"] == [
        {"event": "problem", **problem} for problem in said["problems"]
    ]


@pytest.mark.parametrize("shares", [(0, 50, 50), (-1, 50, 51), (float("nan"), 1, 1)])
def test_wrong_shares_are_refused_before_anything_is_read(tmp_path, shares):
    with pytest.raises(InputError, match="--split"):
        imported(tmp_path / "missing.zip", tmp_path / "out", shares=shares)


@pytest.mark.parametrize("content", [None, "{", "{}", '{"format": 99}', "[]"])
def test_a_folder_that_is_no_dataset_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(InputError):
        Dataset.open(tmp_path)
