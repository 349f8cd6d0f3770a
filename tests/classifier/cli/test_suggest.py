"""The subcommand `suggest`: what a network says of every image, the least certain first."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest

from classifier import suggest as module
from classifier.data.dataset import Dataset
from classifier.suggest import DTYPE


@pytest.fixture
def suggested(cli, trained, dataset, tmp_path):
    """(the last event, the records)."""
    last = cli("suggest", trained, "--data", dataset, "--out", tmp_path / "said.bin", "--json").lines[-1]
    return last, np.fromfile(tmp_path / "said.bin", DTYPE)


def test_every_image_is_named_once_the_least_certain_first(suggested, dataset):
    last, rows = suggested
    assert (last["event"], last["images"]) == ("suggested", 60) and last["classes"] == Dataset.open(dataset).classes
    assert sorted(rows["position"].tolist()) == list(range(60)) and (np.diff(rows["probability"]) >= 0).all()
    assert rows["class"].max() < len(last["classes"])


def test_it_says_what_the_evaluation_says(suggested, trained, dataset):
    last, rows = suggested
    data, said = Dataset.open(dataset), {row["position"]: row for row in rows}
    place = {data.path(position): position for position in range(len(data))}
    with (trained / "predictions-test.csv").open() as file:
        for row in csv.DictReader(file):
            mine = said[place[row["path"]]]
            assert last["classes"][mine["class"]] == row["predicted"]
            assert mine["probability"] == pytest.approx(float(row["probability"]), abs=1e-3)


def test_chunks_change_nothing(suggested, cli, trained, dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHUNK_IMAGES", 7)
    said = cli("suggest", trained, "--data", dataset, "--out", tmp_path / "parts.bin", "--json")
    parts = np.fromfile(tmp_path / "parts.bin", DTYPE)
    assert sorted(parts["position"].tolist()) == list(range(60))
    assert parts["probability"] == pytest.approx(suggested[1]["probability"], abs=1e-5)
    told = [line["done"] for line in said.lines if line["event"] == "progress"]
    assert told == sorted(told) and told[-1] == 60


def test_classes_that_the_network_never_saw_are_no_hindrance(cli, trained, dataset, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    about = json.loads((other / "dataset.json").read_text("utf-8"))
    about["classes"] = [f"never seen {label}" for label in about["classes"]]
    (other / "dataset.json").write_text(json.dumps(about), "utf-8")
    last = cli("suggest", trained, "--data", other, "--out", tmp_path / "said.bin", "--json").lines[-1]
    assert last["images"] == 60 and last["classes"] == Dataset.open(dataset).classes


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("NOTHING", "--data", "DATASET", "--out", "FILE"), "is no run"),
        (("RUN", "--data", "NOTHING", "--out", "FILE"), "is no Synset dataset"),
        (("RUN", "--data", "DATASET", "--out", "NOTHING/said.bin"), "There is no folder"),
        (("RUN", "--data", "DATASET", "--out", "FILE", "--checkpoint", "99"), "There is no checkpoint 99"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(cli, trained, dataset, tmp_path, words, sentence):
    places = {"RUN": trained, "DATASET": dataset, "FILE": tmp_path / "said.bin", "NOTHING": tmp_path / "nothing"}
    said = cli("suggest", *(places.get(word, tmp_path / word if "/" in word else word) for word in words))
    assert said.code == 2 and sentence in said.err and not (tmp_path / "said.bin").exists()
