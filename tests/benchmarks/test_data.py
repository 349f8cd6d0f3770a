"""The rows of data: the pages that they name answer, and an import is measured beside its ceiling."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import data_pages, imports
from benchmarks.data_pages import PAGES, Wide


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Wide:
    return Wide(tmp_path_factory.mktemp("wide") / "home", "sqlite", 12_000, 12)


def test_every_page_has_a_row_on_both_databases(tmp_path: Path) -> None:
    names = [row.name for row in data_pages.rows(tmp_path)]
    assert names == [f"data/pages-{engine}-{page}" for engine in ("sqlite", "postgres") for page in PAGES]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_answers_and_its_median_is_below_the_95th_percentile(name: str, wide: Wide) -> None:
    assert 0 < wide.p95(name) < 10_000 and wide.newest[name]["p50"] <= wide.newest[name]["p95"] and wide.work(name) > 0


def test_an_import_is_measured_beside_its_ceiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.load.FILES", 400)
    monkeypatch.setattr("benchmarks.load.CLASSES", 4)
    imported = imports.Imported(tmp_path, "100000")
    assert imported.rate() > 0 and imported.ceiling() > 0 and 10 < imported.peak() < 500
