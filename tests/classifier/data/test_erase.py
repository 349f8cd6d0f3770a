"""One image is erased: nothing of it is left in any file, and the rest is as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier.data.dataset import Dataset
from classifier.data.erase import also_called, erase, without_names
from classifier.data.importer import import_dataset
from classifier.data.revise import revise
from classifier.spec.errors import InputError
from classifier.spec.packfile import IN_NO_SPLIT
from tests.classifier import images

SECRET = "cat/patient-77.png"
FILES = images.class_folders(5, ("cat", "dog")) | {SECRET: images.picture(seed=77)}
TWIN = {"dog/again.png": FILES[SECRET]}
DIGEST = hashlib.sha256(FILES[SECRET]).hexdigest()


def imported(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    import_dataset(images.write_zip(folder / "pets.zip", files), folder / "data")
    (folder / "pets.zip").unlink()
    return folder / "data"


def next_version(base: Path, *changes) -> Path:
    out = base.parent / f"v{len(list(base.parent.glob('v*'))) + 2}"
    file = base.parent / "changes.jsonl"
    file.write_text("\n".join(json.dumps(change) for change in changes))
    revise(base, file, out)
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A set with the same picture in two classes, and a second version of it."""
    base = imported(tmp_path_factory.mktemp("set"), FILES | TWIN)
    next_version(base, {"op": "sample", "position": 0, "label": "dog"})
    return base.parent


@pytest.fixture
def versions(made, tmp_path) -> list[Path]:
    shutil.copytree(made, tmp_path / "set", symlinks=True)
    return [tmp_path / "set" / "data", tmp_path / "set" / "v2"]


def whole(folder: Path) -> bytes:
    """Every byte of every file, of those behind its link too."""
    found = sorted({*folder.rglob("*"), *(folder / "pack").glob("*")})
    return b"".join(path.read_bytes() for path in found if path.is_file())


def pixels_of(data: Dataset, position: int) -> bytes:
    return data.pack.payload(int(data.images[position]))


def position_of(data: Dataset, path: str) -> int:
    return [data.path(n) for n in range(len(data))].index(path)


def test_nothing_of_it_is_left_in_any_version(versions):
    data = Dataset.open(versions[0])
    position = position_of(data, SECRET)
    before = pixels_of(data, position)
    assert before in whole(versions[0]) and b"patient-77" in whole(versions[1])
    said = erase(versions, DIGEST)
    assert [len(told["positions"]) for told in said["datasets"]] == [2, 2]
    for folder in versions:
        assert before not in whole(folder) and b"patient-77" not in whole(folder) and b"again.png" not in whole(folder)
        assert not any(pixels_of(Dataset.open(folder), position))


def test_its_rows_stay_as_tombstones_in_no_split(versions):
    before = [Dataset.open(folder) for folder in versions]
    erase(versions, DIGEST)
    for old, folder in zip(before, versions, strict=True):
        data = Dataset.open(folder)
        gone = [n for n in range(len(data)) if data.path(n) == "erased"]
        assert len(data) == len(old) and data.id == old.id and data.tombstones == 2 and len(gone) == 2
        assert (data.splits[gone] == IN_NO_SPLIT).all()
        assert sum(sum(split.values()) for split in data.counts.values()) == len(old) - 2


def test_every_other_image_is_as_it_was(versions):
    before = Dataset.open(versions[0])
    kept = {before.path(n): pixels_of(before, n) for n in range(len(before)) if before.path(n) not in (SECRET, *TWIN)}
    erase(versions, DIGEST)
    after = Dataset.open(versions[0])
    assert {after.path(n): pixels_of(after, n) for n in range(len(after)) if after.path(n) != "erased"} == kept


def test_its_thumbnail_alone_is_overwritten(versions):
    pack = Dataset.open(versions[0]).pack
    thumbs = np.fromfile(versions[0] / "pack" / "thumbs.bin", np.uint8)
    erase(versions, DIGEST)
    now = np.fromfile(versions[0] / "pack" / "thumbs.bin", np.uint8)
    changed = np.flatnonzero(thumbs != now)
    assert len(now) == len(thumbs) and 0 < changed[-1] - changed[0] < 2 * len(thumbs) / len(pack) and not now[changed].any()


def test_findings_and_tables_name_it_no_more(tmp_path):
    table = "file,label,name\n" + "".join(f"{n}.png,{'ab'[n % 2]},{'Jo Doe' if n == 3 else 'x'}\n" for n in range(8))
    files = {f"{n}.png": images.picture(seed=n) for n in range(8)} | {"3.png": images.picture(seed=77), "labels.csv": table.encode()}
    base = imported(tmp_path, files | {"5.png": files["3.png"]})
    problems = json.loads((base / "dataset.json").read_text())["problems"]
    assert any("3.png" in problem["message"] for problem in problems)
    erase([base], DIGEST)
    assert b"Jo Doe" not in whole(base) and b"3.png" not in whole(base) and b"5.png" not in whole(base)
    assert len((base / "metadata.jsonl").read_text().splitlines()) == 8 and b"7.png" in whole(base)


def test_photographs_are_overwritten_too(tmp_path):
    files = {f"{label}/{n}.jpg": images.photograph(seed=n + 10 * len(label)) for n in range(4) for label in ("a", "bb")}
    base = imported(tmp_path, files)
    kept = pixels_of(Dataset.open(base), 2)
    erase([base], hashlib.sha256(files["a/2.jpg"]).hexdigest())
    assert kept not in whole(base) and not any(pixels_of(Dataset.open(base), 2))


def test_a_later_version_leaves_it_out_whatever_its_changes_say(versions):
    gone = erase(versions, DIGEST)["datasets"][0]["positions"]
    back = {"op": "sample", "position": gone[0], "label": "dog", "split": "test", "removed": False}
    data = Dataset.open(next_version(versions[1], back))
    assert (data.splits[gone] == IN_NO_SPLIT).all() and data.tombstones == 0 and data.path(gone[0]) == "erased"


def test_a_label_that_a_draft_gives_it_does_not_hold_the_next_version_up(versions):
    gone = erase(versions, DIGEST)["datasets"][0]["positions"]
    told = ({"op": "sample", "position": n, "label": "dog", "removed": False} for n in gone)
    assert (Dataset.open(next_version(versions[1], *told)).splits[gone] == IN_NO_SPLIT).all()


def test_to_erase_it_again_changes_nothing(versions):
    said = erase(versions, DIGEST)
    before = [whole(folder) for folder in versions]
    assert erase(versions, DIGEST) == said
    assert [whole(folder) for folder in versions] == before


@pytest.mark.parametrize("point", ["erase-marked", "erase-overwritten", "erase-names", "erase-names@2"])
def test_one_that_was_killed_is_made_whole_by_the_next(point, versions):
    command = [sys.executable, "-m", "classifier", "erase", *map(str, versions), "--image", DIGEST]
    killed = subprocess.run(command, env={**os.environ, "FAULT": f"{point}:kill"}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert all(Dataset.open(folder).tombstones == 2 for folder in versions)  # from the first step on nobody uses it
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "erased"
    for folder in versions:
        data = Dataset.open(folder)
        assert b"patient-77" not in whole(folder) and not any(any(pixels_of(data, n)) for n in np.flatnonzero(data.erased))


def test_an_image_that_no_dataset_holds_changes_nothing(versions):
    before = whole(versions[0])
    with pytest.raises(InputError, match="No image of these datasets"):
        erase(versions, "0" * 64)
    assert whole(versions[0]) == before


@pytest.mark.parametrize("text", ["", "12", "g" * 64, "a" * 63, " " + "a" * 63])
def test_a_hash_that_is_none_is_told_what_is_one(text, versions):
    with pytest.raises(InputError, match="64 hex digits"):
        erase(versions, text)


def test_who_reads_a_dataset_hears_that_images_are_left_out(versions):
    told = []
    Dataset.open(versions[0]).tell_left_out(told.append)
    erase(versions, DIGEST)
    Dataset.open(versions[0]).tell_left_out(told.append)
    assert [event["message"] for event in told] == ["2 images were erased and are left out."]


def test_a_copy_that_was_not_added_again_is_a_name_of_the_image_too() -> None:
    said = "It is the same image as cat/1.png, which the dataset has already; it was not added again."
    copy, other = ({"file": file, "rule": "already_there", "message": said, "taken": False} for file in ("copy.png", "x.png"))
    other["message"] = said.replace("cat/1.png", "cat/11.png")
    assert also_called([copy, other, copy | {"rule": "truncated", "file": "cut.png"}], ["cat/1.png"]) == ["copy.png"]
    assert without_names(copy, ["cat/1.png", "copy.png"]) == copy | {
        "file": "erased",
        "message": said.replace("cat/1.png", "erased"),
    }
