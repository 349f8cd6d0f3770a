"""Added images whose group the version has go to its side, by a column of the tables as by a pattern."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.revise import revise
from classifier.data.together import read_groups
from classifier.spec.errors import InputError
from tests.classifier import images

LABELS = ("ant", "bee")
PATIENTS = 10
HEAD = "file,label,ward,patient_id\n"
Add = Any


def shots(shot: int, head: str = HEAD) -> dict[str, bytes]:
    """A photograph of each patient under a name that says nothing of whom, with the table that does."""
    names = [f"{chr(97 + shot)}{(7 * patient) % PATIENTS}.png" for patient in range(PATIENTS)]
    rows = [
        f"{name},{LABELS[patient % 2]},ward {patient % 3},p{patient}" if "label" in head else f"{name},p{patient}"
        for patient, name in enumerate(names)
    ]
    return {name: images.picture(1000 * shot + patient) for patient, name in enumerate(names)} | {
        "table.csv": (head + "\n".join(rows)).encode()
    }


def patient_of(path: str) -> int:
    return next(patient for patient in range(PATIENTS) if (7 * patient) % PATIENTS == int(path.rpartition("/")[2][1:-4]))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A photograph of each of ten patients, in two wards' tables."""
    out = tmp_path / "set" / "data"
    import_dataset(images.write_zip(tmp_path / "in.zip", shots(0)), out)
    return out


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """The version with these files added, and what was told of files."""

    def added(base: Path, files: dict[str, bytes], *changes: dict[str, Any], **said: Any) -> tuple[Dataset, dict[str, str]]:
        number = len(list(tmp_path.glob("more*.zip")))
        source = images.write_zip(tmp_path / f"more{number}.zip", files)
        file = tmp_path / "changes.jsonl"
        file.write_text("\n".join(json.dumps(change) for change in ({"op": "add", "source": source.name, **said}, *changes)))
        told: list[dict[str, Any]] = []
        out = base.parent / f"v{number + 2}"
        revise(base, file, out, on_event=told.append)
        return Dataset.open(out), {event["file"]: event["message"] for event in told if event["event"] == "problem"}

    return added


def torn(data: Dataset) -> set[int]:
    """Patients that stand on two sides, or are not told to belong together."""
    first = read_groups(data.folder, len(data))
    assert first is not None
    sides = defaultdict[int, set[tuple[int, int]]](set)
    for position in np.flatnonzero(data.kept).tolist():
        sides[patient_of(data.path(position))].add((int(data.splits[position]), int(first[position])))
    return {patient for patient, found in sides.items() if len(found) > 1}


def column(data: Dataset, name: str) -> list[str]:
    """What stands there of each sample."""
    place = data.about["columns"].index(name)
    return [json.loads(line)[place] for line in (data.folder / "metadata.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("seed", range(4))
def test_a_patient_of_the_version_stays_on_one_side_by_the_tables_alone(base: Path, add: Add, seed: int) -> None:
    data, told = add(base, shots(1), seed=seed)
    assert len(data) == 2 * PATIENTS and torn(data) == set() and told == {}


def test_so_it_is_where_the_import_did_not_write_down_its_column(base: Path, add: Add) -> None:
    about = json.loads((base / "dataset.json").read_text())
    assert about["options"].pop("column") == "patient_id"
    (base / "dataset.json").write_text(json.dumps(about))
    assert torn(add(base, shots(1), seed=3)[0]) == set()


def test_a_table_may_spell_the_column_otherwise(base: Path, add: Add) -> None:
    assert torn(add(base, shots(1, "file,label,ward,Patient ID\n"), seed=3)[0]) == set()


def test_images_of_one_class_are_grouped_by_a_table_that_has_no_labels(base: Path, add: Add) -> None:
    data, _ = add(base, shots(1, "file,patient_id\n"), label="ant", seed=3)
    assert torn(data) == set() and sum(data.counts["ant"].values()) == PATIENTS // 2 + PATIENTS


def test_a_table_beside_images_of_one_class_is_no_ignored_file_and_says_how_many_it_lacks(base: Path, add: Add) -> None:
    files = shots(1, "file,patient_id\n")
    data, told = add(base, files | {"table.csv": files["table.csv"] + b"\nlost.png,p1\ngone.png,p1\n"}, label="ant")
    assert data.about["ignored"] == 0 and told == {"table.csv": "It lists 2 images that are not there."}


def test_a_patient_that_came_with_an_addition_is_known_to_the_next_one(base: Path, add: Add) -> None:
    def others(shot: int) -> dict[str, bytes]:
        files = shots(shot)
        return files | {"table.csv": re.sub(rb",p(\d)", rb",q\1", files["table.csv"])}

    second, _ = add(base, others(1))
    data, _ = add(second.folder, others(2), seed=5)
    sides = defaultdict[str, set[int]](set)
    for split, patient in zip(data.splits.tolist(), column(data, "patient_id"), strict=True):
        sides[patient].add(split)
    assert len(sides) == 2 * PATIENTS and all(len(found) == 1 for found in sides.values())


def test_a_column_that_is_named_goes_before_the_versions_own(base: Path, add: Add) -> None:
    data, _ = add(base, shots(1), column="ward")
    told, splits = column(data, "ward"), data.splits.tolist()
    first = dict(zip(told[PATIENTS - 1 :: -1], splits[PATIENTS - 1 :: -1], strict=True))
    assert splits[PATIENTS:] == [first[ward] for ward in told[PATIENTS:]]


def test_a_column_that_no_added_image_has_is_refused(base: Path, add: Add) -> None:
    with pytest.raises(InputError, match="no added image has anything in a column 'doctor'; their tables have ward, patient_id."):
        add(base, shots(1), column="doctor")


def test_a_pattern_and_a_column_at_once_are_refused(base: Path, add: Add) -> None:
    with pytest.raises(InputError, match="by a pattern or by a column, not by both"):
        add(base, shots(1), column="ward", group="p")


def test_what_an_import_grouped_by_a_pattern_counts_for_what_is_added_without_one(tmp_path: Path, add: Add) -> None:
    files = {f"{label}/p{n}-0.png": images.picture(100 * n) for n, label in enumerate(LABELS * 5)}
    import_dataset(images.write_zip(tmp_path / "in.zip", files), tmp_path / "set" / "data", group=r"(p\d+)-")
    data, _ = add(
        tmp_path / "set" / "data", {name.replace("-0", "-1"): images.picture(100 * n + 1) for n, name in enumerate(files)}, seed=3
    )
    side = {data.path(position): int(data.splits[position]) for position in range(len(data))}
    assert all(side[name] == side[name.replace("-0", "-1")] for name in files)


def test_a_split_that_the_source_gives_is_kept_and_the_leak_told(base: Path, add: Add) -> None:
    before = Dataset.open(base)
    learnt = patient_of(before.path(int(before.indices("train")[0])))
    name = f"test/b{(7 * learnt) % PATIENTS}.png"
    table = f"file,label,split,patient_id\n{name},ant,test,p{learnt}\n".encode()
    data, told = add(base, {name: images.picture(5_000), "table.csv": table})
    assert data.splits[PATIENTS] == 2 and "belongs to group 'p" in told[name] and "does in train" in told[name]
    assert [(problem["file"], problem["rule"]) for problem in data.problems()] == [(name, "leak")]


def test_train_images_of_which_the_other_splits_are_cut_go_to_their_patients_side(base: Path, add: Add) -> None:
    table = shots(1)["table.csv"].decode().replace("label,", "label,split,").replace(",ant,", ",ant,train,").replace(",bee,", ",bee,train,")
    data, _ = add(base, shots(1) | {"table.csv": table.encode()}, seed=3)
    assert torn(data) == set()


def test_an_image_that_is_there_already_tells_where_its_patient_is(tmp_path: Path, add: Add) -> None:
    unnamed = {f"{LABELS[patient_of(name) % 2]}/{name}": data for name, data in shots(0).items() if name.endswith(".png")}
    import_dataset(images.write_zip(tmp_path / "in.zip", unnamed), tmp_path / "set" / "data")
    more = {name: content for name, content in (shots(0) | shots(1)).items() if name.endswith(".png")}
    table = shots(0)["table.csv"] + b"\n" + shots(1)["table.csv"].partition(b"\n")[2]
    data, _ = add(tmp_path / "set" / "data", more | {"table.csv": table}, seed=3)
    assert len(data) == 2 * PATIENTS and torn(data) == set()


def test_an_image_that_comes_twice_is_added_once_with_its_group(base: Path, add: Add) -> None:
    files = shots(1)
    name = next(name for name in files if name.endswith(".png"))
    table = files["table.csv"] + f"\nz0.png,ant,ward 0,p{patient_of(name)}\n".encode()
    data, told = add(base, files | {"z0.png": files[name], "table.csv": table}, seed=3)
    assert len(data) == 2 * PATIENTS and torn(data) == set() and "is the same image as" in told["z0.png"]


def test_a_version_that_was_cut_with_nothing_together_draws_nothing_to_its_sides(base: Path, add: Add, tmp_path: Path) -> None:
    (tmp_path / "free.jsonl").write_text(json.dumps({"op": "split", "shares": [40, 30, 30], "seed": 1, "ungrouped": True}))
    revise(base, tmp_path / "free.jsonl", base.parent / "free")
    first = read_groups((found := add(base.parent / "free", shots(1))[0]).folder, len(found))
    assert first is not None and first.tolist() == list(range(2 * PATIENTS))


def test_a_cut_by_the_column_takes_added_images_along(base: Path, add: Add) -> None:
    data, _ = add(base, shots(1), {"op": "split", "shares": [40, 30, 30], "seed": 4, "column": "patient_id"})
    assert torn(data) == set()
