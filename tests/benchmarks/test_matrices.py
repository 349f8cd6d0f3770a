"""What the row of the matrix measures on."""

from __future__ import annotations

import numpy as np

from benchmarks.matrices import rows
from benchmarks.scored import FAMILY, columns


def test_made_up_predictions_are_as_a_network_gives_them():
    made = columns(np.arange(5_000) // 5, 1_000)
    assert (np.diff(made["best_probability"], axis=1) <= 0).all() and (made["best"][:, 0] == made["predicted"]).all()
    wrong = made["label"] != made["predicted"]
    assert 0.1 < wrong.mean() < 0.4 and (made["loss"] >= 0).mean() > 0.99
    assert (made["label"][wrong] // FAMILY == made["predicted"][wrong] // FAMILY).mean() > 0.5


def test_the_large_one_is_measured_by_its_name_alone(tmp_path):
    assert [(row.name, row.by_name) for row in rows(tmp_path)] == [("results/matrix-1000", False), ("results/matrix-1000-million", True)]
