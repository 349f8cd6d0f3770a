"""What the rows of the map measure on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import mapped, maps
from benchmarks.scored import columns
from classifier.metrics import embedding


def test_points_lie_near_the_middle_of_their_class(tmp_path: Path) -> None:
    rows = columns(np.arange(300) // 100, 3)
    mapped.write(tmp_path / "predictions-test", rows, 3)
    found = embedding.read(tmp_path / "predictions-test")
    assert found is not None and len(found.points) == 300 and (found.points["label"] == rows["label"]).all()
    middles = np.stack([found.values[rows["label"] == label].mean(0) for label in range(3)])
    apart = np.linalg.norm(found.values[:, None].astype(np.float32) - middles, axis=2)
    assert (apart.argmin(1) == rows["label"]).mean() > 0.99


def test_both_figures_are_of_one_scene(tmp_path: Path) -> None:
    assert [row.name for row in maps.rows(tmp_path)] == ["results/map-50000-open", "results/map-50000"]
