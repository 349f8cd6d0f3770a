"""A RUN's images in its own space: beside each evaluation, and all of them by the subcommand `space`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from classifier.data.dataset import Dataset
from classifier.metrics import embedding, read_scored, scored_path
from classifier.predict import Predictor
from classifier.run import Run
from classifier.space import mapping
from classifier.training.features import compute
from tests.classifier.cli.conftest import cli, dataset, signals_as_they_were, source, trained  # noqa: F401 (fixtures)


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:  # noqa: F811
    return Path(shutil.copytree(trained, tmp_path / "run"))


@pytest.fixture
def mapped(cli, run: Path, tmp_path: Path):  # noqa: F811
    """(the last event, what was found)."""
    last = cli("space", run, "--out", tmp_path / "map", "--json").lines[-1]
    return last, embedding.read(tmp_path / "map")


def test_a_training_leaves_the_places_of_its_test_images(trained: Path):  # noqa: F811
    found, rows = embedding.read(trained / "predictions-test"), read_scored(trained / "predictions-test.npy")
    assert found.points["row"].tolist() == list(range(len(rows))) and found.points["position"].tolist() == rows["position"].tolist()
    assert found.points["predicted"].tolist() == rows["predicted"].tolist() and set(found.points["split"]) == {2}
    assert found.basis.images == len(rows) and found.layout is None and 0 < found.basis.shares.sum() <= 1.001


def test_an_evaluation_leaves_those_of_its_split(cli, run: Path):  # noqa: F811
    said = cli("evaluate", run, "--split", "validation", "--json").lines[-1]
    found = embedding.read((run / said["predictions"]).with_suffix(""))
    assert len(found.points) == said["n"] and set(found.points["split"]) == {1}


def test_places_are_what_the_head_is_given(mapped, run: Path):
    """Held to what head-only training computes of the same images."""
    from classifier.data.load import Images

    _, found = mapped
    opened, data = Run.open(run), Dataset.open(Run.open(run).dataset_folder)
    model, _ = opened.load_model()
    rows = data.images[found.points["position"]]
    images = Images(data.pack, rows, opened.eval_size, opened.prepare, torch.device("cpu"))
    values = compute(model, images, opened.normalisation, run).values.flatten(1).numpy()
    placed = found.basis.place(values)
    assert np.allclose(placed, found.values.astype(np.float32), atol=0.02 * np.abs(placed).max())


def test_train_validation_and_the_evaluated_split_are_on_the_map(mapped, run: Path):
    last, found = mapped
    data = Dataset.open(Run.open(run).dataset_folder)
    for number, split in enumerate(("train", "validation", "test")):
        of_it = found.points[found.points["split"] == number]
        assert of_it["position"].tolist() == data.indices(split).tolist() and last["images"][split] == len(of_it)
    assert found.learnt == last["images"]["train"] and last["points"] == len(found.points) == len(found.layout) == last["arranged"]
    assert last["checkpoint"] == Run.open(run).entry("best")["sha256"]


def test_test_images_are_not_looked_at_for_a_map_of_validation(cli, run: Path, tmp_path: Path):  # noqa: F811
    last = cli("space", run, "--out", tmp_path / "map", "--split", "validation", "--json").lines[-1]
    assert set(last["images"]) == {"train", "validation"} and 2 not in embedding.read(tmp_path / "map").points["split"]


def test_evaluated_images_carry_their_rows_and_what_the_evaluation_says(mapped, run: Path):
    _, found = mapped
    rows = read_scored(scored_path(run / "predictions-test.csv"))
    mine = found.points[found.points["split"] == 2]
    assert mine["row"].tolist() == list(range(len(rows))) and (mine["probability"] == rows["probability"]).all()
    assert (found.points["row"][found.points["split"] != 2] == embedding.NO_ROW).all()


def test_what_it_says_of_a_training_image_is_what_it_predicts(mapped, run: Path, source: Path):  # noqa: F811
    _, found = mapped
    data = Dataset.open(Run.open(run).dataset_folder)
    point = found.points[0]
    file = source / data.path(int(point["position"]))
    top = Predictor(run, device="cpu").predict([("one", file.read_bytes())])[0]["top"][0]
    assert top["label"] == Run.open(run).classes[point["predicted"]] and top["probability"] == pytest.approx(point["probability"], abs=1e-3)


def test_a_copy_of_a_training_image_lies_where_that_does(mapped):
    _, found = mapped
    near = embedding.nearest(found, found.values[3], 3)
    assert near[0].point == 3 and near[0].likeness == pytest.approx(1, abs=1e-3)


def test_where_many_are_looked_at_a_part_tells_the_directions(run: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(mapping, "FIT", 20)
    monkeypatch.setattr(mapping, "CHUNK_IMAGES", 7)
    told: list[dict] = []
    mapping.embed(run, tmp_path / "parts", device="cpu", on_event=told.append)
    whole, found = embedding.read(tmp_path / "parts"), [event["fraction"] for event in told if event["event"] == "progress"]
    assert len(whole.points) == 60 and np.abs(whole.values.astype(np.float32)).sum(1).min() > 0
    assert found == sorted(found) and found[-1] == pytest.approx(1)


def test_another_dataset_is_apart_from_what_was_learnt_from(cli, run: Path, tmp_path: Path, dataset: Path):  # noqa: F811
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    about = json.loads((other / "dataset.json").read_text())
    (other / "dataset.json").write_text(json.dumps(about | {"id": "0" * 64}))
    last = cli("space", run, "--out", tmp_path / "map", "--data", other, "--json").lines[-1]
    found = embedding.read(tmp_path / "map")
    assert set(last["images"]) == {"train", "validation", "evaluated"}
    assert (found.points["other"] == (found.points["split"] == 2)).all()


def test_predict_tells_the_nearest_training_images_of_a_picture(mapped, cli, run: Path, tmp_path: Path, source: Path):  # noqa: F811
    _, found = mapped
    position = int(found.points["position"][2])
    file = source / Dataset.open(Run.open(run).dataset_folder).path(position)
    (said,) = cli("predict", run, file, "--space", tmp_path / "map").lines
    assert said["nearest"][0]["position"] == position and said["nearest"][0]["likeness"] == pytest.approx(1, abs=1e-3)
    assert "nearest" not in cli("predict", run, file).lines[0]
    wrong = cli("predict", run, file, "--space", tmp_path / "nothing")
    assert wrong.code == 2 and "Make them with `space`" in wrong.err


def test_a_map_of_another_network_is_refused_in_words(mapped, cli, run: Path, tmp_path: Path, source: Path):  # noqa: F811
    _, found = mapped
    kept = len(found.basis.shares)
    basis = found.basis._replace(mean=np.zeros(7, np.float32), directions=np.zeros((7, kept), np.float32))
    embedding.write(tmp_path / "other", np.array(found.points), np.array(found.values), basis)
    said = cli("predict", run, next(source.glob("*/*.png")), "--space", tmp_path / "other")
    assert said.code == 2 and "is of another network: it tells images by 7 values" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--split", "tests"], "The split must be one of train, validation, test"),
        (["--checkpoint", "99"], "There is no checkpoint 99"),
        (["--data", "/nothing/here"], "is no Synset dataset"),
    ],
)
def test_what_does_not_fit_is_said(cli, run: Path, tmp_path: Path, words: list[str], sentence: str):  # noqa: F811
    said = cli("space", run, "--out", tmp_path / "map", *words)
    assert said.code == 2 and sentence in said.err and embedding.read(tmp_path / "map") is None


def test_a_folder_that_is_not_there_is_said_before_any_work(cli, run: Path, tmp_path: Path):  # noqa: F811
    assert "There is no folder" in cli("space", run, "--out", tmp_path / "no" / "map").err
