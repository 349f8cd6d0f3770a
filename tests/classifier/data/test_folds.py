"""Train and validation are cut anew into folds, a pure function of seed, content and what stays together."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.data.dataset import Dataset
from classifier.data.folds import dealt, folded
from classifier.data.importer import import_dataset
from classifier.data.split import Sample
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from tests.classifier import images

FOLDS = st.integers(2, 8)
singles = st.lists(st.sampled_from("abcd"), min_size=1, max_size=120).map(
    lambda labels: [Sample(label, b"%d" % number) for number, label in enumerate(labels)]
)
grouped = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.sampled_from([None, *"uvwxyz"])), min_size=1, max_size=120).map(
    lambda rows: [Sample(label, b"%d" % number, group) for label, number, group in rows]
)


@given(singles, FOLDS, st.integers(0, 9))
def test_each_fold_has_as_many_of_a_class_as_any_other_within_one(samples, folds, seed):
    held = defaultdict(Counter)
    for sample, fold in zip(samples, dealt(samples, folds, seed), strict=True):
        held[sample.label][fold] += 1
    for counts in held.values():
        numbers = [counts[fold] for fold in range(folds)]
        assert max(numbers) - min(numbers) <= 1


@given(grouped, FOLDS, st.integers(0, 9))
def test_a_group_and_equal_bytes_are_in_one_fold(samples, folds, seed):
    places = defaultdict(set)
    for sample, fold in zip(samples, dealt(samples, folds, seed), strict=True):
        places[sample.digest].add(fold)
        if sample.group is not None:
            places[sample.group].add(fold)
    assert all(len(found) == 1 for found in places.values())


@given(grouped, FOLDS, st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_folds_do_not_depend_on_the_order(samples, folds, seed, shuffler: random.Random):
    shuffled = shuffler.sample(samples, len(samples))
    one = Counter(zip(samples, dealt(samples, folds, seed), strict=True))
    assert Counter(zip(shuffled, dealt(shuffled, folds, seed), strict=True)) == one


def test_another_seed_deals_otherwise():
    samples = [Sample("a", b"%d" % number) for number in range(40)]
    assert dealt(samples, 4, 0) != dealt(samples, 4, 1)


# Of a dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Dataset:
    """Sixty images of two classes; three in a row are of one patient."""
    folder = tmp_path_factory.mktemp("folds")
    files = {f"{label}/p{number // 3}-{number}.png": data for label, number, data in numbered(30)}
    import_dataset(images.write_zip(folder / "in.zip", files), folder / "data", group=r"/p(\d+)-", seed=4)
    return Dataset.open(folder / "data")


def numbered(each: int):
    for path, data in images.class_folders(each).items():
        label, name = path.split("/")
        yield label, int(name.removesuffix(".png")), data


def test_folds_are_disjoint_and_complete_and_leave_the_test_split(data):
    found = [folded(data, 5, fold) for fold in range(1, 6)]
    validated = np.concatenate([each.indices("validation") for each in found])
    pool = np.concatenate([data.indices("train"), data.indices("validation")])
    assert sorted(validated.tolist()) == sorted(pool.tolist())
    for each in found:
        assert each.indices("test").tolist() == data.indices("test").tolist()
        assert sorted([*each.indices("train"), *each.indices("validation")]) == sorted(pool.tolist()) and each.id == data.id


def test_what_stayed_together_at_import_is_in_one_fold(data):
    for fold in range(1, 6):
        part = folded(data, 5, fold)
        patients = {split: {data.path(i).split("/")[1].split("-")[0] for i in part.indices(split)} for split in ("train", "validation")}
        assert not patients["train"] & patients["validation"]


def test_its_counts_are_those_of_the_fold(data):
    part = folded(data, 3, 2)
    assert {label: counts["validation"] for label, counts in part.counts.items()} == {
        label: int((data.labels[part.indices("validation")] == number).sum()) for number, label in enumerate(data.classes)
    }


def test_without_folds_it_is_itself_and_without_a_number_the_first(data):
    assert folded(data, 0, None) is data
    assert folded(data, 3, None).indices("validation").tolist() == folded(data, 3, 1).indices("validation").tolist()


def test_fewer_groups_than_folds_are_refused_at_the_field(data, tmp_path):
    import_dataset(images.write_zip(tmp_path / "in.zip", images.class_folders(6)), tmp_path / "out", group="cat|dog")
    with pytest.raises(ConfigError) as error:
        folded(Dataset.open(tmp_path / "out"), 3, 1)
    assert "those that stay together do not make 3 parts" in error.value.fields["folds"]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"folds": 1}, "folds", "must be 0, for the splits as they are, or a whole number from 2 to 20; 1 came"),
        ({"folds": 21}, "folds", "from 2 to 20; 21 came"),
        ({"folds": True}, "folds", "True came"),
        ({"fold": 2}, "fold", "needs folds"),
        ({"folds": 3, "fold": 4}, "fold", "must be at most 3, the number of folds; 4 came"),
        ({"folds": 3, "fold": 0}, "fold", "must be a whole number from 1 to 20; 0 came"),
    ],
)
def test_a_fold_that_there_is_not_is_refused_at_its_field(values, field, words):
    with pytest.raises(ConfigError) as error:
        TrainConfig.from_mapping(values)
    assert words in error.value.fields[field]
