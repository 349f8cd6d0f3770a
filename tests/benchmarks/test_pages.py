"""The rows of pages: they name pages that the almost empty database answers, and a broken page is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import pages
from benchmarks.pages import PAGES, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return Server(tmp_path_factory.mktemp("pages") / "small", "small")


def test_every_row_has_its_baseline_on_an_almost_empty_database(tmp_path: Path) -> None:
    made = pages.rows(tmp_path)
    assert [row.name for row in made] == [f"pages/{page}" for page in PAGES] and all(row.baseline for row in made)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_takes_some_time(name: str, server: Server) -> None:
    assert 0 < server.visit(name) < 10_000


def test_an_unknown_page_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the small database ended"):
        Server(tmp_path / "other", "small").visit("nowhere")
