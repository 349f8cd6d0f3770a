"""The order of paths, as people count."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from tests.webapp.datasets.erasing.test_meeting import gone
from webapp.datasets import sealing
from webapp.datasets.browsing import order
from webapp.datasets.browsing.listing import listing
from webapp.datasets.browsing.wanted import Wanted
from webapp.datasets.models import DatasetVersion

NAMES = ["b/img10.png", "a/x.png", "b/IMG2.png", "Käfer.png", "b/img02.png", "a/x 1.png"]


def written(folder: Path, names: list[str]) -> Path:
    (folder / "paths.txt").write_text("".join(f"{json.dumps(name)}\n" for name in names))
    return folder


def in_order(folder: Path, names: list[str]) -> list[str]:
    return [names[place] for place in np.argsort(order.places(folder, len(names)))]


@pytest.mark.parametrize("is_built", [True, False])
def test_paths_stand_in_the_order_of_their_numbers_whatever_their_case(is_built: bool, tmp_path: Path) -> None:
    written(tmp_path, NAMES)
    if is_built:
        order.build(tmp_path)
    assert (tmp_path / "order.bin").exists() == is_built
    assert in_order(tmp_path, NAMES) == ["a/x 1.png", "a/x.png", "b/IMG2.png", "b/img02.png", "b/img10.png", "Käfer.png"]


def test_paths_that_are_in_order_keep_it(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(1200)]
    assert in_order(written(tmp_path, names), names) == names


def test_an_order_that_would_keep_a_page_waiting_is_not_offered(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(order, "LIGHT_BYTES", 10)
    assert not order.is_known(written(tmp_path, NAMES))
    assert order.places(tmp_path, 6).tolist() == list(range(6))
    order.build(tmp_path)
    assert order.is_known(tmp_path) and not order.is_known(tmp_path / "nowhere")


def test_the_command_makes_it_of_versions_that_were_sealed_without(version: DatasetVersion, monkeypatch: Any) -> None:
    monkeypatch.setattr(order, "LIGHT_BYTES", 10)
    assert not order.is_known(version.folder)
    call_command("index", stdout=(said := StringIO()))
    assert order.is_known(version.folder) and not list(version.folder.glob("*.partial"))
    assert f"{version.dataset.name}, version 1: 24 images in" in said.getvalue() and "1 version can be sorted" in said.getvalue()
    call_command("index", stdout=(again := StringIO()))
    assert again.getvalue() == "No version lacks it.\n"


def test_who_asked_for_the_order_before_it_was_made_gets_it_afterwards(version: DatasetVersion, monkeypatch: Any) -> None:
    monkeypatch.setattr(order, "LIGHT_BYTES", 10)
    paths = version.folder / "paths.txt"
    paths.write_text("".join(reversed(paths.read_text().splitlines(keepends=True))))
    asked = Wanted(sort="path")
    assert listing(version, None, asked).part(0, 1) == [0]
    order.build(version.folder)
    assert listing(version, None, asked).part(0, 1) == [23]


def test_an_erasure_while_it_is_made_is_waited_for(tmp_path: Path, monkeypatch: Any) -> None:
    written(tmp_path, NAMES)
    real, erased = order.found, [*NAMES[:-1], "erased"]

    def slow(folder: Path, *told: Any) -> np.ndarray:
        found = real(folder, *told)
        if folder.joinpath("paths.txt").read_text().find("erased") < 0:
            written(folder, erased)
            os.utime(folder / "paths.txt", ns=(1, 1))
        return found

    monkeypatch.setattr(order, "found", slow)
    order.build(tmp_path)
    assert in_order(tmp_path, erased) == ["a/x.png", "b/IMG2.png", "b/img02.png", "b/img10.png", "erased", "Käfer.png"]


def test_a_sealed_version_has_it(version: DatasetVersion) -> None:
    sealing.staged(version.dataset_id, version.folder, lambda: None)
    assert (version.folder / "order.bin").stat().st_size == 4 * 24


def test_an_image_that_was_erased_stands_where_no_name_tells_of_it(version: DatasetVersion) -> None:
    asked = Wanted(sort="path")
    assert listing(version, None, asked).part(0, 1) == [0]
    assert listing(gone(version, 0), None, asked).part(23, 1) == [0]
