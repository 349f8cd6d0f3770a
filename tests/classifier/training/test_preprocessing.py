"""A network is used with the preprocessing that it was trained with."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from classifier import inference as engine
from classifier.data.dataset import Dataset
from classifier.evaluate import evaluate
from classifier.export import about
from classifier.predict import Predictor
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, InputError, Interrupted
from classifier.training.files import read_json, write_json
from classifier.training.loop import train
from classifier.training.settings import IMAGENET
from tests.classifier.training.runs import same

QUICK = {"epochs": 1, "batch_size": 8, "device": "cpu", "deterministic": True}
CHOSEN = TrainConfig.from_mapping({**QUICK, "resize": "fill", "channels": "grey", "normalisation": "data"})


def cut(data, folder, config):
    """Trains one step and is interrupted."""
    stages = []
    with pytest.raises(Interrupted):
        train(data, folder, config, on_event=lambda event: stages.append(event.get("stage")), should_stop=lambda: "training" in stages)


@pytest.fixture(scope="module")
def run(photographs, tmp_path_factory):
    """A RUN of photographs, grey, filled, normalised by themselves."""
    folder = tmp_path_factory.mktemp("filled") / "run"
    train(photographs, folder, CHOSEN)
    return folder


def test_a_run_knows_the_colours_of_its_own_data(run):
    mean, deviation = Run.open(run).normalisation
    assert mean != [0.485, 0.456, 0.406]
    assert len(set(mean)) == 1 and len(set(deviation)) == 1  # grey: all channels alike


def test_evaluation_sees_filled_grey_squares(run, photographs):
    data = Dataset.open(photographs)
    image = Run.open(run).prepare(data.pack, 0, 32)
    assert torch.equal(image[0], image[2])
    assert not image[:, 0].any() and not image[:, -1].any()  # 96 × 128 pixels: black above and below


def test_evaluating_again_gives_the_figures_of_the_training(run):
    found = evaluate(run, device="cpu")
    assert found["top1"] == read_json(run / "result.json")["test"]["top1"]


def test_the_export_says_how_images_are_brought_to_size(run):
    told = about(Run.open(run))["preprocessing"]
    assert told["resize"]["mode"] == "fill" and "luma" in told["channels"]
    assert "photographs" not in told


def test_a_cut_training_keeps_the_colours_it_began_with(run, photographs, tmp_path):
    cut(photographs, tmp_path / "run", CHOSEN)
    train(photographs, tmp_path / "run", CHOSEN)
    assert Run.open(tmp_path / "run").normalisation == Run.open(run).normalisation
    assert same(tmp_path / "run", run)


def test_what_starts_from_a_run_sees_images_as_that_did(run, digits, tmp_path):
    train(digits, tmp_path / "run", TrainConfig.from_mapping({**QUICK, "weights": str(run)}))
    made, behind = Run.open(tmp_path / "run"), Run.open(run)
    assert (made.image_size, made.normalisation) == (behind.image_size, behind.normalisation) and made.image_size > 8


def test_what_was_chosen_goes_before_what_the_run_saw(run, digits, tmp_path):
    chosen = {"weights": str(run), "image_size": 16, "normalisation": "imagenet"}
    train(digits, tmp_path / "run", TrainConfig.from_mapping({**QUICK, **chosen}))
    assert Run.open(tmp_path / "run").image_size == 16 and Run.open(tmp_path / "run").normalisation == IMAGENET


def test_a_training_goes_on_at_its_size_when_the_run_behind_it_is_gone(run, digits, tmp_path):
    source, config = tmp_path / "source", TrainConfig.from_mapping({**QUICK, "weights": str(tmp_path / "source")})
    shutil.copytree(run, source)
    cut(digits, tmp_path / "run", config)
    shutil.rmtree(source)
    assert train(digits, tmp_path / "run", config)["event"] == "finished"
    assert Run.open(tmp_path / "run").image_size == Run.open(run).image_size


def test_a_run_from_before_these_fields_goes_on(photographs, tmp_path):
    folder, config = tmp_path / "run", TrainConfig.from_mapping({**QUICK, "epochs": 2})
    cut(photographs, folder, config)
    old = read_json(folder / "config.json")
    for name in ("first_size", "eval_size", "resize", "channels", "normalisation", "tta"):
        del old[name]
    for name in ("flip_vertical", "scale", "blur", "noise", "policy", "magnitude", "mixup", "cutmix"):
        del old["augment"][name]
    write_json(folder / "config.json", old)
    assert train(photographs, folder, config)["event"] == "finished"


def test_an_unknown_mode_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match="squash, crop, fill, half_crop"):
        TrainConfig.from_mapping(json.loads('{"resize": "stretch"}'))


@pytest.fixture(scope="module")
def larger(photographs, tmp_path_factory):
    """A RUN trained at 32 pixels and evaluated at 40."""
    folder = tmp_path_factory.mktemp("larger") / "run"
    train(photographs, folder, TrainConfig.from_mapping({**QUICK, "image_size": 32, "eval_size": 40}))
    return folder


def seen(monkeypatch):
    """The sides of the images that a network is evaluated on from now on."""
    sides, plain = [], engine.normalise
    monkeypatch.setattr(engine, "normalise", lambda batch, how: sides.append(batch.shape[3]) or plain(batch, how))
    return sides


def test_a_network_is_evaluated_and_predicts_at_the_size_that_was_chosen(larger, photographs, monkeypatch):
    sides = seen(monkeypatch)
    assert evaluate(larger, device="cpu")["top1"] == read_json(larger / "result.json")["test"]["top1"]
    Predictor(larger, device="cpu").predict([("a.jpg", Dataset.open(photographs).pack.payload(0))])
    assert set(sides) == {40}


def test_the_export_names_the_size_to_use(larger):
    told = about(Run.open(larger))
    assert told["image_size"] == 40 and told["preprocessing"]["photographs"]["center_crop"] == 40


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "alexnet", "eval_size": 32}, "must be at least 63 for alexnet; 32 came"),
        ({"model": "vit_b_16", "image_size": 224, "eval_size": 256}, "must be the image size for vit_b_16"),
    ],
)
def test_a_size_that_the_network_cannot_be_evaluated_at_is_refused(fields, words):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping(fields)
    assert words in caught.value.fields["eval_size"]


def test_an_evaluation_of_several_views_has_a_file_of_its_own(run):
    before = (run / "predictions-test.csv").read_text()
    found = evaluate(run, tta="flip", device="cpu")
    assert (found["tta"], found["predictions"]) == ("flip", "predictions-test-flip.csv")
    assert (run / "predictions-test.csv").read_text() == before != (run / "predictions-test-flip.csv").read_text()


def test_a_run_configured_with_views_is_tested_and_evaluated_with_them(photographs, tmp_path):
    folder = tmp_path / "run"
    train(photographs, folder, TrainConfig.from_mapping({**QUICK, "image_size": 32, "tta": "flip"}))
    test = read_json(folder / "result.json")["test"]
    assert evaluate(folder, device="cpu")["loss"] == test["loss"]
    assert evaluate(folder, tta="none", device="cpu")["loss"] != test["loss"]


def test_unknown_views_are_named_with_those_there_are(run):
    with pytest.raises(InputError, match="none, flip, ten_crop; swirl came"):
        evaluate(run, tta="swirl")
