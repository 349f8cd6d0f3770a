"""What is remembered of each image of an import is numbers in columns, and comes to the same as objects would."""

from __future__ import annotations

import hashlib
import os
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.data import dataset, hashes, known, publish, texts
from classifier.data.archive import FolderSource
from classifier.data.collect import Collected
from classifier.data.dataset import dataset_id
from classifier.data.hashes import Hashes
from classifier.data.importer import id_of, import_dataset
from classifier.data.known import Digests, Keys, Names
from classifier.data.layouts.base import Layout
from classifier.data.layouts.folders import arrange
from classifier.data.publish import write_dataset
from classifier.data.rows import assign, counts_of, place, repeats
from classifier.data.samples import Groups, first_of
from classifier.data.texts import Texts, in_order
from classifier.spec.events import SPLITS
from classifier.spec.packfile import INDEX, UNLABELLED
from tests.classifier import images

MANY = 60_000
BYTES_AN_IMAGE = 120  # its path's own 14 among them, and what is no more for a million; as objects they took 400
SHARES = dict(zip(SPLITS, (70.0, 15.0, 15.0), strict=True))
paths = st.lists(st.text(st.characters(blacklist_characters="\0"), max_size=30) | st.sampled_from(["a/b", "a/bcdefgh", "a/bcdefghi", ""]))


def write_index(pack: Path, digests: list[bytes]) -> None:
    pack.mkdir(parents=True)
    (pack / "index.bin").write_bytes(b"".join(INDEX.pack(0, 64, 8, 8, 1, 0, digest) for digest in digests))


@given(paths)
def test_texts_come_back_and_sort_as_strings_do(found: list[str]) -> None:
    kept = Texts(found)
    assert list(kept) == found
    assert kept.order().tolist() == sorted(range(len(found)), key=lambda place: found[place])


def test_names_that_are_no_text_come_back_and_sort_too() -> None:
    found = [os.fsdecode(name) for name in (b"\xff.png", b"a\xe9.png", "a漢.png".encode(), b"a.png")]
    assert list(Texts(found)) == found and [found[place] for place in Texts(found).order()] == sorted(found)


@given(st.lists(st.integers(0, 40) | st.integers(0, (1 << 64) - 1), max_size=200))
def test_a_key_has_the_number_that_it_came_in(numbers: list[int]) -> None:
    before, after = Keys(), Keys(numbers)
    for number in numbers:
        assert before.find(number) == (numbers.index(number) if number in before.keys else None)
        before.add(number)
    assert [after.find(number) for number in numbers] == [numbers.index(number) for number in numbers]
    assert all(after.find(number) is None for number in set(range(60)) - set(numbers))


def test_keys_at_the_end_of_the_table_go_on_at_its_beginning() -> None:
    last = known.FEWEST - 1
    found = [last + known.FEWEST * turn for turn in range(300)]
    keys = Keys(found)
    assert [keys.find(key) for key in found] == list(range(300))


def test_a_name_is_new_once() -> None:
    names = Names()
    assert [names.is_new(name) for name in ("a", "b", "a", "c", "b")] == [True, True, False, True, False]


@pytest.mark.parametrize("late", [False, True])
def test_hashes_that_begin_alike_are_told_apart(late: bool, tmp_path: Path) -> None:
    begins, others = b"12345678", [b"12345678" + bytes([number]) * 24 for number in range(4)]
    write_index(tmp_path / "pack", others[:2])
    with (tmp_path / "pack" / "index.bin").open("ab") as index:
        met = Digests(tmp_path / "pack" / "index.bin", index.flush, late=late)
        met.add(others[2])
        if not late:
            index.write(INDEX.pack(0, 64, 8, 8, 1, 0, others[2]))
        assert [met.find(digest) for digest in others] == [0, 1, 2, None] and met.find(begins + bytes(24)) == 0
        met.close()


@given(st.lists(st.integers(0, 9)))
def test_the_first_of_equal_numbers(numbers: list[int]) -> None:
    assert first_of(np.array(numbers, np.uint32)).tolist() == [numbers.index(number) for number in numbers]


def test_groups_are_the_names_that_they_came_as() -> None:
    names = ["p1", None, "p2", "p1", ""]
    groups = Groups.of(names)
    assert list(groups) == names and [groups[place] for place in range(5)] == names and list(groups.names) == ["p1", "p2", ""]
    assert groups.any_of(np.array([1, 2])) and not groups.any_of(np.array([1]))


def test_the_id_is_the_same_in_however_many_parts_rows_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(0)
    digests = [chance.randbytes(32) for _ in range(150)] + [bytes(32), bytes(31) + b"\1", b"\1" + bytes(31)]
    rows = [(chance.choice(digests), chance.choice("aé\t"), chance.choice(SPLITS)) for _ in range(400)]
    whole = dataset_id(rows)
    for at_once in (1, 3, 100):
        monkeypatch.setattr(dataset, "SORTED_AT_ONCE", at_once)
        assert dataset_id(rows) == whole


def test_a_dataset_is_the_same_in_however_many_parts_it_is_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = images.class_folders(9) | {"cat/twin.png": images.picture(3)}
    source = images.write_folder(tmp_path / "in", files)
    whole = import_dataset(source, tmp_path / "whole")
    for module in (hashes, publish, texts):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(texts, "FEW", 3)
    assert import_dataset(source, tmp_path / "parts") == whole
    for name in ("samples.bin", "paths.txt", "pack/index.bin"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_very_many_names_of_a_folder_are_sorted_as_few_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (b"z", b"b.png", b"\xe9.png", "漢.png".encode(), b"a.png"):
        (tmp_path / os.fsdecode(name)).mkdir() if name == b"z" else (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    few = [(entry.path, entry.kind, entry.key) for entry in FolderSource(tmp_path).entries()]
    monkeypatch.setattr(texts, "FEW", 1)
    assert [(entry.path, entry.kind, entry.key) for entry in FolderSource(tmp_path).entries()] == few and len(few) == 5
    assert list(in_order(["b", "c", "a"])) == ["a", "b", "c"]


def test_a_file_that_is_gone_meanwhile_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(b"x")
    entries = FolderSource(tmp_path).entries()
    found = [next(entries)]
    (tmp_path / "b.png").unlink()
    found += entries
    assert [(entry.path, entry.kind, entry.rule) for entry in found] == [
        ("a.png", "image", ""),
        ("b.png", "refused", "unreadable"),
        ("c.png", "image", ""),
    ]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of very many images."""
    folder = tmp_path_factory.mktemp("many")
    write_index(folder / "pack", [hashlib.sha256(b"%d" % number).digest() for number in range(MANY)])
    return folder


def rows_of(folder: Path, layout: Layout) -> None:
    """What an import does once its images are in the pack."""
    collected = Collected()
    for number in range(MANY):
        collected.paths.append(f"{number * 7919 % 1000:03}/{number:06}.png")
        collected.rows.append(number)
    placed, problems = place(collected, layout)
    samples = assign(placed, Hashes(folder / "pack"), SHARES, 0, None)
    assert problems == repeats(samples) == []
    counts = counts_of(samples)
    about = {"id": id_of(samples, Hashes(folder / "pack")), "classes": list(counts), "columns": []}
    assert len(counts) == 1000 and UNLABELLED not in counts
    write_dataset(folder, about, samples)


def peak_bytes(work: object, *arguments: object) -> float:
    """The most memory that it takes at a time, an image."""
    tracemalloc.start()
    try:
        work(*arguments)  # type: ignore[operator]
        return tracemalloc.get_traced_memory()[1] / MANY
    finally:
        tracemalloc.stop()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at in one piece is little beside so few images too."""
    for module in (hashes, publish, texts):
        monkeypatch.setattr(module, "AT_ONCE", 1 << 12)
    monkeypatch.setattr(dataset, "SORTED_AT_ONCE", 1 << 12)


@pytest.mark.usefixtures("small_parts")
def test_rows_take_few_bytes_an_image(pack: Path) -> None:
    layout = arrange({f"{number:03}": 60 for number in range(1000)}, "in.zip")
    layout.place("000/x.png")
    assert peak_bytes(rows_of, pack, layout) < BYTES_AN_IMAGE


@pytest.mark.usefixtures("small_parts")
def test_what_was_met_takes_few_bytes_an_image(pack: Path) -> None:
    def met() -> None:
        digests, names = Digests(pack / "pack" / "index.bin", lambda: None, late=False), Names()
        for number in range(MANY):
            names.is_new(f"{number:06}.png")
        assert len(digests) == MANY
        digests.close()

    assert peak_bytes(met) < BYTES_AN_IMAGE
