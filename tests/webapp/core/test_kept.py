"""What pages keep beside the data: whole, or not there, and no reason to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from webapp.core.kept import keep, keep_json


def test_a_value_is_kept_whole_in_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    keep_json(tmp_path / "cards" / "1.json", {"name": "früh"})
    assert json.loads((tmp_path / "cards" / "1.json").read_text("utf-8")) == {"name": "früh"}
    assert [path.name for path in (tmp_path / "cards").iterdir()] == ["1.json"]


def test_a_disk_without_room_leaves_what_was_there_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    keep_json(tmp_path / "cards" / "1.json", 1)
    keep(tmp_path / "cards" / "1.json", full)
    assert (tmp_path / "cards" / "1.json").read_text() == "1" and len(list((tmp_path / "cards").iterdir())) == 1
    assert "1.json is not kept" in caplog.text


def test_a_folder_whose_dataset_is_gone_is_not_made_again(tmp_path: Path) -> None:
    keep_json(tmp_path / "gone" / "cards" / "1.json", 1)
    assert not (tmp_path / "gone").exists()
