"""What a training writes and tells."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from classifier.cli.output import describe
from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.run import Run
from classifier.spec import code
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError, ConfigError, InputError
from classifier.training.loop import stalled, train
from tests.classifier.training.conftest import save


@pytest.fixture(scope="module")
def finished(digits, tmp_path_factory):
    """(RUN folder, its events, what train gave) of a training of six epochs."""
    folder, events = tmp_path_factory.mktemp("run") / "run", []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNSET_HOME", str(folder.parent / "home"))
        config = TrainConfig(epochs=6, batch_size=16, device="cpu")
        return folder, events, train(digits, folder, config, on_event=events.append)


@pytest.fixture(scope="module")
def result(finished):
    return json.loads((finished[0] / "result.json").read_text())


def test_digits_are_learnt(result):
    assert result["test"]["top1"] > 0.8


def test_the_run_counts_its_parameters(finished):
    folder, _, _ = finished
    model, *_ = Run.open(folder).load_model("best")
    told = json.loads((folder / "run.json").read_text())
    assert told["parameters"] == sum(each.numel() for each in model.parameters()) < 407_176  # which the catalogue says, of 1,000 classes


def test_the_result_has_all_its_fields(result):
    assert {"config", "dataset", "best_epoch", "history", "test", "environment", "seed"} <= result.keys()
    assert (result["environment"]["engine"], result["environment"]["synset"]) == (code.digest(), code.version())
    assert {"epoch", "train_loss", "train_top1", "val_loss", "val_top1", "val_top5", "lr", "images_per_second"} <= result["history"][
        0
    ].keys()
    assert {"n", "top1", "top5", "loss", "ece", "confusion", "per_class"} <= result["test"].keys()


def test_the_history_has_each_epoch_once(result):
    assert [row["epoch"] for row in result["history"]] == [1, 2, 3, 4, 5, 6]


def test_what_was_left_open_is_written_as_it_was_decided(result):
    assert all(result["config"][name] is not None for name in ("learning_rate", "weight_decay", "warmup_epochs", "image_size"))
    assert result["config"]["augment"]["flip"] is False  # grey digits


def test_the_best_epoch_is_the_one_of_the_best_validation(result):
    best = max(result["history"], key=lambda row: (row["val_top1"], -row["val_loss"]))
    assert result["best_epoch"] == best["epoch"]


def test_predictions_and_result_agree(finished, result):
    with (finished[0] / "predictions-test.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["label"] == row["predicted"] for row in rows) / len(rows) == pytest.approx(result["test"]["top1"])


def test_the_epoch_events_carry_the_confusion_matrix_of_validation(finished, digits):
    epoch = next(event for event in finished[1] if event["event"] == "epoch")
    assert sum(epoch["confusion"]["counts"]) == len(Dataset.open(digits).indices("validation"))


def test_progress_never_falls(finished):
    fractions = [event["fraction"] for event in finished[1] if event["event"] == "progress"]
    assert fractions == sorted(fractions) and fractions[-1] == 1


def test_a_finished_run_tells_its_end_again_without_training(finished, digits):
    events = []
    again = train(digits, finished[0], None, on_event=events.append)
    assert again == finished[2]
    assert [event["event"] for event in events] == ["epoch"] * 6


@pytest.fixture(scope="module")
def untested(digits, tmp_path_factory):
    """A DATASET of digits that has no test images."""
    folder = tmp_path_factory.mktemp("untested") / "data"
    import_dataset(digits.parent / "source", folder, shares=(85, 15, 0))
    return folder


def test_without_test_images_a_training_ends_well_and_measures_nothing(untested, tmp_path, quick):
    done = train(untested, tmp_path / "run", replace(quick, epochs=1))
    test = json.loads((tmp_path / "run" / "result.json").read_text())["test"]
    assert done["test"] == test and (test["n"], test["top1"], test["top5"], test["loss"], test["ece"]) == (0, None, None, None, None)
    assert {figures["recall"] for figures in test["per_class"]} == {None} and np.array(test["confusion"]).sum() == 0


def test_its_end_says_that_nothing_was_tested(untested, tmp_path, quick):
    done = train(untested, tmp_path / "run", replace(quick, epochs=1))
    assert describe(done).startswith("The dataset has no test images, so nothing was tested.")


def test_two_classes_of_two_images_are_trained_to_the_end(tmp_path, quick):
    for label in ("light", "dark"):
        for shade in (0, 9):
            save(np.full((8, 8, 3), shade + 200 * (label == "light"), np.uint8), tmp_path / "source" / label / f"{shade}.png")
    import_dataset(tmp_path / "source", tmp_path / "data")
    assert train(tmp_path / "data", tmp_path / "run", replace(quick, epochs=1))["event"] == "finished"


def test_the_best_network_can_be_loaded(finished, result):
    model, epoch = Run.open(finished[0]).load_model()
    assert epoch == result["best_epoch"] and not model.training
    assert next(model.parameters()).dtype == torch.float32


def test_three_checkpoints_and_the_best_are_kept(finished):
    files = {path.name for path in (finished[0] / "checkpoints").iterdir()}
    best = Run.open(finished[0]).entry("best")["file"]
    assert files == {"epoch-0004.pt", "epoch-0005.pt", "epoch-0006.pt", best}


def test_an_unknown_epoch_is_answered_with_those_there_are(finished):
    with pytest.raises(InputError, match=r"of epochs .*4, 5, 6"):
        Run.open(finished[0]).load_model(77)


def test_photographs_are_learnt(photographs, tmp_path):
    config = TrainConfig(epochs=8, batch_size=8, image_size=32, device="cpu", learning_rate=0.003, warmup_epochs=1)
    train(photographs, tmp_path / "run", config)
    history = json.loads((tmp_path / "run" / "result.json").read_text())["history"]
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_images_that_fit_no_budget_are_decoded_as_they_are_needed(digits, tmp_path, quick, monkeypatch):
    train(digits, tmp_path / "held", quick)
    monkeypatch.setenv("SYNSET_RESIDENT_MB", "0")
    train(digits, tmp_path / "streamed", quick)
    first, second = (Run.open(tmp_path / name).load_model()[0].state_dict() for name in ("held", "streamed"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_loss_that_is_no_number_stops_with_advice(digits, tmp_path, quick):
    with pytest.raises(ClassifierError, match="Lower the learning rate") as caught:
        train(digits, tmp_path / "run", replace(quick, optimizer="sgd", learning_rate=100.0, weight_decay=10.0, warmup_epochs=0, epochs=20))
    assert caught.value.code == "nan_loss" and not caught.value.retry


def test_a_first_epoch_that_diverges_promises_no_checkpoint(digits, tmp_path, quick):
    with pytest.raises(ClassifierError, match="in epoch 1.*lengthen the warm-up\\.$"):
        train(
            digits, tmp_path / "run", replace(quick, optimizer="sgd", learning_rate=100.0, weight_decay=10.0, warmup_epochs=0, batch_size=2)
        )


def test_early_stopping_counts_epochs_since_the_best_validation_loss():
    rows = [{"val_loss": loss} for loss in (1.0, 0.5, 0.6, 0.7)]
    assert stalled(rows, 2) and not stalled(rows, 3) and not stalled(rows, None)


def test_early_stopping_ends_a_training_before_its_last_epoch(digits, tmp_path, quick):
    train(digits, tmp_path / "run", replace(quick, epochs=30, early_stopping=1, learning_rate=1e-9))
    assert len(json.loads((tmp_path / "run" / "result.json").read_text())["history"]) < 30


def test_early_stopping_without_validation_images_is_refused_before_anything_is_written(digits, tmp_path, quick):
    import_dataset(digits.parent / "source", tmp_path / "data", shares=(85, 0, 15))
    with pytest.raises(ConfigError, match="early_stopping: goes by validation images, of which these data have none"):
        train(tmp_path / "data", tmp_path / "run", replace(quick, early_stopping=2))
    assert not (tmp_path / "run").exists()


def test_class_weights_and_sgd_train(digits, tmp_path, quick):
    done = train(digits, tmp_path / "run", replace(quick, class_weights="balanced", optimizer="sgd", epochs=1))
    assert done["test"]["n"] > 0


def test_a_folder_with_something_else_in_it_is_refused(digits, tmp_path, quick):
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no run"):
        train(digits, tmp_path, quick)
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]


def test_a_folder_that_is_no_dataset_is_refused_and_no_run_is_begun(tmp_path, quick):
    with pytest.raises(InputError, match="no Synset dataset"):
        train(tmp_path, tmp_path / "run", quick)
    assert not (tmp_path / "run").exists()


def test_validation_is_looked_at_as_often_as_is_asked_and_after_the_last_epoch(digits, quick, tmp_path):
    told = []
    train(digits, tmp_path / "run", replace(quick, epochs=5, validate_every=2), on_event=told.append)
    rows = [event for event in told if event["event"] == "epoch"]
    seen = [row["epoch"] for row in rows if row["val_loss"] is not None]
    assert seen == [2, 4, 5] == [row["epoch"] for row in rows if "confusion" in row]
    assert json.loads((tmp_path / "run" / "result.json").read_text())["best_epoch"] in seen


@pytest.mark.parametrize(("fields", "field"), [
    ({"validate_every": 11}, "validate_every"), ({"validate_every": 5, "early_stopping": 3}, "early_stopping"),
])  # fmt: skip
def test_a_validation_too_rare_for_the_training_is_refused(fields, field):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping({"epochs": 10, **fields})
    assert set(caught.value.fields) == {field}
