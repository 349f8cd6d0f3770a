"""Images that nobody has labelled yet stand beside labelled ones: no training learns them as a class."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.data.layouts.choose import Choice
from classifier.evaluate import evaluate
from classifier.run import Run
from classifier.spec.errors import InputError
from classifier.spec.packfile import IN_NO_SPLIT
from classifier.training.loop import train
from tests.classifier import images
from tests.classifier.training.conftest import QUICK


@pytest.fixture(scope="module")
def begun(digits, tmp_path_factory):
    """The DATASET of digits of which nobody has labelled the ones yet."""
    folder = tmp_path_factory.mktemp("begun") / "data"
    shutil.copytree(digits, folder)
    text = (folder / "dataset.json").read_text()
    about = json.loads(text)
    position = about["classes"].index("1")
    about["classes"][position] = "unlabelled"
    about["counts"] = {"unlabelled" if label == "1" else label: count for label, count in about["counts"].items()}
    (folder / "dataset.json").write_text(json.dumps(about))
    return folder


def test_they_are_in_no_split_and_the_others_keep_their_classes(begun):
    whole = Dataset.open(begun)
    part = whole.labelled()
    unlabelled = whole.labels == whole.classes.index("unlabelled")
    assert part.classes == ["0", "2"] and part.unlabelled == unlabelled.sum() > 0
    assert (part.splits[unlabelled] == IN_NO_SPLIT).all() and (part.splits[~unlabelled] == whole.splits[~unlabelled]).all()
    named = np.array(part.classes)[part.labels[~unlabelled]]
    assert (named == np.array(whole.classes)[whole.labels[~unlabelled]]).all()
    assert part.counts == {label: whole.counts[label] for label in ("0", "2")}


def test_where_all_are_labelled_nothing_changes(digits):
    whole = Dataset.open(digits)
    assert whole.labelled() is whole


def test_a_training_learns_the_other_classes_and_says_how_many_it_left_out(begun, tmp_path):
    told = []
    train(begun, tmp_path / "run", QUICK, on_event=told.append)
    count = Dataset.open(begun).labelled().unlabelled
    assert Run.open(tmp_path / "run").classes == ["0", "2"]
    assert f"{count} images are unlabelled and are left out." in [event.get("message") for event in told]
    measured = evaluate(tmp_path / "run", split="test", device="cpu")
    assert measured["n"] == len(Dataset.open(begun).labelled().indices("test")) and len(measured["per_class"]) == 2


def test_a_run_that_learnt_them_as_a_class_before_is_measured_on_them_still(begun, tmp_path, monkeypatch):
    monkeypatch.setattr(Dataset, "labelled", lambda self: self)
    train(begun, tmp_path / "run", QUICK)
    monkeypatch.undo()
    assert evaluate(tmp_path / "run", split="test", device="cpu")["n"] == len(Dataset.open(begun).indices("test"))


def test_images_that_are_all_unlabelled_are_refused_in_words(tmp_path):
    source = images.write_zip(tmp_path / "in.zip", {f"{n}.png": images.picture(n) for n in range(8)})
    import_dataset(source, tmp_path / "data", choice=Choice(kind="unlabelled"))
    with pytest.raises(InputError, match=r"none of its images is labelled.*Label more images first"):
        train(tmp_path / "data", tmp_path / "run", QUICK)


def test_one_labelled_class_is_too_few(tmp_path):
    import_dataset(images.write_zip(tmp_path / "in.zip", images.class_folders(8, ("cat", "unlabelled"))), tmp_path / "data")
    with pytest.raises(InputError, match="only 'cat' has labelled images"):
        train(tmp_path / "data", tmp_path / "run", QUICK)
