from __future__ import annotations

import math
import random
import signal
import time
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.data import split as splitting
from classifier.data.cutting import Order, split_up
from classifier.data.split import Sample, check_shares, cut, group_of, group_pattern, groups_of, quotas, rooms_of, roots, seeded
from classifier.spec.errors import InputError

SHARES = {"train": 70.0, "validation": 15.0, "test": 15.0}


def samples_of(counts: dict[str, int]) -> list[Sample]:
    return [Sample(label, f"{label}{number}".encode()) for label, count in counts.items() for number in range(count)]


classes = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1)
shares = st.tuples(st.integers(1, 100), st.integers(0, 100), st.integers(0, 100)).map(
    lambda numbers: dict(zip(("train", "validation", "test"), map(float, numbers), strict=True))
)


@given(classes, shares, st.integers(0, 99))
def test_every_class_is_in_each_split_it_can_fill(counts, shares, seed):
    samples = samples_of(counts)
    held = Counter((sample.label, split) for sample, split in zip(samples, cut(samples, shares, seed), strict=True))
    wanted = [split for split in SHARES if shares[split] > 0]
    for label, count in counts.items():
        assert sum(held[label, split] > 0 for split in wanted) == min(count, len(wanted))
        assert held[label, "train"] > 0


@given(classes, st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_split_does_not_depend_on_the_order(counts, seed, shuffler: random.Random):
    samples = samples_of(counts)
    shuffled = shuffler.sample(samples, len(samples))
    one = dict(zip(samples, cut(samples, SHARES, seed), strict=True))
    assert dict(zip(shuffled, cut(shuffled, SHARES, seed), strict=True)) == one


@given(classes, shares, st.integers(0, 99))
def test_samples_that_are_apart_are_cut_as_groups_of_one(counts, shares, seed):
    samples = samples_of(counts)
    assert splitting.all_apart(samples)
    assert cut(samples, shares, seed) == cut([sample._replace(group=place) for place, sample in enumerate(samples)], shares, seed)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.sampled_from([None, *"uvwxyz"])), min_size=1, max_size=80),
    st.integers(0, 9),
)
def test_a_group_and_equal_bytes_never_stand_on_both_sides(rows, seed):
    samples = [Sample(label, b"%d" % number, group) for label, number, group in rows]
    sides = defaultdict(set)
    for sample, split in zip(samples, cut(samples, SHARES, seed), strict=True):
        sides[sample.digest].add(split)
        if sample.group:
            sides[sample.group].add(split)
    assert all(len(splits) == 1 for splits in sides.values())


@given(
    st.lists(st.sampled_from("abc"), min_size=2, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=40),
    st.integers(0, 9),
)
def test_a_tie_never_stands_on_two_sides(labels, pairs, seed):
    samples = [Sample(label, b"%d" % number) for number, label in enumerate(labels)]
    ties = [(one % len(labels), other % len(labels)) for one, other in pairs]
    splits = cut(samples, SHARES, seed, ties)
    assert all(splits[one] == splits[other] for one, other in ties)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=40), st.randoms(use_true_random=False), st.integers(0, 9))
def test_ties_split_alike_whatever_the_order(numbers, shuffler: random.Random, seed):
    samples = [Sample("ab"[number % 2], b"%d" % number) for number in sorted(set(numbers))]
    shuffled = shuffler.sample(samples, len(samples))

    def cuts(of):
        """Each sample with its split; those of the same ten are tied."""
        ties = [(i, j) for i, one in enumerate(of) for j, other in enumerate(of) if int(one.digest) // 10 == int(other.digest) // 10]
        return dict(zip(of, cut(of, SHARES, seed, ties), strict=True))

    assert cuts(shuffled) == cuts(samples)


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(1, 9), min_size=1, max_size=20), min_size=1), shares, st.integers(0, 9))
def test_no_split_misses_its_share_of_a_class_by_more_than_two_groups(sizes, shares, seed):
    samples, ties, most = [], [], Counter()
    for label, groups in sizes.items():
        for size in groups:
            ties += [(len(samples), len(samples) + place) for place in range(1, size)]
            samples += [Sample(label, f"{label}{len(samples) + place}".encode()) for place in range(size)]
            most[label] = max(most[label], size)
    held = Counter((sample.label, split) for sample, split in zip(samples, cut(samples, shares, seed, ties), strict=True))
    for label, groups in sizes.items():
        for split, wanted in quotas(sum(groups), shares).items():
            assert -2 * most[label] <= held[label, split] - wanted <= most[label]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([None, *"uvw"])), min_size=1, max_size=60), st.integers(0, 9), st.integers(1, 8)
)
def test_keys_that_begin_alike_are_sorted_by_the_rest(rows, seed, differ):
    labels = np.array([label for label, _ in rows], np.uint32)
    first = np.array(roots([Sample("", b"%d" % number, group) for number, (_, group) in enumerate(rows)]))
    keys = [seeded(seed, b"%d" % number) for number in range(len(rows))]
    whole = np.array([int.from_bytes(key[:8]) for key in keys], np.uint64)
    for together in (None, first):
        cuts = [
            split_up(labels, Order(begins, keys.__getitem__), rooms_of(labels, SHARES), together).tolist()
            for begins in (whole, whole >> np.uint64(64 - differ))
        ]
        assert cuts[0] == cuts[1]


@given(st.integers(1, 500), shares)
def test_quotas_add_up(count, shares):
    quota = quotas(count, shares)
    assert sum(quota.values()) == count
    assert all(number >= 0 for number in quota.values())
    assert quota["train"] >= 1


def test_large_classes_get_their_exact_shares():
    assert quotas(300, {"train": 80, "validation": 10, "test": 10}) == {"train": 240, "validation": 30, "test": 30}


def test_another_seed_gives_another_split():
    samples = samples_of({"a": 40})
    assert cut(samples, SHARES, 0) != cut(samples, SHARES, 1)


def test_three_groups_fill_three_splits():
    samples = [Sample("a", b"%d" % number, f"g{number % 3}") for number in range(90)]
    assert set(cut(samples, SHARES, 0)) == set(SHARES)


@pytest.mark.parametrize("sizes", [[12] * 6 + [3] * 40, [4] * 50 + [2] * 50, [20] * 3 + [1] * 140])
def test_the_largest_groups_are_learnt_from_as_often_as_others(sizes):
    samples = [Sample("a", b"%d %d" % (group, number), group) for group, size in enumerate(sizes) for number in range(size)]
    largest = [place for place, sample in enumerate(samples) if sizes[sample.group] == sizes[0]]
    learnt = [split == "train" for seed in range(100) for split in map(cut(samples, SHARES, seed).__getitem__, largest)]
    assert 0.6 < sum(learnt) / len(learnt) < 0.8


def test_with_groups_too_a_class_has_its_exact_shares_where_single_images_can_fill_them():
    samples = [Sample("a", b"%d" % number, number // 5 if number < 100 else None) for number in range(200)]
    assert Counter(cut(samples, SHARES, 3)) == quotas(200, SHARES)


def test_of_two_images_one_is_for_training_and_one_for_validation():
    assert sorted(cut(samples_of({"a": 2}), SHARES, 0)) == ["train", "validation"]


def test_a_share_of_zero_cuts_nothing():
    assert set(cut(samples_of({"a": 20}), {"train": 80.0, "validation": 20.0, "test": 0.0}, 0)) == {"train", "validation"}


@pytest.mark.parametrize("shares", [(70, 15), (-1, 50, 51), (0, 50, 50), (math.nan, 1, 1), (math.inf, 1, 1), ()])
def test_wrong_shares_are_refused_in_words(shares):
    with pytest.raises(InputError, match="--split must be three"):
        check_shares(shares)


@pytest.mark.parametrize("shares", [(80, 10, 10), (8, 1, 1), (1, 0, 0)])
def test_shares_need_not_add_up_to_a_hundred(shares):
    check_shares(shares)


@pytest.mark.parametrize(("regex", "group"), [(r"p(\d+)", "12"), (r"p\d+", "p12"), (r"q", None)])
def test_a_group_is_the_first_capture_or_the_match(regex, group):
    assert group_of("cat/p12_3.png", group_pattern(regex)) == group


@pytest.mark.parametrize("regex", ["(", "a{99999999999999999999}"])
def test_a_group_that_is_no_expression_is_refused(regex):
    with pytest.raises(InputError, match="--group must be a regular expression"):
        group_pattern(regex)


def test_a_group_that_is_matched_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(splitting, "GROUP_SECONDS", 0.3)
    paths, began = [f"cat/{'a' * 60}-{number}.png" for number in range(10)], time.monotonic()
    with pytest.raises(InputError, match="without a repetition inside a repetition"):
        groups_of(paths, group_pattern("(a+)+$"))
    assert time.monotonic() - began < 5


def test_after_a_group_was_matched_no_alarm_rings():
    assert groups_of(["cat/p12_3.png", "cat/x.png"], group_pattern(r"p\d+")) == ["p12", None]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_ten_thousand_classes_of_one_image_are_cut_at_once():
    samples, began = [Sample(f"class {number}", b"%d" % number) for number in range(10_000)], time.monotonic()
    assert cut(samples, {"train": 70, "validation": 15, "test": 15}, 0) == ["train"] * 10_000
    assert time.monotonic() - began < 5
