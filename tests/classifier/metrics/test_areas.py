"""One class against the others, beside scikit-learn's curves and areas."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as reference

from classifier.metrics import areas, softmax
from classifier.metrics.curves import by_class, read_curves, selective, write_curves

# few different scores, so that ties occur
scored = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60).filter(
    lambda rows: len({own for own, _ in rows}) == 2
)


def ranked(rows):
    """(whether each is of the class, its score, where the class's images stand)."""
    own, scores = np.array([own for own, _ in rows]), np.array([score for _, score in rows]) / 10
    return own, scores, areas.ranked(np.sort(scores), np.sort(scores[own]))


@given(scored)
def test_the_roc_area_is_scikit_learns(rows):
    own, scores, found = ranked(rows)
    assert areas.roc_area(found).value == pytest.approx(reference.roc_auc_score(own, scores))


@given(scored)
def test_the_average_precision_is_scikit_learns(rows):
    own, scores, found = ranked(rows)
    assert areas.average_precision(found).value == pytest.approx(reference.average_precision_score(own, scores))


@given(scored)
def test_every_corner_of_scikit_learns_roc_curve_lies_on_ours(rows):
    own, scores, found = ranked(rows)
    x, y = areas.roc_curve(found)
    for rate, hit in zip(*reference.roc_curve(own, scores, drop_intermediate=False)[:2], strict=True):
        at = np.isclose(x, rate)
        assert (
            (at & np.isclose(y, hit)).any()
            or np.interp(rate, x, y) == pytest.approx(hit)
            or (at.any() and y[at].min() <= hit <= y[at].max())
        )


@given(scored)
def test_every_point_of_our_precision_recall_curve_is_one_of_scikit_learns(rows):
    own, scores, found = ranked(rows)
    precision, recall, _ = reference.precision_recall_curve(own, scores)
    theirs = {(round(r, 9), round(p, 9)) for r, p in zip(recall, precision, strict=True)}
    ours = {(round(r, 9), round(p, 9)) for r, p in zip(*areas.pr_curve(found), strict=True) if r > 0}
    assert ours <= theirs


@given(scored)
def test_no_threshold_has_a_better_f1_than_the_best(rows):
    own, scores, found = ranked(rows)
    threshold, best = areas.best_threshold(found)
    assert best == pytest.approx(max(reference.f1_score(own, scores >= each) for each in set(scores.tolist())))
    assert reference.f1_score(own, scores >= threshold) == pytest.approx(best)


def test_delongs_interval_is_as_wide_as_resamples_say():
    draw = np.random.default_rng(5)
    own = draw.random(800) < 0.2
    scores = draw.normal(size=800) + own
    found = areas.roc_area(areas.ranked(np.sort(scores), np.sort(scores[own])))
    again = [reference.roc_auc_score(own[rows], scores[rows]) for rows in draw.integers(0, 800, (600, 800))]
    assert found.error == pytest.approx(np.std(again), rel=0.15)
    assert (found.low, found.high) == pytest.approx(np.quantile(again, [0.025, 0.975]), abs=0.01)


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 12), st.floats(0.2, 3.5), st.sampled_from([0.0, 0.1, 0.3]), st.integers(0, 2**32 - 1))
def test_the_interval_of_few_images_holds_the_true_area_as_often_as_it_says(n, apart, lost, seed):
    """Of normal scores, some images of the class among them with those of any other. DeLong's alone holds it half as often."""
    draw = np.random.default_rng(seed)
    true = (1 - lost) * stats.norm.cdf(apart / math.sqrt(2)) + lost / 2
    held = 0
    for _ in range(400):
        own = draw.normal(size=n) + apart * (draw.random(n) >= lost)
        area = areas.roc_area(areas.ranked(np.sort(np.r_[own, draw.normal(size=80)]), np.sort(own)))
        held += area.low <= true <= area.high
    assert held >= 0.9 * 400  # 95 %, by a few hundred draws


def test_a_class_that_stands_above_all_others_is_not_certain_to():
    area = areas.roc_area(areas.ranked(np.arange(10) / 10, np.array([0.7, 0.8, 0.9])))
    assert (area.value, area.high) == (1, 1) and 0.5 < area.low < 0.7 and math.isnan(area.error)


def test_a_class_without_images_or_without_others_has_no_area():
    alone, none = areas.ranked(np.array([0.1, 0.2]), np.array([0.1, 0.2])), areas.ranked(np.array([0.1]), np.array([]))
    assert math.isnan(areas.roc_area(alone).value) and areas.average_precision(alone).value == 1
    assert math.isnan(areas.roc_area(none).value) and math.isnan(areas.average_precision(none).value)


def test_two_images_below_a_million_others_have_an_interval_too():
    found = areas.Ranked(*(np.array([value]) for value in (0.1, 2.0, 2.0, 0.0, 0.0)), n=2, others=1_000_000)
    area = areas.average_precision(found)
    assert area.value == pytest.approx(2e-6, rel=1e-3) and 0 <= area.low < area.value < area.high <= 1


def test_a_long_curve_keeps_its_shape_in_few_points():
    draw = np.random.default_rng(2)
    own = draw.random(20_000) < 0.5
    scores = draw.normal(size=20_000) + own
    x, y = areas.roc_curve(areas.ranked(np.sort(scores), np.sort(scores[own])))
    assert len(x) == areas.POINTS and (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(y, x) == pytest.approx(reference.roc_auc_score(own, scores), abs=0.002)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_areas_and_counts_of_many_classes_are_scikit_learns(seed):
    draw = np.random.default_rng(seed)
    labels, logits = draw.integers(0, 4, 80), draw.normal(size=(80, 4)).astype(np.float32) * 2
    kept, odds = by_class(labels, logits), softmax(logits)
    for place in range(4):
        own = labels == place
        if own.any():
            assert kept["roc_area"][place, 0] == pytest.approx(reference.roc_auc_score(own, odds[:, place]))
            assert kept["pr_area"][place, 0] == pytest.approx(reference.average_precision_score(own, odds[:, place]))
        said = odds[:, place][:, None] >= kept["grid"]
        assert (kept["said"][place] == said.sum(axis=0)).all() and (kept["right"][place] == said[own].sum(axis=0)).all()


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10)), min_size=1, max_size=50))
def test_answered_images_are_those_that_are_at_least_so_sure(rows):
    right, sure = np.array([right for right, _ in rows]), np.array([score for _, score in rows]) / 10
    told, area = selective(sure, right)
    at_least = sure[:, None] >= areas.GRID
    assert (told["answered"] == at_least.sum(axis=0)).all() and (told["answered_right"] == at_least[right].sum(axis=0)).all()
    risks = [1 - right[sure >= each].mean() for each in sure]
    assert area == pytest.approx(np.mean(risks)) and told["risk"][-1] == pytest.approx(1 - right.mean())


def test_curves_come_back_as_they_were_written(tmp_path):
    draw = np.random.default_rng(1)
    kept = by_class(draw.integers(0, 3, 30), draw.normal(size=(30, 3)))
    write_curves(tmp_path / "curves-test.npz", kept)
    again = read_curves(tmp_path / "curves-test.npz", "roc_area", "said")
    assert (
        again is not None and (again["said"] == kept["said"]).all() and np.array_equal(again["roc_area"], kept["roc_area"], equal_nan=True)
    )
    assert read_curves(tmp_path / "none.npz", "said") is None and read_curves(tmp_path / "curves-test.npz", "other") is None


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: data[:200], lambda data: b""])
def test_a_damaged_file_of_curves_is_none(tmp_path, damage):
    file = tmp_path / "curves-test.npz"
    write_curves(file, by_class(np.array([0, 1, 0]), np.eye(3)[:, :2]))
    file.write_bytes(damage(file.read_bytes()))
    assert read_curves(file, "said") is None


def test_a_file_of_curves_with_one_wrong_byte_is_none(tmp_path):
    file = tmp_path / "curves-test.npz"
    write_curves(file, {"said": np.full(500, 7, np.uint8)})
    data = file.read_bytes()
    file.write_bytes(data.replace(b"\x07" * 500, b"\x07" * 499 + b"\x08"))
    assert read_curves(file, "said") is None
