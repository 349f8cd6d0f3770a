"""What chance alone does to the calibration error."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.calibration import calibration_bins, chance_error


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.99), st.integers(100, 2_000))
def test_a_calibrated_networks_mean_error_stays_below_what_chance_explains(seed, confidence, n):
    random = np.random.default_rng(seed)
    sure = np.clip(random.normal(confidence, 0.1, (40, n)), 0.01, 1.0)
    right = random.random((40, n)) < sure
    errors = [calibration_bins(row, hits).expected_error() for row, hits in zip(sure, right, strict=True)]
    assert np.mean(errors) <= 1.1 * chance_error(float(right.mean()), n)
