"""The subcommand `filters`: which validation images excite each filter the most."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.data.dataset import Dataset
from classifier.metrics import excited


def test_the_images_of_one_filter_are_told_the_strongest_first(cli, trained, dataset):
    told = cli("filters", trained, "--layer", "features.0.0", "--filter", "3", "--json").lines[-1]
    own = Dataset.open(dataset)
    rows = own.indices("validation").tolist()
    assert (told["event"], told["split"], told["images"], told["of"]) == ("excited", "validation", len(rows), len(rows))
    values = [one["value"] for one in told["best"]]
    assert values == sorted(values, reverse=True) and len(values) == min(9, len(rows)) and told["mean"] <= values[0]
    assert all(one["position"] in rows and one["path"] == own.path(one["position"]) for one in told["best"])
    assert all(0 <= one["down"] < told["grid"][0] and 0 <= one["across"] < told["grid"][1] for one in told["best"])


def test_what_excites_a_class_of_the_head_is_what_the_network_is_surest_of(cli, trained, dataset):
    from classifier.predict import Predictor

    told = cli("filters", trained, "--layer", "head", "--filter", "1", "--json").lines[-1]
    first = Dataset.open(dataset)
    predictor = Predictor(trained, device="cpu")
    best = told["best"][0]
    from classifier.evaluate import logits

    rows = first.images[first.indices("validation")]
    how = {"image_size": predictor.run.eval_size, "normalisation": predictor.run.normalisation, "prepare": predictor.run.prepare}
    found = logits(predictor.model, first.pack, rows, device="cpu", **how)[:, 1].numpy()
    assert best["value"] == pytest.approx(float(found.max()), rel=1e-3)
    assert best["position"] == int(first.indices("validation")[np.argmax(found)]) and "down" not in best


def test_all_of_them_are_written(cli, trained, tmp_path):
    told = cli("filters", trained, "--out", tmp_path / "a", "--json").lines[-1]
    found = excited.read(tmp_path / "a")
    assert (len(found.filters), len(found.about["layers"])) == (told["filters"], told["layers"]) and found.about["images"] == told["images"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.filters.npy", "a.layers.json"]


def test_a_part_of_the_images_is_drawn_evenly(cli, trained, tmp_path):
    told = cli("filters", trained, "--out", tmp_path / "a", "--images", "3", "--json").lines[-1]
    assert 3 <= told["images"] < told["of"]


def test_on_a_terminals_lines_it_is_a_sentence_and_a_line_an_image(cli, trained):
    from classifier.cli.output import describe

    told = json.loads(cli("filters", trained, "--layer", "features.0.0").out.splitlines()[-1])
    lines = describe(told).splitlines()
    assert "validation images, seen by" in lines[0] and lines[1].startswith("Filter 0 of features.0.0:")
    assert len(lines) == 2 + len(told["best"]) and told["best"][0]["path"] in lines[2] and "row " in lines[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Nothing would be told"),
        (("--filter", "1", "--out", "{tmp}/a"), "name that with --layer"),
        (("--layer", "nothing"), "has no layer 'nothing' with filters"),
        (("--layer", "head", "--filter", "9"), "has the filters 0 to 2; 9 came"),
        (("--layer", "head", "--filter", "-1"), "has the filters 0 to 2; -1 came"),
        (("--layer", "head", "--images", "0"), "must be at least 1; 0 came"),
        (("--out", "{tmp}/nowhere/a"), "There is no folder"),
        (("--out", "{tmp}/a", "--checkpoint", "99"), "There is no checkpoint 99"),
        (("--out", "{tmp}/a", "--raw"), "keeps no average of its weights"),
    ],
)
def test_what_cannot_be_told_is_said(cli, trained, tmp_path, words, sentence):
    said = cli("filters", trained, *(word.format(tmp=tmp_path) for word in words))
    assert said.code == 2 and sentence in said.err and not list(tmp_path.iterdir())


def test_a_layer_that_there_is_not_is_said_before_the_images_are_looked_at(cli, trained, monkeypatch):
    def looked(*_, **__):
        raise AssertionError("it looked")

    monkeypatch.setattr("classifier.explain.exciting.looked", looked)
    assert "has no layer 'nothing'" in cli("filters", trained, "--layer", "nothing").err
