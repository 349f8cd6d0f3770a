"""An import when memory is short."""

from __future__ import annotations

import threading
import time

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
    monkeypatch.setattr("classifier.data.pack.PackWriter.append", out_of_memory)
    with pytest.raises(ClassifierError, match="not enough memory to import"):
        import_dataset(source, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["pets.zip"]


@pytest.mark.parametrize("make", [images.write_zip, images.write_folder])
def test_very_large_members_are_read_one_at_a_time(tmp_path, monkeypatch, make):
    at_once, most, lock = [], [], threading.Lock()

    def counted(data, name):
        with lock:
            at_once.append(name)
            most.append(len(at_once))
        time.sleep(0.002)
        with lock:
            at_once.remove(name)
        return decode(data, name)

    monkeypatch.setattr(collect, "LARGE_BYTES", 10)
    monkeypatch.setattr(collect, "CHUNK_FILES", 1)
    monkeypatch.setattr(collect, "worker_count", lambda: 8)
    monkeypatch.setattr(collect, "decode", counted)
    import_dataset(make(tmp_path / "pets", images.class_folders(10)), tmp_path / "out")
    assert max(most) == 1
