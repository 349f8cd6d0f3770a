"""The rows of data: the pages that they name answer, and an import is measured beside its ceiling."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks import data_pages, harness, imports, large_imports
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


def test_the_memory_of_a_million_files_is_measured_where_it_is_asked_for_by_name(tmp_path: Path) -> None:
    name = "data/import-1000000-memory"
    rows = imports.rows(tmp_path)
    assert [row.name for row in harness.wanted(rows, name)] == [name]
    for prefix in ("", "data/", "data/import-1", name[:-1]):
        assert name not in [row.name for row in harness.wanted(rows, prefix)]


def test_the_memory_of_very_many_files_is_that_of_their_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MILLION", "300")
    monkeypatch.setattr(imports, "MILLION_CLASSES", 3)
    imported = imports.Imported(tmp_path, "300")
    assert 10 < imported.peak() < 500 and imported.archive.name == "million.zip"
    assert len(zipfile.ZipFile(imported.archive).namelist()) == 300


def test_a_download_that_fails_has_no_memory_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "dataset.json").touch()
    download = large_imports.Download(tmp_path, large_imports.Large(tmp_path, "table", large_imports.table), "csv")
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(RuntimeError, match="the download as csv ended with 1"):
        download.peak()
