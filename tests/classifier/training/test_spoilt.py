"""Images whose stored bytes were damaged after the import: named, counted and left out."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from classifier.data import spoilt
from classifier.data.dataset import Dataset
from classifier.data.erase import erase
from classifier.data.pack import INDEX_DTYPE
from classifier.evaluate import evaluate
from classifier.metrics import embedding
from classifier.space import mapping
from classifier.spec.errors import ClassifierError
from classifier.spec.events import SPLITS
from classifier.training import loop
from classifier.training.loop import train


@pytest.fixture
def damaged(photographs, tmp_path):
    """Damages the first images of a split in a copy of the data set; gives (its folder, their paths)."""

    def damage(split: str, count: int = 1):
        folder = tmp_path / "data"
        shutil.copytree(photographs, folder)
        dataset = Dataset.open(folder)
        samples = dataset.indices(split)[:count]
        index = np.fromfile(folder / "pack" / "index.bin", INDEX_DTYPE)
        with (folder / "pack" / "jpeg.bin").open("r+b") as file:
            for row in dataset.images[samples]:
                file.seek(int(index[row]["offset"]))
                file.write(bytes(int(index[row]["length"])))
        return folder, [dataset.path(int(sample)) for sample in samples]

    return damage


@pytest.mark.parametrize("resident", ["1024", "0"], ids=["held in memory", "decoded for each step"])
def test_a_training_goes_on_without_the_image_and_names_it_once(damaged, tmp_path, quick, monkeypatch, resident):
    monkeypatch.setenv("SYNSET_RESIDENT_MB", resident)
    folder, files = damaged("train")
    events = []
    train(folder, tmp_path / "run", quick, on_event=events.append)
    problems = [event for event in events if event["event"] == "problem"]
    assert [(event["file"], event["rule"], event["taken"]) for event in problems] == [(files[0], "unreadable", False)]
    assert json.loads((tmp_path / "run" / "result.json").read_text())["unreadable"] == files


def test_figures_count_only_the_images_that_were_seen(damaged, tmp_path, quick):
    folder, files = damaged("test")
    test = train(folder, tmp_path / "run", quick)["test"]
    assert test["n"] == len(Dataset.open(folder).indices("test")) - len(files)
    assert evaluate(tmp_path / "run", data=folder, device="cpu")["n"] == test["n"]


def test_a_spoilt_validation_image_is_left_out_of_the_matrix(damaged, tmp_path, quick):
    folder, files = damaged("validation")
    rows = []
    train(folder, tmp_path / "run", quick, on_event=lambda event: rows.append(event) if event["event"] == "epoch" else None)
    assert sum(rows[0]["confusion"]["counts"]) == len(Dataset.open(folder).indices("validation")) - len(files)


def test_too_many_of_them_end_the_training_with_what_to_do(damaged, tmp_path, quick):
    folder, files = damaged("train", 5)
    events = []
    with pytest.raises(ClassifierError, match="5 of .* cannot be decoded: .* The log names each. Import its source again") as caught:
        train(folder, tmp_path / "run", quick, on_event=events.append)
    assert files == sorted(event["file"] for event in events if event["event"] == "problem") and caught.value.code == "unreadable"
    assert files[0] not in caught.value.message  # it is kept where no erasure of that image reaches


def test_a_map_is_made_without_them_however_few_are_looked_at_together(damaged, tmp_path, quick, monkeypatch):
    monkeypatch.setattr(spoilt, "MOST_SHARE", 0.2)
    monkeypatch.setattr(mapping, "CHUNK_IMAGES", 7)  # of which two are more than that share, of the split they are not
    folder, files = damaged("train", 2)
    train(folder, tmp_path / "run", quick)
    events = []
    mapping.embed(tmp_path / "run", tmp_path / "map", device="cpu", on_event=events.append)
    points, dataset = embedding.read(tmp_path / "map").points, Dataset.open(folder)
    assert [event["file"] for event in events if event["event"] == "problem"] == sorted(files)
    assert points["position"].tolist() == [at for split in SPLITS for at in dataset.indices(split) if dataset.path(at) not in files]


@pytest.mark.parametrize("resident", ["1024", "0"], ids=["held in memory", "decoded for each step"])
def test_an_image_that_is_erased_once_the_training_knows_its_name_is_named_nowhere(photographs, tmp_path, quick, monkeypatch, resident):
    monkeypatch.setenv("SYNSET_RESIDENT_MB", resident)
    folder, events = tmp_path / "data", []
    shutil.copytree(photographs, folder)
    dataset = Dataset.open(folder)
    rows = dataset.images[dataset.indices("train")[:5]]
    names = [dataset.path(int(place)) for place in dataset.indices("train")[:5]]
    learnable = loop.learnable

    def erased_then(*opened):
        kept = learnable(*opened)
        assert kept.path(0)  # its names are known from here on
        for row in rows:
            erase([folder], dataset.pack.index["sha256"][row].tobytes().hex())
        return kept

    monkeypatch.setattr(loop, "learnable", erased_then)
    train(folder, tmp_path / "run", quick, on_event=events.append)
    assert "5 images were erased meanwhile and are left out." in [event.get("message") for event in events]
    written = (tmp_path / "run" / "result.json").read_text() + json.dumps(events)
    assert (
        not [name for name in names if name in written] and json.loads((tmp_path / "run" / "result.json").read_text())["unreadable"] == []
    )
