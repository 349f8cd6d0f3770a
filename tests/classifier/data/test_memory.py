"""An import when memory is short."""

from __future__ import annotations

import pytest

from classifier.data import collect
from classifier.data.decode import decode
from classifier.data.importer import import_dataset
from classifier.spec.errors import ClassifierError
from tests.classifier import images


@pytest.fixture
def source(tmp_path):
    return images.write_zip(tmp_path / "pets.zip", images.class_folders(10))


def out_of_memory(*_):
    raise MemoryError


def test_a_file_that_needs_more_memory_than_there_is_is_left_out(tmp_path, source, monkeypatch):
    monkeypatch.setattr(collect, "decode", lambda data, name: out_of_memory() if name == "cat/3.png" else decode(data, name))
    said = import_dataset(source, tmp_path / "out")
    assert (said["images"], [(one["file"], one["rule"]) for one in said["problems"]]) == (19, [("cat/3.png", "too_large")])


def test_an_import_without_memory_ends_with_a_sentence_of_its_own(tmp_path, source, monkeypatch):
    monkeypatch.setattr("classifier.data.pack.PackWriter.extend", out_of_memory)
    with pytest.raises(ClassifierError, match="not enough memory to import"):
        import_dataset(source, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["pets.zip"]
