"""The rows of explanations: what they take is measured on a real answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import explaining


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is quicker to build."""
    monkeypatch.setattr(explaining, "MODEL", "resnet18")
    monkeypatch.setattr(explaining, "LAYER", "layer3.1.conv2")
    monkeypatch.setattr(explaining, "SIDE", 32)


def test_each_row_takes_some_time(tmp_path: Path, small: None) -> None:
    made = {row.name: row for row in explaining.rows(tmp_path)}
    assert set(made) == {"results/gradcam-resnet50", "results/layer-resnet50"}
    assert all(0 < part() < 60_000 for row in made.values() for part in row.parts.values())
