"""From one version of a dataset to the next, by a file of changes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.revise import revise
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.packfile import IN_NO_SPLIT
from tests.classifier import images

LABELS = ("cat", "cow", "dog")


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """Thirty pictures of three classes, where an application would keep them."""
    out = tmp_path_factory.mktemp("set") / "data"
    import_dataset(images.write_zip(out.parent / "pets.zip", images.class_folders(10, LABELS)), out)
    return out


@pytest.fixture
def revised(base, tmp_path):
    """The version with these changes, beside the base's folder as versions/N would be."""

    def make(*changes, of=base) -> Dataset:
        file = tmp_path / "changes.jsonl"
        file.write_text("\n".join(json.dumps(change) for change in changes))
        out = tmp_path / f"v{len(list(tmp_path.glob('v*')))}"
        make.said = revise(of, file, out)
        return Dataset.open(out)

    return make


def refused(revised, *changes) -> str:
    with pytest.raises(InputError) as error:
        revised(*changes)
    return error.value.message


def counts(data: Dataset) -> dict[str, int]:
    return {label: sum(split.values()) for label, split in data.counts.items()}


def test_no_changes_give_the_same_rows_and_the_same_id(base, revised):
    data, before = revised(), Dataset.open(base)
    assert data.id == before.id and data.counts == before.counts and (data.labels == before.labels).all()


def test_the_pack_is_shared_by_a_relative_link_and_no_pixel_is_copied(base, revised):
    data = revised()
    link = data.folder / "pack"
    assert link.is_symlink() and not link.readlink().is_absolute() and link.resolve() == (base / "pack").resolve()
    assert (data.pack.image(0) == Dataset.open(base).pack.image(0)).all()


def test_a_version_of_a_version_links_to_the_first_ones_pack(base, revised):
    second = revised({"op": "sample", "position": 0, "label": "dog"})
    third = revised({"op": "sample", "position": 1, "label": "dog"}, of=second.folder)
    assert (third.folder / "pack").resolve() == (base / "pack").resolve() and counts(third) == {"cat": 8, "cow": 10, "dog": 12}


def test_a_sample_is_relabelled_moved_and_taken_out(base, revised):
    data = revised(
        {"op": "sample", "position": 0, "label": "dog"},
        {"op": "sample", "position": 1, "split": "test"},
        {"op": "sample", "position": 2, "removed": True},
    )
    assert data.classes[data.labels[0]] == "dog" and data.splits[1] == 2 and data.splits[2] == IN_NO_SPLIT
    assert revised.said["images"] == data.about["images"] == 29 and counts(data) == {"cat": 8, "cow": 10, "dog": 11}


def test_positions_and_paths_are_the_same_in_every_version(base, revised):
    data = revised({"op": "sample", "position": 0, "removed": True})
    assert len(data) == 30 and [data.path(n) for n in range(30)] == [Dataset.open(base).path(n) for n in range(30)]


def test_what_is_taken_out_is_in_no_split_and_no_figure(base, revised):
    data = revised(*({"op": "sample", "position": n, "removed": True} for n in range(5)))
    kept = np.concatenate([data.indices(split) for split in ("train", "validation", "test")])
    assert sorted(kept.tolist()) == list(range(5, 30)) and data.kept.sum() == 25


def test_an_equal_import_would_have_the_same_id(tmp_path, revised, base):
    files = images.class_folders(10, LABELS)
    before = Dataset.open(base)
    lines = [{"op": "sample", "position": n, "removed": True} for n in range(30) if before.path(n) == "cat/3.png"]
    data = revised(*lines)
    del files["cat/3.png"]
    placed = {f"{('train', 'val', 'test')[data.splits[n]]}/{data.path(n)}": files[data.path(n)] for n in range(30) if data.kept[n]}
    again = import_dataset(images.write_zip(tmp_path / "again.zip", placed), tmp_path / "again")
    assert again["id"] == data.id


def test_a_new_label_makes_a_class_and_labels_stay_sorted(revised):
    data = revised({"op": "sample", "position": 29, "label": "bee"})
    assert data.classes == ["bee", "cat", "cow", "dog"] and data.counts["bee"]["train"] + data.counts["bee"]["validation"] <= 1


def test_a_class_without_images_is_none(base, revised):
    cats = np.flatnonzero(Dataset.open(base).labels == 0).tolist()
    assert revised(*({"op": "sample", "position": n, "label": "dog"} for n in cats)).classes == ["cow", "dog"]


def test_a_class_is_renamed_merged_and_taken_out_with_its_images(revised):
    assert counts(revised({"op": "class", "from": "cat", "to": "wild cat"})) == {"cow": 10, "dog": 10, "wild cat": 10}
    assert counts(revised({"op": "class", "from": "cat", "to": "dog"})) == {"cow": 10, "dog": 20}
    assert counts(revised({"op": "class", "from": "cat", "to": None})) == {"cow": 10, "dog": 10}


def test_changes_are_done_in_their_order(revised):
    data = revised(
        {"op": "class", "from": "cat", "to": "x"}, {"op": "class", "from": "dog", "to": "cat"}, {"op": "class", "from": "x", "to": "dog"}
    )
    assert data.path(0) == "cat/0.png" and data.classes[data.labels[0]] == "dog"


def test_an_image_of_a_class_that_is_taken_out_comes_back_with_a_label(revised):
    data = revised({"op": "class", "from": "cat", "to": None}, {"op": "sample", "position": 0, "label": "dog", "removed": False})
    assert counts(data) == {"cow": 10, "dog": 11} and data.splits[0] != IN_NO_SPLIT


def test_readable_names_are_given_and_taken_away(revised):
    data = revised({"op": "name", "label": "cat", "name": "house cat"})
    assert data.names == {"cat": "house cat"}
    assert revised({"op": "name", "label": "cat", "name": ""}, of=data.folder).names == {}


def test_the_splits_are_cut_anew_the_same_for_the_same_seed(base, revised):
    line = {"op": "split", "shares": [50, 20, 30], "seed": 3}
    first, second = revised(line), revised(line)
    assert first.id == second.id != Dataset.open(base).id
    assert first.counts["cat"] == {"train": 5, "validation": 2, "test": 3}


def test_the_test_split_can_be_kept_as_it_is(base, revised):
    data = revised({"op": "split", "shares": [50, 50, 0], "seed": 3, "keep_test": True})
    assert data.indices("test").tolist() == Dataset.open(base).indices("test").tolist()
    assert data.counts["cat"] == {"train": 4, "validation": 4, "test": 2}


def test_groups_stay_on_one_side(revised):
    data = revised({"op": "split", "shares": [40, 30, 30], "seed": 1, "group": "[0-9]"})
    sides = {}
    for position in range(30):
        sides.setdefault(data.path(position).split("/")[1][0], set()).add(int(data.splits[position]))
    assert all(len(found) == 1 for found in sides.values())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no json", "changes.jsonl, line 1 is no JSON"),
        ([], 'must be an object whose "op" is one of class, name, sample, limit, after, add, split'),
        ({"op": "paint"}, 'must be an object whose "op" is one of'),
        ({"op": "class", "from": "cat"}, "needs to"),
        ({"op": "class", "from": "bird", "to": "cat"}, "there is no class 'bird'; there are cat, cow, dog."),
        ({"op": "class", "from": "cat", "to": "a\nb"}, "to must be a label of 1 to 200 characters"),
        ({"op": "sample", "position": 30, "removed": True}, "there is no sample 30; this version has the positions 0 to 29."),
        ({"op": "sample", "position": -1, "removed": True}, "position must be a whole number from 0; -1 came."),
        ({"op": "sample", "position": True, "removed": True}, "position must be a whole number from 0; true came."),
        ({"op": "sample", "position": 0, "split": "dev"}, 'split must be one of train, validation, test; "dev" came.'),
        ({"op": "sample", "position": 0, "label": ""}, "label must be a label of 1 to 200 characters"),
        ({"op": "sample", "position": 0, "lable": "cat"}, "has no 'lable'; there are position, label, split, removed."),
        ({"op": "split", "shares": [0, 50, 50], "seed": 0}, "three shares from 0, the first above 0"),
        ({"op": "split", "shares": [1, 1, 1], "seed": 0, "group": "zebra"}, "the group pattern 'zebra' matches no path"),
        ({"op": "split", "shares": [1, 1, 1], "seed": 0, "group": "("}, "must be a regular expression"),
    ],
)
def test_a_change_that_cannot_be_is_named_with_its_line(base, tmp_path, change, words):
    file = tmp_path / "changes.jsonl"
    file.write_text(change if isinstance(change, str) else json.dumps(change))
    with pytest.raises(InputError) as error:
        revise(base, file, tmp_path / "out")
    assert words in error.value.message and "line 1" in error.value.message and not (tmp_path / "out").exists()


def test_a_sample_that_an_earlier_version_took_out_needs_its_split(revised):
    second = revised({"op": "sample", "position": 0, "removed": True})
    back = {"op": "sample", "position": 0, "removed": False}
    with pytest.raises(InputError, match="was taken out in an earlier version; give its split too"):
        revised(back, of=second.folder)
    assert revised({**back, "split": "train"}, of=second.folder).about["images"] == 30


def test_changes_that_leave_nothing_are_refused(revised):
    assert "take every image out" in refused(revised, *({"op": "class", "from": label, "to": None} for label in LABELS))


def test_a_file_that_is_missing_is_named(base, tmp_path):
    with pytest.raises(InputError, match="Cannot read the changes in .*none.jsonl: No such file"):
        revise(base, tmp_path / "none.jsonl", tmp_path / "out")


def test_who_is_told_to_stop_leaves_nothing(base, tmp_path):
    (tmp_path / "changes.jsonl").write_text(json.dumps({"op": "sample", "position": 0, "removed": True}))
    with pytest.raises(Interrupted):
        revise(base, tmp_path / "changes.jsonl", tmp_path / "out", should_stop=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["changes.jsonl"]


def test_metadata_stay_with_their_samples(revised, tmp_path):
    files = {f"photos/{number}.png": images.picture(number) for number in range(8)}
    files["table.csv"] = ("file,label,ward\n" + "".join(f"photos/{n}.png,{'ab'[n % 2]},ward {n}\n" for n in range(8))).encode()
    import_dataset(images.write_zip(tmp_path / "wards.zip", files), tmp_path / "wards")
    data = revised({"op": "sample", "position": 3, "removed": True}, of=tmp_path / "wards")
    assert data.about["columns"] == ["ward"] and data.about["layout"] == "manifest"
    cells = [json.loads(line) for line in (data.folder / "metadata.jsonl").read_text().splitlines()]
    assert [cell[0].removeprefix("ward ") for cell in cells] == [data.path(n)[7:-4] for n in range(8)]
