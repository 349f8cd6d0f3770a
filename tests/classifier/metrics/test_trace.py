"""What every step told, as columns: read while it is written, thinned without losing an extreme, averaged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics import trace

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400)


def line_of(values):
    return np.arange(1, len(values) + 1), np.asarray(values, np.float64)


def steps_of(count, **columns):
    rows = np.zeros(count, trace.ROW)
    rows["images"], rows["seconds"] = 8, 0.5
    for name, values in columns.items():
        rows[name] = values
    return rows


@given(VALUES, st.integers(4, 60))
def test_what_is_drawn_keeps_extremes_and_ends_in_order(values, most):
    at, kept = trace.drawn(line_of(values), most)
    assert len(kept) <= most + 4 and (np.diff(at) > 0).all()
    assert (kept.min(), kept.max(), kept[0], kept[-1]) == (min(values), max(values), values[0], values[-1])
    assert kept.tolist() == [values[step - 1] for step in at]


@given(st.integers(10, 5000), st.integers(1, 40))
def test_every_spike_is_drawn_where_it_is(count, spikes):
    places = np.unique(np.linspace(0, count - 1, spikes).astype(int))
    values = np.zeros(count)
    values[places[::2]] = 1
    at, kept = trace.drawn(line_of(values), 100)
    assert np.isin(at[kept == 1], places + 1).all() and (kept == 1).any() == bool(len(places[::2]))


def test_few_values_are_drawn_as_they_are():
    at, kept = trace.drawn(line_of([3.0, 1.0, 2.0]), 10)
    assert at.tolist() == [1, 2, 3] and kept.tolist() == [3, 1, 2]


@given(VALUES, st.floats(0, 500))
def test_each_mean_is_of_what_lies_within_half_a_window(values, window):
    at, means = trace.smooth(line_of(values), window)
    wanted = [np.mean([value for other, value in zip(at, values, strict=True) if abs(other - step) <= window / 2]) for step in at]
    assert means == pytest.approx(wanted, rel=1e-6, abs=1e-3)


def test_means_at_some_steps_are_those_of_all():
    line = line_of(np.random.default_rng(0).normal(size=1000))
    some = line[0][::37]
    at, means = trace.smooth(line, 60, some)
    assert at.tolist() == some.tolist() and means == pytest.approx(trace.smooth(line, 60)[1][::37])


def test_a_part_reaches_one_step_beyond_each_edge():
    assert trace.within(line_of(range(100)), 20.5, 23.5)[0].tolist() == [20, 21, 22, 23, 24]


def test_a_row_that_is_half_written_is_left_out(tmp_path):
    file = tmp_path / trace.FILE
    file.write_bytes(steps_of(3, loss=[3, 2, 1]).tobytes() + b"half")
    assert trace.read(file)["loss"].tolist() == [3, 2, 1]


def test_of_a_run_without_the_file_there_are_no_steps(tmp_path):
    assert len(trace.read(tmp_path / trace.FILE)) == 0 and len(trace.series(trace.read(tmp_path), "speed")[0]) == 0


def test_steps_that_were_not_done_or_whose_value_is_no_number_are_left_out():
    steps = steps_of(4, loss=[1, np.nan, 3, 4], images=[8, 8, 0, 8])
    at, values = trace.series(steps, "loss")
    assert at.tolist() == [1, 4] and values.tolist() == [1, 4]


def test_speed_and_waiting_are_by_the_time_that_a_step_took():
    steps = steps_of(2, images=[16, 16], seconds=[0.5, 0], waited=[0.125, 0])
    assert [trace.series(steps, name)[1].tolist() for name in ("speed", "waiting")] == [[32], [0.25]]
