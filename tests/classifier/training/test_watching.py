"""The same validation images at every validation."""

from __future__ import annotations

import json

import numpy as np

from classifier.data.dataset import Dataset
from classifier.metrics import dense
from classifier.training.watching import MOST, chosen
from tests.classifier.training.runs import result


def told(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def test_each_epoch_tells_what_is_said_of_the_same_images(digits, whole):
    rows, dataset = told(whole), Dataset.open(digits)
    positions = rows[0]["watched"]["positions"]
    assert len(rows) == 3 and [row["watched"]["positions"] for row in rows] == [positions] * 3
    assert set(positions) <= set(dataset.indices("validation").tolist()) and len(positions) == min(MOST, len(dataset.indices("validation")))
    assert all(row["watched"]["labels"] == dataset.labels[positions].tolist() for row in rows)


def test_what_is_said_is_what_the_matrix_counts(whole):
    for row in told(whole):  # of so few validation images all are watched
        counts, watched = dense(row["confusion"]), row["watched"]
        said = np.zeros_like(counts)
        for label, best, odds in zip(watched["labels"], watched["best"], watched["probability"], strict=True):
            said[label, best[0]] += 1
            assert len(best) == 3 and odds == sorted(odds, reverse=True) and 0.999 < sum(odds) < 1.001
        assert (said == counts).all()


def test_the_result_of_a_run_stays_short(whole):
    assert not any("watched" in row for row in result(whole)["history"])


def test_every_class_is_seen_once_before_any_is_twice():
    labels = np.repeat(np.arange(30), 40)
    assert np.unique(labels[chosen(np.arange(1200), labels, seed=1)]).size == MOST
    few = np.repeat(np.arange(5), 40)
    assert sorted(np.bincount(few[chosen(np.arange(200), few, seed=1)])) == [4, 5, 5, 5, 5]


def test_another_seed_chooses_others_and_the_same_seed_the_same():
    labels = np.zeros(1000, int)
    first, again, other = (set(chosen(np.arange(1000), labels, seed).tolist()) for seed in (1, 1, 2))
    assert first == again and len(first & other) < MOST


def test_an_image_that_goes_changes_one_choice_alone():
    labels, positions = np.zeros(1000, int), np.arange(1000)
    first = chosen(positions, labels, seed=1)
    left = np.delete(positions, first[3])
    then = set(left[chosen(left, labels[left], seed=1)].tolist())
    assert len(then & set(first.tolist())) == MOST - 1


def test_of_no_images_none_are_chosen():
    assert len(chosen(np.zeros(0, int), np.zeros(0, int), seed=1)) == 0
