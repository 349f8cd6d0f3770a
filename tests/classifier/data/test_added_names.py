"""Names of added images that do not say their encoding: read as they read best, or as somebody says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.cli.main import main
from classifier.cli.output import describe
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.peek import peek
from classifier.data.revise import revise
from tests.classifier import images
from tests.classifier.data.test_choices import CYRILLIC, legacy_zip

ODD = {word.encode("cp1251").decode("koi8_r") for word in CYRILLIC}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    files = {f"{label}/{n}.png": images.picture(900 + 10 * place + n) for place, label in enumerate(("cat", "dog")) for n in range(5)}
    import_dataset(images.write_zip(tmp_path / "pets.zip", files), tmp_path / "set" / "data")
    return tmp_path / "set" / "data"


def added(base: Path, source: Path, **said: Any) -> set[str]:
    """The classes that the version gains."""
    changes = source.with_suffix(".jsonl")
    changes.write_text(json.dumps({"op": "add", "source": source.name, **said}))
    revise(base, changes, base.parent / source.stem)
    return set(Dataset.open(base.parent / source.stem).classes) - {"cat", "dog"}


def test_folders_are_the_classes_that_their_names_read_best_as(base: Path, tmp_path: Path) -> None:
    assert added(base, legacy_zip(tmp_path / "more.zip", "cp866")) == set(CYRILLIC)


@pytest.mark.parametrize("said", [{"encoding": "koi8_r"}, {"choose": '{"encoding": "koi8_r"}'}])
def test_folders_are_read_in_the_chosen_encoding(base: Path, tmp_path: Path, said: dict[str, Any]) -> None:
    assert added(base, legacy_zip(tmp_path / "more.zip", "cp1251"), **said) == ODD


def test_the_look_before_tells_how_they_are_read_and_how_others_would_read_them(base: Path, tmp_path: Path) -> None:
    source = legacy_zip(tmp_path / "more.zip", "cp866")
    told = peek(source, base, tmp_path / "seen")
    known = json.loads((tmp_path / "seen" / "images.json").read_text("utf-8"))
    assert told["names_in"] == known["names_in"] and known["names_in"]["encoding"] == "cp866"
    assert {row["encoding"] for row in known["names_in"]["readings"]} > {"cp866", "cp437"}
    assert {one[2] for one in known["images"]} == set(CYRILLIC)
    peek(source, base, tmp_path / "plain", label="cat", encoding="cp437")
    known = json.loads((tmp_path / "plain" / "images.json").read_text("utf-8"))
    assert known["names_in"]["encoding"] == "cp437" and "кот".encode("cp866").decode("cp437") in known["images"][0][1]


def test_names_that_say_their_encoding_have_no_others(base: Path, tmp_path: Path) -> None:
    source = images.write_zip(tmp_path / "more.zip", {f"{word}/0.png": images.picture(90 + n) for n, word in enumerate(CYRILLIC)})
    assert peek(source, base, tmp_path / "seen")["names_in"] is None


def test_the_look_before_tells_which_columns_would_come(base: Path, tmp_path: Path) -> None:
    files = {"x.png": images.picture(90), "t.csv": b"file,ward\nx.png,north"}
    assert peek(images.write_zip(tmp_path / "more.zip", files), base, tmp_path / "seen", label="cat")["columns"] == ["ward"]


def test_the_command_says_it_in_words_and_refuses_an_encoding_that_there_is_not(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = legacy_zip(tmp_path / "more.zip", "cp866")
    assert main(["peek", str(source), "--data", str(base), "--out", str(tmp_path / "seen"), "--encoding", "cp866"]) == 0
    said = describe(json.loads(capsys.readouterr().out))
    assert "8 of 8 images to add, 0 left out." in said and "names read as cp866: кот" in said and "names in cp437: " in said
    assert main(["peek", str(source), "--data", str(base), "--out", str(tmp_path / "other"), "--encoding", "klingon"]) == 2
    assert "klingon" in capsys.readouterr().err
