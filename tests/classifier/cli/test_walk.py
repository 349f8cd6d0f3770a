"""From a folder of images to predictions, by the command line."""

import csv
import json
import os
import shutil

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from classifier import doctor, onnx_file
from classifier.data.dataset import Dataset
from classifier.data.quality import check
from classifier.metrics import read_scored
from classifier.models.build import build
from classifier.spec.bundled import DISTRIBUTION


def result_of(run):
    return json.loads((run / "result.json").read_text())


def stored(run, name="predictions-test.csv"):
    with (run / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_an_import_ends_with_what_it_took(cli, source, tmp_path):
    last = cli("import", source, "--out", tmp_path / "d", "--split", "80/10/10", "--json").lines[-1]
    assert last["event"] == "imported" and last["images"] == 60
    assert last["classes"]["red"] == {"train": 16, "validation": 2, "test": 2}


def test_a_brief_import_tells_its_problems_as_it_finds_them_and_not_again(cli, source, tmp_path):
    shutil.copytree(source, tmp_path / "source")
    (tmp_path / "source" / "red" / "cut.png").write_bytes(b"no")
    lines = cli("import", tmp_path / "source", "--out", tmp_path / "d", "--brief", "--json").lines
    assert [line["file"] for line in lines if line["event"] == "problem"] == ["red/cut.png"]
    assert lines[-1]["images"] == 60 and "problems" not in lines[-1]


def test_a_folder_that_holds_something_else_is_not_touched(cli, source, tmp_path):
    (tmp_path / "keep.txt").write_text("mine")
    said = cli("import", source, "--out", tmp_path)
    assert said.code == 2 and "not empty" in said.err and [p.name for p in tmp_path.iterdir()] == ["keep.txt"]


def test_evaluating_the_test_split_gives_the_trainings_own_figures(cli, trained):
    before = stored(trained)
    found = cli("evaluate", trained, "--json").lines[-1]
    test = result_of(trained)["test"]
    assert found["event"] == "evaluated" and {name: found[name] for name in test} == test
    assert stored(trained) == before


def test_the_figures_agree_with_the_stored_predictions(trained):
    test, rows = result_of(trained)["test"], stored(trained)
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert right / len(rows) == test["top1"] and sum(map(sum, test["confusion"])) == len(rows) == test["n"]


def test_the_columns_of_predictions_lie_beside_them_and_know_each_samples_place(trained):
    data = Dataset.open(json.loads((trained / "run.json").read_text())["dataset"]["folder"])
    columns, rows = read_scored(trained / "predictions-test.npy"), stored(trained)
    assert columns["position"].tolist() == data.indices("test").tolist()
    assert [data.path(at) for at in columns["position"].tolist()] == [row["path"] for row in rows]
    assert [data.classes[at] for at in columns["predicted"].tolist()] == [row["predicted"] for row in rows]


def test_another_checkpoint_never_overwrites_the_predictions(cli, trained):
    before = (trained / "predictions-test.csv").read_bytes()
    found = cli("evaluate", trained, "--checkpoint", "1", "--json").lines[-1]
    assert found["predictions"] == "predictions-test-1.csv" and found["epoch"] == 1
    assert (trained / "predictions-test.csv").read_bytes() == before


def test_another_dataset_gets_a_file_of_its_own(cli, trained, source, tmp_path):
    cli("import", source, "--out", tmp_path / "other", "--seed", "9", "--json")
    found = cli("evaluate", trained, "--data", tmp_path / "other", "--split", "train", "--json").lines[-1]
    assert found["predictions"].startswith("predictions-train-best-") and (trained / found["predictions"]).exists()


def test_a_dataset_with_a_class_the_network_never_saw_is_refused(cli, trained, source, tmp_path):
    shutil.copytree(source, tmp_path / "source")
    (tmp_path / "source/red").rename(tmp_path / "source/pink")
    cli("import", tmp_path / "source", "--out", tmp_path / "other", "--json")
    said = cli("evaluate", trained, "--data", tmp_path / "other")
    assert said.code == 2 and "does not know the class 'pink'" in said.err


def test_a_checkpoint_that_is_not_there_is_refused_with_those_that_are(cli, trained):
    said = cli("evaluate", trained, "--checkpoint", "99")
    assert said.code == 2 and "1, 2" in said.err


def test_predictions_agree_with_the_evaluation(cli, trained, source):
    rows = stored(trained)
    lines = cli("predict", trained, *(source / row["path"] for row in rows)).lines
    assert [line["top"][0]["label"] for line in lines] == [row["predicted"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert line["top"][0]["probability"] == pytest.approx(float(row["probability"]), abs=1e-5)


def test_predictions_come_in_order_with_the_bad_files_named(cli, trained, source, tmp_path):
    image, text = source / "red/0.png", tmp_path / "notes.png"
    text.write_text("no image")
    said = cli("predict", trained, text, image, tmp_path / "none.png")
    assert said.code == 2 and [line["file"] for line in said.lines] == [str(text), str(image), str(tmp_path / "none.png")]
    assert ["error" in line for line in said.lines] == [True, False, True] and len(said.lines[1]["top"]) == 3


def test_equal_weights_give_equal_files(cli, trained, tmp_path):
    files = [tmp_path / name for name in ("a.safetensors", "b.safetensors")]
    for file in files:
        assert cli("export", trained, "--format", "safetensors", "--out", file).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_an_exported_network_says_the_same(cli, trained, tmp_path):
    cli("export", trained, "--format", "safetensors", "--out", tmp_path / "m.safetensors")
    cli("export", trained, "--format", "torch", "--out", tmp_path / "m.pth")
    with safe_open(tmp_path / "m.safetensors", "pt") as file:
        about = json.loads(file.metadata()["synset"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
    pickled = torch.load(tmp_path / "m.pth", weights_only=True)
    build(about["model"], len(about["classes"]), image_size=about["image_size"]).load_state_dict(tensors)
    assert about["classes"] == ["blue", "green", "red"] and pickled["synset"] == about
    assert all(torch.equal(tensors[name], value) for name, value in pickled["state_dict"].items())


def test_an_export_never_replaces_a_folder(cli, trained, tmp_path):
    said = cli("export", trained, "--format", "torch", "--out", tmp_path)
    assert said.code == 2 and "is a folder" in said.err


@pytest.mark.parametrize("words", [("export", "{run}", "--format", "torch"), ("explain", "{run}", "{image}")])
def test_no_file_takes_the_place_of_a_device_or_a_pipe(cli, trained, source, tmp_path, words):
    os.mkfifo(tmp_path / "pipe")
    places = {"run": trained, "image": source / "red/0.png"}
    said = cli(*(word.format(**places) for word in words), "--out", tmp_path / "pipe")
    assert said.code == 2 and "is a device or a pipe" in said.err and (tmp_path / "pipe").is_fifo()


def test_a_device_is_no_image_and_is_not_read_to_its_end(cli, trained, tmp_path):
    assert "It is a device or a pipe" in cli("predict", trained, os.devnull).lines[0]["error"]
    said = cli("explain", trained, os.devnull, "--out", tmp_path / "why.png")
    assert said.code == 2 and "is a device or a pipe" in said.err


def test_an_onnx_file_says_the_same_of_any_number_of_images(cli, trained, source, tmp_path):
    assert cli("export", trained, "--format", "onnx", "--out", tmp_path / "m.onnx").code == 0
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    about = json.loads(session.get_modelmeta().custom_metadata_map["synset"])
    mean, deviation = (np.array(about["preprocessing"][name], np.float32)[:, None, None] for name in ("mean", "std"))
    files = [source / row["path"] for row in stored(trained)]
    side = about["preprocessing"]["small_images"]["resize"][0]
    assert all(Image.open(file).size == (side, side) for file in files)  # as they are: nothing is resized
    images = np.stack([np.asarray(Image.open(file).convert("RGB"), np.float32).transpose(2, 0, 1) / 255 for file in files])
    logits = session.run(None, {"images": (images - mean) / deviation})[0]
    odds = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for line, mine in zip(cli("predict", trained, *files).lines, odds, strict=True):
        assert line["top"][0]["label"] == about["classes"][mine.argmax()]
        assert line["top"][0]["probability"] == pytest.approx(float(mine.max()), abs=1e-4)


def test_equal_weights_give_equal_onnx_files(cli, trained, tmp_path):
    files = [tmp_path / name for name in ("a.onnx", "b.onnx")]
    for file in files:
        cli("export", trained, "--format", "onnx", "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_onnx_without_its_packages_is_answered_with_what_to_install(cli, trained, tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.onnx_file.PACKAGES", ("onnx_that_nobody_has",))
    said = cli("export", trained, "--format", "onnx", "--out", tmp_path / "m.onnx")
    assert said.code == 2 and "pip install onnx_that_nobody_has" in said.err and not list(tmp_path.iterdir())


def test_a_file_that_computes_something_else_is_not_written(cli, trained, tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.onnx_file.computed", lambda data, images: torch.zeros(len(images), 3))
    said = cli("export", trained, "--format", "onnx", "--out", tmp_path / "m.onnx")
    assert said.code == 1 and "does not compute what the network does" in said.err and not list(tmp_path.iterdir())


def test_an_explanation_is_a_picture_of_the_image_and_its_map(cli, trained, source, tmp_path):
    image = source / stored(trained)[0]["path"]
    found = cli("explain", trained, image, "--out", tmp_path / "why.png").lines[-1]
    likeliest = cli("predict", trained, image).lines[0]["top"][0]
    assert (found["label"], found["probability"]) == (likeliest["label"], pytest.approx(likeliest["probability"], abs=1e-4))
    assert Image.open(tmp_path / "why.png").size == (320 + 8 + 320, 320) and found["method"] == "gradcam"


@pytest.mark.parametrize("method", ["integrated", "occlusion"])
def test_each_method_explains_the_same_decision(cli, trained, source, tmp_path, method):
    image = source / stored(trained)[0]["path"]
    found = cli("explain", trained, image, "--out", tmp_path / "why.png", "--method", method).lines[-1]
    assert found["label"] == cli("predict", trained, image).lines[0]["top"][0]["label"] and found["method"] == method
    assert Image.open(tmp_path / "why.png").size == (320 + 8 + 320, 320)


def test_a_checkpoint_is_explained_as_it_is_evaluated(cli, trained, source, tmp_path):
    image = source / stored(trained)[0]["path"]
    last = cli("explain", trained, image, "--out", tmp_path / "a.png", "--checkpoint", "last").lines[-1]
    said = cli("explain", trained, image, "--out", tmp_path / "b.png", "--checkpoint", "99")
    assert last["epoch"] == result_of(trained)["history"][-1]["epoch"] and said.code == 2 and "There is no checkpoint 99" in said.err


def test_another_class_can_be_explained(cli, trained, source, tmp_path):
    image = source / stored(trained)[0]["path"]
    assert cli("explain", trained, image, "--out", tmp_path / "a.png", "--label", "green").lines[-1]["label"] == "green"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("{image}", "--out", "{tmp}/a.png", "--method", "guess"), "must be one of gradcam, integrated, occlusion; guess came"),
        (("{image}", "--out", "{tmp}/a.png", "--label", "pink"), "does not know the class 'pink'"),
        (("{image}", "--out", "{tmp}"), "is a folder"),
        (("{tmp}/none.png", "--out", "{tmp}/a.png"), "cannot be read"),
        (("{text}", "--out", "{tmp}/a.png"), "notes.png"),
    ],
)
def test_what_cannot_be_explained_is_said(cli, trained, source, tmp_path, words, sentence):
    (tmp_path / "notes.png").write_text("no image")
    places = {"image": source / "red/0.png", "tmp": tmp_path, "text": tmp_path / "notes.png"}
    said = cli("explain", trained, *(word.format(**places) for word in words))
    assert said.code == 2 and sentence in said.err and not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("words", [("evaluate",), ("predict", "x.png"), ("export", "--format", "torch", "--out", "x")])
def test_a_folder_that_is_no_run_is_refused(cli, tmp_path, words):
    said = cli(words[0], tmp_path, *words[1:])
    assert said.code == 2 and "is no run" in said.err


def test_a_run_is_weights_for_another_training(cli, dataset, trained, tmp_path):
    from tests.classifier.cli.conftest import train_words

    words = train_words(dataset, tmp_path / "r", f"weights={trained}", "freeze=backbone", "epochs=1", "learning_rate=1e-9")
    assert cli(*words, "--json").lines[-1]["test"]["top1"] == pytest.approx(result_of(trained)["test"]["top1"], abs=0.12)


def test_the_doctor_measures(cli, monkeypatch):
    monkeypatch.setattr("classifier.doctor.MEASURE_SECONDS", 0.01)
    found = cli("doctor", "--json").lines[-1]
    assert found["event"] == "doctor" and found["decoded_images_per_second"]["training"] > 0 and found["matrix_gflops"]["fp32"] > 0
    assert len(found["training_steps"]) == 4 and all(step["images_per_second"] > 0 for step in found["training_steps"])


def test_the_doctor_names_every_package_that_is_not_there(monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda package: None)
    named = {entry["package"] for entry in doctor.missing()}
    assert named == {"safetensors", *onnx_file.PACKAGES, *check.PACKAGES.values(), DISTRIBUTION}


def test_a_learning_rate_is_suggested_with_its_curve(cli, dataset):
    words = ["find-lr", dataset, "--steps", "20", "--set", "image_size=16", "--set", "batch_size=14", "--set", "device=cpu"]
    found = cli(*words, "--json").lines[-1]
    assert found["event"] == "rate_found" and found["suggested"] > 0
    assert 5 < len(found["curve"]) <= 20 and found["curve"][0].keys() == {"rate", "loss"}


def test_too_few_steps_for_a_curve_are_refused(cli, dataset):
    said = cli("find-lr", dataset, "--steps", "3")
    assert said.code == 2 and "--steps" in said.err and "10 to 10,000" in said.err


def test_runs_are_held_against_the_first(cli, dataset, trained, tmp_path):
    again = shutil.copytree(trained, tmp_path / "again")
    rows = np.load(again / "predictions-test.npy")
    rows["predicted"][:2] = (rows["label"][:2] + 1) % 3
    np.save(again / "predictions-test.npy", rows)
    found = cli("compare", trained, again, "--json").lines[-1]
    own = np.load(trained / "predictions-test.npy")
    right = own["predicted"] == own["label"]
    (pair,) = found["pairs"]
    assert (found["event"], pair["n"], pair["broken"], pair["fixed"]) == ("compared", len(rows), int(right[:2].sum()), 0)
    assert found["runs"][0]["top1"] == right.mean() and pair["interval"][0] <= pair["difference"] <= pair["interval"][1]


def test_a_run_is_verified_against_its_repetition(cli, trained, tmp_path):
    again = shutil.copytree(trained, tmp_path / "again")
    assert cli("verify", trained, again, "--json").lines[-1]["verdict"] == "bit-equal"
    result = result_of(again)
    result["history"][1]["train_loss"] += 0.5
    (again / "result.json").write_text(json.dumps(result))
    told = cli("verify", trained, again, "--json").lines[-1]
    assert (told["verdict"], told["epoch"], told["figure"]) == ("different", 2, "train_loss")
    result["config"]["learning_rate"] = 9.0
    (again / "result.json").write_text(json.dumps(result))
    said = cli("verify", trained, again)
    assert said.code == 2 and "learning_rate differ" in said.err


def test_what_cannot_be_compared_is_said(cli, trained, tmp_path):
    assert "two to 20" in cli("compare", trained).err
    assert "is no run" in cli("compare", trained, tmp_path).err
    said = cli("compare", trained, trained, "--split", "train")
    assert said.code == 2 and "evaluate" in said.err


def test_a_source_is_shown_before_it_is_imported(cli, source):
    last = cli("inspect", source, "--json").lines[-1]
    assert last["event"] == "inspected" and last["images"] == 60
    assert last["classes"]["red"] == {"train": 0, "validation": 0, "test": 0, "open": 20}


def test_an_import_takes_what_was_chosen(cli, source, tmp_path):
    last = cli("import", source, "--out", tmp_path / "d", "--choose", '{"leave": ["red"]}', "--json").lines[-1]
    assert set(last["classes"]) == {"green", "blue"}
    assert cli("import", source, "--out", tmp_path / "e", "--choose", "{", "--json").code == 2
