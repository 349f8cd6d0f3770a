"""Classes are brought to a size: small ones left out, of large ones a seeded choice."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.limits import Limit, beyond
from classifier.spec.errors import InputError
from tests.classifier import images

Row = tuple[int, int, bytes]  # class, split, content
rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=200).map(
    lambda pairs: [(label, part, b"%d" % number) for number, (label, part) in enumerate(pairs)]
)


def kept(found: list[Row], limit: Limit) -> set[Row]:
    labels, parts = np.array([row[0] for row in found]), np.array([row[1] for row in found])
    gone = beyond(labels, parts, lambda place: found[place][2], limit)
    return {row for row, leaves in zip(found, gone.tolist(), strict=True) if not leaves}


@given(rows, st.integers(1, 60), st.integers(0, 9))
def test_every_class_has_as_many_as_it_may_and_no_more(found, most, seed):
    before, after = Counter(row[0] for row in found), Counter(row[0] for row in kept(found, Limit(None, most, seed)))
    assert after == {label: min(count, most) for label, count in before.items()}


@given(rows, st.integers(1, 60))
def test_a_small_class_goes_whole_and_any_other_stays_whole(found, least):
    before = Counter(row[0] for row in found)
    assert kept(found, Limit(least)) == {row for row in found if before[row[0]] >= least}


@given(rows, st.integers(1, 60), st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order(found, most, seed, shuffler: random.Random):
    limit = Limit(None, most, seed)
    assert kept(shuffler.sample(found, len(found)), limit) == kept(found, limit)


@given(rows, st.integers(1, 60), st.integers(0, 9))
def test_each_split_keeps_its_share_within_one(found, most, seed):
    before, after = (Counter((row[0], row[1]) for row in some) for some in (found, kept(found, Limit(None, most, seed))))
    totals = Counter(row[0] for row in found)
    for (label, part), count in before.items():
        assert abs(after[label, part] - count * min(1, most / totals[label])) <= 1.5


def test_another_seed_chooses_others():
    found = [(0, 0, b"%d" % number) for number in range(100)]
    assert kept(found, Limit(None, 50, 0)) != kept(found, Limit(None, 50, 1))


@pytest.mark.parametrize(
    ("limit", "words"),
    [(Limit(0), "The least images a class must be a whole number from 1; 0 came"), (Limit(5, 4), "5, are more than the most, 4")],
)
def test_what_no_class_can_keep_to_is_refused(limit, words):
    with pytest.raises(InputError, match=words):
        limit.check()


# At import


@pytest.fixture
def files() -> dict[str, bytes]:
    """Three cats, twelve cows, ten dogs."""
    fewer = {"cat": 3, "cow": 12, "dog": 10}
    every = images.class_folders(12, tuple(fewer)).items()
    return {path: data for path, data in every if int(path.split("/")[1].removesuffix(".png")) < fewer[path.split("/")[0]]}


@pytest.fixture
def source(tmp_path, files):
    return images.write_zip(tmp_path / "pets.zip", files)


def test_an_import_keeps_to_the_limit_and_tells_each_class_once(tmp_path, source):
    said = import_dataset(source, tmp_path / "out", least=5, most=10)
    assert said["images"] == 20 and said["classes"]["cow"] == said["classes"]["dog"] == {"train": 6, "validation": 2, "test": 2}
    assert [(problem["file"], problem["rule"], problem["taken"]) for problem in said["problems"]] == [
        ("cat", "class_too_small", False),
        ("cow", "class_cut", True),
    ]
    assert said["problems"][0]["message"] == "It has 3 images, and a class is to have 5 at least; the class was left out with them."
    assert said["problems"][1]["message"] == "It has 12 images, of which 10 were chosen by seed 0; 2 were left out."


def contents(folder: Path) -> set[bytes]:
    data = Dataset.open(folder)
    return {data.pack.index["sha256"][image].tobytes() for image in data.images}


def test_the_same_images_under_other_names_give_the_same_choice(tmp_path, files):
    import_dataset(images.write_zip(tmp_path / "a.zip", files), tmp_path / "first", most=4, seed=3)
    others = {f"{path.split('/')[0]}/{50 - number}.png": data for number, (path, data) in enumerate(reversed(files.items()))}
    import_dataset(images.write_zip(tmp_path / "b.zip", others), tmp_path / "again", most=4, seed=3)
    assert contents(tmp_path / "first") == contents(tmp_path / "again")


def test_a_limit_that_leaves_one_class_is_refused_with_its_reason(tmp_path, source):
    with pytest.raises(InputError, match="Only one class .* the first: cat: It has 3 images, and a class is to have 11 at least"):
        import_dataset(source, tmp_path / "out", least=11)
