"""What must stay on one side of a split: images that look alike, groups by a pattern or a column, kept from version to version."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.revise import revise
from classifier.data.together import read_groups
from classifier.spec.errors import InputError, Interrupted
from tests.classifier import images
from tests.classifier.data.test_quality import jpeg, scene

LABELS = ("ant", "bee")
CUT = {"op": "split", "shares": [40, 30, 30], "seed": 1}


def shots(each: int = 8) -> dict[str, bytes]:
    """Of each scene three photographs that differ in their compression alone, under names that say nothing of it."""
    return {
        f"{label}/{(7 * scene_number + 13 * shot) % 100:02d}-{shot}.jpg": jpeg(scene(100 * number + scene_number), 92 - 9 * shot)
        for number, label in enumerate(LABELS)
        for scene_number in range(each)
        for shot in range(3)
    }


def wards(count: int = 24) -> dict[str, bytes]:
    """Images with a table that has their ward and their patient; three in a row are of one patient."""
    rows = "".join(f"{n}.png,{LABELS[n // 3 % 2]},ward {n % 4},p{n // 3}\n" for n in range(count))
    return {f"{n}.png": images.picture(n) for n in range(count)} | {"table.csv": f"file,label,ward,patient_id\n{rows}".encode()}


def imported(tmp_path: Path, files: dict[str, bytes], **options) -> Dataset:
    import_dataset(images.write_zip(tmp_path / "in.zip", files), tmp_path / "out", **options)
    return Dataset.open(tmp_path / "out")


@pytest.fixture
def revised(tmp_path):
    """The next version of a dataset, by these changes."""

    def make(of: Dataset, *changes, **how) -> Dataset:
        (tmp_path / "changes.jsonl").write_text("\n".join(json.dumps(change) for change in changes))
        out = tmp_path / f"v{len(list(tmp_path.glob('v*')))}"
        revise(of.folder, tmp_path / "changes.jsonl", out, **how)
        return Dataset.open(out)

    return make


def sides(data: Dataset, of) -> list[set[int]]:
    """The splits of what `of`, told a position, calls alike."""
    found = defaultdict(set)
    for position in np.flatnonzero(data.kept).tolist():
        found[of(position)].add(int(data.splits[position]))
    return list(found.values())


def scene_of(data: Dataset):
    """Which scene a position shows, by the name that `shots` gives it."""
    known = {f"{(7 * scene_number + 13 * shot) % 100:02d}-{shot}": scene_number for scene_number in range(8) for shot in range(3)}
    return lambda position: (data.path(position)[:3], known[data.path(position)[4:-4]])


def patient_of(data: Dataset):
    return lambda position: int(data.path(position).removesuffix(".png")) // 3


def torn(data: Dataset, of) -> int:
    return sum(len(splits) > 1 for splits in sides(data, of))


def test_images_that_look_alike_are_cut_into_one_split(tmp_path):
    data = imported(tmp_path, shots(), alike=True)
    assert torn(data, scene_of(data)) == 0 and all(len(data.indices(split)) for split in ("train", "validation", "test"))
    assert data.about["options"]["alike"] is True


def test_without_a_look_at_them_they_are_torn_apart_and_nothing_is_kept(tmp_path):
    data = imported(tmp_path, shots())
    assert torn(data, scene_of(data)) > 0 and read_groups(data.folder, len(data)) is None


def test_what_stays_together_is_kept_by_the_first_position_of_each(tmp_path):
    data = imported(tmp_path, shots(), alike=True)
    first = read_groups(data.folder, len(data))
    scenes = [scene_of(data)(position) for position in range(len(data))]
    assert first.tolist() == [scenes.index(scene) for scene in scenes]


def test_an_import_that_looks_tells_its_stages_and_never_goes_back(tmp_path):
    told = []
    imported(tmp_path, shots(), alike=True, on_event=told.append)
    assert [event["stage"] for event in told if event["event"] == "stage"] == ["reading", "decoding", "splitting", "looking", "comparing"]
    shares = [event["fraction"] for event in told if event["event"] == "progress"]
    assert shares == sorted(shares) and shares[-1] == 1.0 and any(0.8 <= share < 1 for share in shares)


def test_a_look_that_is_stopped_leaves_nothing(tmp_path):
    told = []
    stop = lambda: any(event.get("stage") == "looking" for event in told)  # noqa: E731
    with pytest.raises(Interrupted, match="nothing of this import was kept"):
        imported(tmp_path, shots(), alike=True, on_event=told.append, should_stop=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["in.zip"]


def test_a_version_is_cut_anew_with_what_looks_alike_on_one_side(tmp_path, revised):
    base = imported(tmp_path, shots())
    data = revised(base, CUT | {"alike": True})
    assert torn(data, scene_of(data)) == 0 and read_groups(data.folder, len(data)) is not None


def test_a_later_cut_keeps_together_what_was_kept_together(tmp_path, revised):
    base = imported(tmp_path, shots(), alike=True)
    relabelled = revised(base, {"op": "sample", "position": 0, "label": "bee"})
    data = revised(relabelled, CUT)
    assert torn(data, scene_of(data)) == 0 and data.about["options"]["alike"] is True


def test_what_was_kept_together_is_let_go_where_that_is_asked_for(tmp_path, revised):
    data = revised(imported(tmp_path, shots(), alike=True), CUT | {"ungrouped": True})
    assert torn(data, scene_of(data)) > 0 and read_groups(data.folder, len(data)) is None


def test_a_version_is_cut_anew_by_a_column(tmp_path, revised):
    base = imported(tmp_path, wards(), choice=None)
    by_ward = revised(base, CUT | {"column": "ward"})
    ward = lambda position: int(by_ward.path(position).removesuffix(".png")) % 4  # noqa: E731
    assert torn(by_ward, ward) == 0 and by_ward.about["options"]["column"] == "ward"
    by_patient = revised(by_ward, CUT | {"column": "patient_id", "seed": 2})
    assert torn(by_patient, patient_of(by_patient)) == 0


def test_the_column_that_an_import_grouped_by_holds_in_a_later_cut(tmp_path, revised):
    data = revised(imported(tmp_path, wards()), CUT)
    assert torn(data, patient_of(data)) == 0


def test_a_test_split_that_stays_still_tells_who_belongs_to_it(tmp_path, revised):
    base = imported(tmp_path, wards())
    moved = revised(base, {"op": "sample", "position": int(base.indices("train")[0]), "split": "test"}, CUT | {"keep_test": True})
    first = read_groups(moved.folder, len(moved))
    patients = [patient_of(moved)(position) for position in range(len(moved))]
    assert first.tolist() == [patients.index(patient) for patient in patients]


def test_a_cut_that_keeps_the_test_split_says_how_many_images_belong_to_it(tmp_path, revised):
    base, told = imported(tmp_path, wards()), []
    patient = next(patient_of(base)(int(position)) for position in base.indices("train"))
    moved = [position for position in range(len(base)) if patient_of(base)(position) == patient][:1]
    revised(base, {"op": "sample", "position": moved[0], "split": "test"}, CUT | {"keep_test": True}, on_event=told.append)
    said = [event["message"] for event in told if event["event"] == "log"]
    assert said == [
        "2 images look like a test image or belong with one, and the test split was to stay; "
        "a check of the dataset names those that look alike."
    ]


def test_a_move_that_tears_a_group_apart_is_said(tmp_path, revised):
    base, told = imported(tmp_path, wards()), []
    revised(base, {"op": "sample", "position": int(base.indices("train")[0]), "split": "test"}, on_event=told.append)
    (said,) = [event["message"] for event in told if event["event"] == "log"]
    assert said.startswith("1 test image belongs to a group that stands in train too, though it was to stay together")


def test_a_cut_of_all_splits_tears_nothing_apart_and_says_nothing(tmp_path, revised):
    told = []
    revised(imported(tmp_path, wards()), CUT, on_event=told.append)
    assert not [event for event in told if event["event"] == "log"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"column": "doctor"}, "there is no column 'doctor'; there are ward, patient_id."),
        ({"column": "ward", "group": "p"}, "groups by a pattern or by a column, not by both"),
    ],
)
def test_a_cut_by_what_there_is_not_is_refused(tmp_path, revised, change, words):
    with pytest.raises(InputError, match=words):
        revised(imported(tmp_path, wards()), CUT | change)


def test_a_dataset_without_a_table_has_no_column(tmp_path, revised):
    with pytest.raises(InputError, match="there are none: it was not imported with a table"):
        revised(imported(tmp_path, images.class_folders()), CUT | {"column": "ward"})


# Least and most images a class


def counts(data: Dataset) -> dict[str, int]:
    return {label: sum(split.values()) for label, split in data.counts.items()}


def test_a_version_is_brought_to_a_size_and_tells_each_class_once(tmp_path, revised):
    files = images.class_folders(10, ("cat", "cow", "dog"))
    base = imported(tmp_path, {path: data for path, data in files.items() if path not in {f"cat/{n}.png" for n in range(7)}})
    told = []
    data = revised(base, {"op": "limit", "least": 4, "most": 5}, on_event=told.append)
    assert counts(data) == {"cow": 5, "dog": 5} and len(data) == 23
    found = [(event["file"], event["rule"]) for event in told if event["event"] == "problem"]
    assert found == [("cat", "class_too_small"), ("cow", "class_cut"), ("dog", "class_cut")]
    assert [problem["rule"] for problem in data.problems()] == [rule for _, rule in found]


def test_a_choice_leaves_the_test_split_where_that_is_to_stay(tmp_path, revised):
    base = imported(tmp_path, images.class_folders(20))
    data = revised(base, {"op": "limit", "most": 5, "keep_test": True})
    assert data.indices("test").tolist() == base.indices("test").tolist()
    assert [data.counts[label]["train"] + data.counts[label]["validation"] for label in data.classes] == [5, 5]
    assert next(data.problems())["message"] == "It has 17 images beside its test split, of which 5 were chosen by seed 0; 12 were left out."
    assert data.about["options"]["most"] == 5


def test_a_limit_of_nothing_is_refused(tmp_path, revised):
    with pytest.raises(InputError, match="a limit needs least, most, or both"):
        revised(imported(tmp_path, images.class_folders()), {"op": "limit"})
