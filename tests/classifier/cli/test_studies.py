"""The subcommands `probe` and `grow`: what a network looks at, and which class needs more images."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from classifier import growing
from classifier.data.dataset import SAMPLE_DTYPE, Dataset
from classifier.data.quality.steps import Steps
from classifier.models.build import build
from classifier.spec.events import ignore, never
from classifier.spec.probes import NAMES


def test_probes_tell_what_is_right_without_and_with_each(cli, trained, dataset):
    told = cli("probe", trained, "--json").lines[-1]
    result = json.loads((trained / "result.json").read_text())
    assert (told["event"], told["n"], told["of"]) == ("probed", result["test"]["n"], result["test"]["n"])
    assert told["right"] / told["n"] == pytest.approx(result["test"]["top1"])
    assert [one["probe"] for one in told["probes"]] == list(NAMES)
    assert all(sum(one["per_class"]) == one["right"] <= told["n"] for one in told["probes"])


def test_a_part_of_the_images_is_drawn_evenly(cli, trained):
    told = cli("probe", trained, "--split", "train", "--images", "9", "--json").lines[-1]
    assert told["n"] <= 12 and min(told["images"]) >= 1 and told["of"] > 12


def test_the_same_images_are_probed_each_time(cli, trained):
    once, again = (cli("probe", trained, "--split", "train", "--images", "9", "--json").lines[-1] for _ in range(2))
    assert once == again


def test_on_a_terminals_lines_probes_are_sentences(cli, trained):
    said = cli("probe", trained)
    assert said.code == 0 and json.loads(said.out.splitlines()[-1])["event"] == "probed"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("NOTHING",), "is no run"),
        (("RUN", "--checkpoint", "99"), "There is no checkpoint 99"),
        (("RUN", "--images", "0"), "must be at least 1; 0 came"),
        (("RUN", "--data", "NOTHING"), "is no Synset dataset"),
    ],
)
def test_what_cannot_be_probed_is_refused_in_words(cli, trained, tmp_path, words, sentence):
    places = {"RUN": trained, "NOTHING": tmp_path / "nothing"}
    said = cli("probe", *(places.get(word, word) for word in words))
    assert said.code == 2 and sentence in said.err


def test_learning_curves_are_of_every_class_and_open_no_test_split(cli, trained, dataset):
    said = cli("grow", trained, "--json")
    told, data = said.lines[-1], Dataset.open(dataset)
    assert said.code == 0 and told["event"] == "grown", said.err
    assert [row["label"] for row in told["classes"]] == data.classes
    pool = len(data.indices("train")) + len(data.indices("validation"))
    assert (told["turns"], told["looked"], told["judged"], told["whole"]) == (5, pool, pool, pool)
    assert told["train"] == pytest.approx(0.8 * pool, abs=3)
    assert len(told["classes"][0]["recall"]) == len(told["shares"]) and not told["own"]
    assert 0 <= told["mean"]["now"] <= told["mean"]["doubled"] <= 1


def test_the_same_run_has_the_same_curves(cli, trained):
    once, again = (cli("grow", trained, "--json").lines[-1] for _ in range(2))
    assert once == again


def test_a_backbone_that_never_learnt_is_looked_through_itself(trained, dataset, monkeypatch):
    run = growing.Run.open(trained)
    monkeypatch.setattr(type(run.config), "head_alone", property(lambda _: True))
    assert growing.sight_of(run, Dataset.open(dataset)).own


def test_of_a_network_whose_head_is_given_maps_their_means_are_kept(trained, dataset):
    """SqueezeNet's are of 86,528 values at 224 pixels: no memory holds 30,000 images of those."""
    data, run = Dataset.open(dataset), growing.Run.open(trained)
    sight = growing.Sight("squeezenet1_1", True, build("squeezenet1_1", 3, image_size=64), 64, run.normalisation, run.prepare)
    steps = Steps(growing.COSTS, ignore, never, growing.STOPPED)
    steps.begin("recognising", "Looking")
    values, kept = growing.look(sight, data, data.indices("validation"), torch.device("cpu"), steps, ignore)
    assert values.shape == (kept.sum(), 512)


def test_the_validation_split_judges_where_it_has_enough(dataset, monkeypatch):
    monkeypatch.setattr(growing, "ENOUGH", 1)
    data = Dataset.open(dataset)
    rows = np.concatenate([data.indices("train"), data.indices("validation")])
    (judges,) = growing.judging(data, rows)
    assert set(rows[judges].tolist()) == set(data.indices("validation").tolist())


def test_in_turns_every_image_judges_once(dataset):
    data = Dataset.open(dataset)
    rows = np.concatenate([data.indices("train"), data.indices("validation")])
    turns = growing.judging(data, rows)
    assert len(turns) == 5 and (np.sum(turns, 0) == 1).all()


def test_too_few_images_are_refused_in_words(cli, trained, dataset, tmp_path):
    other, run = tmp_path / "data", tmp_path / "run"
    shutil.copytree(dataset, other)
    shutil.copytree(trained, run)
    samples = np.memmap(other / "samples.bin", SAMPLE_DTYPE, "r+")
    samples["split"][9:] = 2
    samples.flush()
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(about | {"dataset": about["dataset"] | {"folder": str(other)}}))
    said = cli("grow", run)
    assert said.code == 2 and "take 10 images of two classes; there are 8 images of 1 class" in said.err
