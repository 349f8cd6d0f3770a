"""Published networks with their ImageNet head."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_images

from classifier.cli.main import main
from classifier.data.importer import import_dataset
from classifier.models.build import build
from classifier.published import among, class_names, evaluate_published
from classifier.spec.bundled import bundled_file
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.imagenet import SYNSETS

PALACE, DAISY = "n03877845", "n11939491"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """A DATASET in ImageNet's layout of windows of two photographs, eight a class."""
    folder = tmp_path_factory.mktemp("imagenet")
    for label, picture in zip((PALACE, DAISY), load_sample_images().images, strict=True):
        for split in ("train", "val"):
            (folder / "source" / split / label).mkdir(parents=True)
            for i in range(8):
                Image.fromarray(picture[5 * i : 5 * i + 380, 10 * i : 10 * i + 560]).save(folder / "source" / split / label / f"{i}.jpg")
    import_dataset(folder / "source", folder / "data")
    return folder / "data"


def test_a_thousand_classes_have_an_id_and_a_name_each():
    assert len(set(SYNSETS)) == 1000 and list(SYNSETS) == sorted(SYNSETS)
    names = class_names()
    assert [names[label] for label in ("n01440764", PALACE, DAISY, "n15075141")] == ["tench", "palace", "daisy", "toilet tissue"]


def test_bundled_weights_are_measured_on_imagenets_layout(photographs):
    found = evaluate_published("efficientnet_lite0", "default", photographs, device="cpu")
    assert (found["split"], found["n"], found["names"]) == ("validation", 16, {PALACE: "palace", DAISY: "daisy"})
    right = sum(found["confusion"][place][place] for place in range(2))
    assert found["top1"] == right / 16 >= 0.8 and found["top5"] == 1.0
    assert sum(map(sum, found["confusion"])) + found["outside"] == 16
    assert [row["label"] for row in found["per_class"]] == [PALACE, DAISY]


def test_a_prediction_outside_the_datas_classes_is_wrong_and_counted():
    logits = torch.zeros(3, 1000)
    logits[0, SYNSETS.index(DAISY)] = logits[1, SYNSETS.index(PALACE)] = logits[2, 0] = 9.0
    truth = np.array([SYNSETS.index(DAISY)] * 3)
    found = among(truth, logits, [PALACE, DAISY])
    assert found["confusion"] == [[0, 0], [1, 1]] and found["outside"] == 1 and found["top1"] == pytest.approx(1 / 3)
    assert found["per_class"][1]["recall"] == pytest.approx(1 / 3) and found["per_class"][1]["precision"] == 1.0


def test_labels_that_are_no_synset_ids_are_refused(photographs, tmp_path):
    (tmp_path / "source").mkdir()
    for label in ("red", PALACE):
        (tmp_path / "source" / label).mkdir()
        for i in range(3):
            Image.new("RGB", (8, 8), (80 * i, 0, len(label))).save(tmp_path / "source" / label / f"{i}.png")
    import_dataset(tmp_path / "source", tmp_path / "data")
    with pytest.raises(InputError, match="'red' is no class of ImageNet"):
        evaluate_published("efficientnet_lite0", "default", tmp_path / "data")


def test_weights_without_an_imagenet_head_are_refused(photographs, tmp_path):
    torch.save(build("squeezenet1_1", 3, image_size=64).state_dict(), tmp_path / "w.pth")
    with pytest.raises(ConfigError, match="no head for ImageNet's 1,000 classes"):
        evaluate_published("squeezenet1_1", str(tmp_path / "w.pth"), photographs)


def test_the_command_measures_a_file_of_published_weights(photographs, capsys):
    words = ["evaluate", "--model", "efficientnet_lite0", "--weights", str(bundled_file()), "--data", str(photographs), "--device", "cpu"]
    assert main([*words, "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["event"] == "evaluated" and last["n"] == 16 and last["weights"] == bundled_file().name


@pytest.mark.parametrize("words", [["--model", "resnet18"], ["RUN", "--model", "resnet18", "--weights", "default", "--data", "d"]])
def test_half_a_command_is_refused(words, capsys):
    assert main(["evaluate", *words]) == 2
    assert "--weights is missing" in (said := capsys.readouterr().err) or "not both" in said


def test_a_published_network_classifies_at_once_and_names_what_it_sees(photographs, tmp_path, capsys):
    picture = tmp_path / "flower.png"
    Image.fromarray(load_sample_images().images[1]).save(picture)
    assert main(["predict", "--model", "efficientnet_lite0", str(picture), "--device", "cpu"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["file"] == str(picture) and (said["top"][0]["label"], said["top"][0]["name"]) == (DAISY, "daisy")


def test_a_run_without_an_image_is_refused(capsys):
    assert main(["predict", "RUN"]) == 2
    assert "An IMAGE is missing" in capsys.readouterr().err
