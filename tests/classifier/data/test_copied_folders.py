"""Folders that hold once more what others hold, under whatever name: told by their bytes. One that is called so and is none is a class."""

from __future__ import annotations

import pytest

from classifier.data import elsewhere
from classifier.data.elsewhere import SOME, Elsewhere
from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.zips import ZipSource
from tests.classifier import images
from tests.classifier.data.listings import counts, listed, taken, told

MADE = {"zip": images.write_zip, "tar": images.write_tar, "folder": images.write_folder}
ONCE = images.class_folders(6)


def copied(folder: str, of=ONCE, every: int = 1) -> dict[str, bytes]:
    """The same images again below a folder; with `every` 3 a third of them."""
    return {f"{folder}/{path}": data for path, data in list(of.items())[::every]}


@pytest.fixture(params=MADE)
def make(request):
    return MADE[request.param]


@pytest.mark.parametrize("folder", ["sample", "preview of it", "both"])
@pytest.mark.parametrize("every", [1, 3])
def test_a_part_of_the_classes_once_more_is_no_class_whatever_it_is_called(tmp_path, make, folder, every):
    found, rules, said = taken(tmp_path, ONCE | copied(folder, every=every), make=make)
    assert found.keys() == ONCE.keys() and "sample_folder" in rules
    if make is not images.write_tar:
        assert all(path.startswith(f"{folder}/") for path in told(said)["sample_folder"])


@pytest.mark.parametrize("folder", ["sample", "both"])
def test_other_images_in_folders_of_the_same_names_are_a_class(tmp_path, make, folder):
    others = {f"{folder}/{label}/{n}.png": images.picture(9000 + n) for n, label in enumerate(["cat", "dog"] * 3)}
    found, rules, _ = taken(tmp_path, ONCE | others, make=make)
    assert {label for label, _ in found.values()} == {"cat", "dog", folder} and "sample_folder" not in rules


def test_a_folder_called_as_its_parent_with_other_images_stays_a_class(tmp_path):
    others = {f"pets/pets/{label}/{n}.png": images.picture(9000 + n) for n, label in enumerate(["cat", "dog"] * 3)}
    found, _, _ = taken(tmp_path, images.class_folders(6, prefix="pets/") | others)
    assert {label for label, _ in found.values()} == {"cat", "dog", "pets"}


def test_one_image_that_stands_nowhere_else_makes_it_a_class(tmp_path):
    found, _, _ = taken(tmp_path, ONCE | copied("sample") | {"sample/cat/own.png": images.picture(9000)})
    assert found["sample/cat/own.png"][0] == "sample"


def test_loose_copies_in_a_sample_folder_are_no_class_under_other_names_too(tmp_path):
    loose = {f"sample/picture {n}.png": data for n, data in enumerate(ONCE.values()) if n % 2}
    found, rules, said = taken(tmp_path, ONCE | loose)
    assert found.keys() == ONCE.keys() and "sample_folder" in rules and told(said)["sample_folder"] == list(loose)[:5]


def test_loose_copies_of_all_classes_under_any_name_are_left_out_at_the_import(tmp_path):
    loose = {f"how it looks/{n}.png": data for n, data in enumerate(ONCE.values())}
    done = import_dataset(images.write_zip(tmp_path / "in.zip", ONCE | loose), tmp_path / "out")
    assert done["classes"].keys() == {"cat", "dog"}
    assert {problem["file"] for problem in done["problems"] if problem["rule"] == "sample_folder"} == set(loose)


def test_a_second_class_of_some_images_of_others_is_told_and_kept(tmp_path):
    """As where an image lies in the folder of each thing that it shows."""
    outdoor = {f"outdoor/{n}.png": data for n, data in enumerate(ONCE.values()) if n % 2}
    done = import_dataset(images.write_zip(tmp_path / "in.zip", ONCE | outdoor), tmp_path / "out")
    assert done["classes"].keys() == {"cat", "dog", "outdoor"} and {problem["rule"] for problem in done["problems"]} >= {"two_classes"}


def test_a_class_whose_images_stand_in_one_other_is_told_and_kept(tmp_path):
    """Two labels of the same images: which of them is wrong, nobody can tell here."""
    twins = {f"kitten/{n}.png": data for n, (path, data) in enumerate(ONCE.items()) if path.startswith("cat/") and n % 2}
    done = import_dataset(images.write_zip(tmp_path / "in.zip", ONCE | twins), tmp_path / "out")
    assert done["classes"].keys() == {"cat", "dog", "kitten"} and {problem["rule"] for problem in done["problems"]} >= {"two_classes"}


HAM = [f"HAM10000_images_part_{1 + n % 2}/ISIC_{n:07}.jpg" for n in range(12)]
SKIN = listed("lesion_id,image_id,dx", (f"HAM_{n},ISIC_{n:07},{('nv', 'mel')[n % 2]}" for n in range(12)))


def test_a_set_that_is_there_twice_in_another_case_is_taken_once(tmp_path):
    """HAM10000 on Kaggle: both parts once more, written small. Its table names each image by its id alone."""
    pictures = {path: images.picture(n, "JPEG") for n, path in enumerate(HAM)}
    again = {path.replace("HAM", "ham"): data for path, data in pictures.items()}
    found, rules, _ = taken(tmp_path, pictures | again, {"HAM10000_metadata.csv": SKIN})
    assert found.keys() == set(HAM) and {label for label, _ in found.values()} == {"nv", "mel"} and rules <= {"sample_folder", "leak"}


def test_a_set_of_a_table_that_is_there_twice_is_taken_once(tmp_path):
    """Kaggle's small fashion products: images and styles.csv, and both once more in myntradataset."""
    pictures = {f"images/{n}.jpg": images.picture(n, "JPEG") for n in range(1000, 1012)}
    styles = listed("id,gender,masterCategory,season", (f"{n},{'MW'[n % 2]},{'ab'[n // 2 % 2]},S{n % 3}" for n in range(1000, 1012)))
    tables = {"styles.csv": styles, "myntradataset/styles.csv": styles}
    found, _, _ = taken(tmp_path, pictures | copied("myntradataset", of=pictures), tables)
    assert found.keys() == pictures.keys() and {label for label, _ in found.values()} == {"a", "b"}


def test_what_is_shown_before_an_import_is_what_it_takes(tmp_path):
    source = images.write_zip(tmp_path / "in.zip", ONCE | copied("small set", every=3))
    assert counts(inspect_source(source)) == {"cat": 6, "dog": 6}


def test_two_files_of_one_name_in_such_a_folder_break_nothing(tmp_path):
    """More than are compared, each of them twice: the first of each is taken, as anywhere."""
    once = images.class_folders(SOME)
    twice = images.raw_members(once | copied("sample", of=once)) + images.raw_members(copied("sample", of=once))
    done = import_dataset(images.raw_zip(tmp_path / "in.zip", twice), tmp_path / "out")
    assert done["classes"].keys() == {"cat", "dog"}
    assert {problem["rule"] for problem in done["problems"]} >= {"sample_folder", "duplicate_name"}


def test_of_very_many_such_folders_the_first_are_looked_for(tmp_path, monkeypatch):
    """Each takes two walks over the source: a thousand classes with a folder "sample" took hours."""
    monkeypatch.setattr(elsewhere, "MOST_FOLDERS", 2)
    source = images.write_zip(tmp_path / "in.zip", ONCE | copied("a") | copied("b") | copied("c"))
    is_copy = Elsewhere(source, "", lambda: False, "stopped")
    assert [is_copy(folder) for folder in ("a", "b", "c", "a")] == [True, True, None, True]


def test_of_the_images_compared_one_is_in_memory_at_a_time(tmp_path, monkeypatch):
    """They may have 256 MB each."""
    done, read, content_hash = list[str](), ZipSource.read, elsewhere.content_hash
    monkeypatch.setattr(ZipSource, "read", lambda source, key: done.append("read") or read(source, key))
    monkeypatch.setattr(elsewhere, "content_hash", lambda data: done.append("hash") or content_hash(data))
    source = images.write_zip(tmp_path / "in.zip", ONCE | copied("sample"))
    assert Elsewhere(source, "", lambda: False, "stopped")("sample")
    assert done == ["read", "hash"] * (len(done) // 2) and len(done) > 2 * len(ONCE)
