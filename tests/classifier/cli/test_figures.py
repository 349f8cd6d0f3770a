"""What an evaluation leaves behind, by the command line: intervals, curves, temperature, speed, and answers that are unsure."""

import json
import shutil

import numpy as np
import pytest

from classifier.cli.main import main
from classifier.metrics import embedding, read_curves, read_scored
from classifier.run import Run
from classifier.spec import unsure
from tests.classifier.cli.conftest import train_words


def result_of(run):
    return json.loads((run / "result.json").read_text())


@pytest.fixture
def copy(trained, tmp_path):
    """A RUN of its own."""
    shutil.copytree(trained, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def averaged(dataset, tmp_path_factory):
    """A RUN that keeps a moving average of its weights."""
    out = tmp_path_factory.mktemp("runs") / "averaged"
    assert main([*train_words(dataset, out, "ema=0.9"), "--json"]) == 0
    return out


def test_a_trainings_result_has_every_figure_with_its_interval(trained):
    test = result_of(trained)["test"]
    assert {"balanced_accuracy", "precision_weighted", "kappa", "mcc", "brier", "roc_area_macro", "top_k", "aurc"} <= set(test)
    assert set(test["intervals"]) >= {"top1", "loss", "ece", "f1_macro"}


def test_curves_lie_beside_the_predictions_and_agree_with_them(trained):
    scored, curves = (
        read_scored(trained / "predictions-test.npy"),
        read_curves(trained / "curves-test.npz", "answered", "answered_right", "own"),
    )
    assert curves is not None and scored is not None
    assert curves["own"].tolist() == np.bincount(scored["label"], minlength=3).tolist()
    assert curves["answered"][0] == len(scored) and curves["answered_right"][0] == (scored["label"] == scored["predicted"]).sum()


def test_an_evaluation_of_another_checkpoint_has_curves_of_its_own(cli, copy):
    before = (copy / "curves-test.npz").read_bytes()
    cli("evaluate", copy, "--checkpoint", "1", "--json")
    assert (copy / "curves-test-1.npz").exists() and (copy / "curves-test.npz").read_bytes() == before


def test_the_temperature_is_fitted_on_validation_once_and_kept_for_each_checkpoint(cli, copy):
    first = cli("evaluate", copy, "--checkpoint", "1", "--split", "train", "--json").lines
    assert "calibrating" in {line.get("stage") for line in first}
    again = cli("evaluate", copy, "--checkpoint", "1", "--split", "test", "--json").lines
    assert "calibrating" not in {line.get("stage") for line in again}
    keys = list(json.loads((copy / "temperatures.json").read_text()))
    assert len(keys) == 2 and first[-1]["calibration"]["n"] == again[-1]["calibration"]["n"] == 9


def test_progress_never_falls_while_two_splits_are_looked_at(cli, copy):
    lines = cli("evaluate", copy, "--checkpoint", "1", "--split", "train", "--json").lines
    told = [line["fraction"] for line in lines if line["event"] == "progress"]
    assert told == sorted(told) and told[-1] == 1


def test_of_very_many_images_each_part_of_the_figures_is_told(cli, copy, monkeypatch):
    """A worker ends a process that tells nothing for ten minutes."""
    parts = ["writing", "measuring", "summing"]
    assert not set(parts) & {line.get("stage") for line in cli("evaluate", copy, "--json").lines}
    monkeypatch.setattr("classifier.evaluate.LONG_LOGITS", 1)
    told = [line["stage"] for line in cli("evaluate", copy, "--json").lines if line["event"] == "stage"]
    assert told == parts


def test_a_dataset_that_is_gone_leaves_no_temperature_and_says_why(cli, copy, dataset, tmp_path):
    shutil.copytree(dataset, tmp_path / "other", symlinks=True)
    about = json.loads((copy / "run.json").read_text())
    about["dataset"] = {"folder": str(tmp_path / "nowhere"), "id": "0" * 64}
    (copy / "run.json").write_text(json.dumps(about))
    (copy / "temperatures.json").unlink()
    found = cli("evaluate", copy, "--data", tmp_path / "other", "--json").lines[-1]
    assert found["calibration"]["temperature"] is None and "not there any more" in found["calibration"]["why"]
    assert not (copy / "temperatures.json").exists()


def test_speed_is_told_by_batch_size_unless_it_is_left_out(cli, copy):
    rows = cli("evaluate", copy, "--json").lines[-1]["speed"]["batches"]
    assert [row["batch"] for row in rows] == [1, 4, 16, 64]
    for row in rows:
        assert row["images_per_second"] == pytest.approx(1000 * row["batch"] / row["milliseconds"], rel=0.01) and row["runs"] >= 3
    assert "speed" not in cli("evaluate", copy, "--no-speed", "--json").lines[-1] and result_of(copy)["speed"]["batches"]


def test_the_weights_themselves_are_measured_apart_from_their_average(cli, averaged):
    mean, raw = (cli("evaluate", averaged, *words, "--json").lines[-1] for words in ((), ("--raw",)))
    assert (raw["predictions"], raw["raw"]) == ("predictions-test-raw.csv", True) and "raw" not in mean
    assert raw["loss"] != mean["loss"] == result_of(averaged)["test"]["loss"]
    plain = Run.open(averaged).load_model("best", raw=True)[0].state_dict()
    assert any((plain[name] != tensor).any() for name, tensor in Run.open(averaged).load_model("best")[0].state_dict().items())


def test_probes_and_maps_are_of_the_same_weights(cli, averaged, tmp_path):
    raw = cli("evaluate", averaged, "--raw", "--json").lines[-1]
    probed = cli("probe", averaged, "--raw", "--json").lines[-1]
    assert probed["n"] == raw["n"] and probed["per_class"] == [round(row["n"] * row["recall"]) for row in raw["per_class"]]
    pairs = (("mean", ()), ("raw", ("--raw",)))
    told = [cli("space", averaged, "--out", tmp_path / name, *words, "--json").lines[-1] for name, words in pairs]
    mean, other = (embedding.read(tmp_path / name).points for name in ("mean", "raw"))
    assert (mean["probability"] != other["probability"]).any() and (other["row"] >= 0).sum() == raw["n"]
    assert told[0]["checkpoint"] and not told[1]["checkpoint"]  # classifying takes the average, and is told no neighbours by this map


def test_without_an_average_there_is_none_to_leave_aside(cli, copy):
    said = cli("evaluate", copy, "--raw")
    assert said.code == 2 and "keeps no average" in said.err


def answers(cli, run, source, *words):
    return cli("predict", run, *words, *sorted(source.glob("*/1*.png"))).lines


def test_answers_below_the_threshold_are_unsure(cli, copy, source):
    odds = [line["top"][0]["probability"] for line in answers(cli, copy, source)]
    middle = float(np.median(odds))
    assert cli("unsure", copy, middle, "--json").lines[-1]["below"] == middle
    for line, probability in zip(answers(cli, copy, source), odds, strict=True):
        assert ("unsure" in line) == (probability < middle)
    assert cli("unsure", copy, "off", "--json").lines[-1]["below"] is None
    assert not any("unsure" in line for line in answers(cli, copy, source))


def test_a_threshold_on_the_command_line_goes_before_the_kept_one(cli, copy, source):
    unsure.keep(copy, 0.001)
    assert all(line["unsure"] for line in answers(cli, copy, source, "--unsure-below", "0.9999999"))


@pytest.mark.parametrize("below", ["0", "1", "nan", "often"])
def test_what_is_no_probability_is_refused(cli, copy, source, below):
    for said in (cli("unsure", copy, below), cli("predict", copy, source / "red/1.png", "--unsure-below", below)):
        assert said.code == 2 and "must be a probability above 0 and below 1" in said.err
    assert unsure.kept(copy) is None


def test_a_restart_leaves_no_earlier_threshold_or_temperature(cli, copy, dataset):
    unsure.keep(copy, 0.5)
    before = json.loads((copy / "temperatures.json").read_text())
    assert cli(*train_words(dataset, copy, "epochs=1"), "--restart", "--json").code == 0
    assert unsure.kept(copy) is None and before.keys() != json.loads((copy / "temperatures.json").read_text()).keys()


def test_a_restart_leaves_nothing_of_earlier_evaluations(cli, copy, dataset):
    cli("evaluate", copy, "--split", "validation", "--json")
    assert len(list(copy.glob("*-validation*"))) == 6  # predictions, columns, curves, and three of the images' places
    assert cli(*train_words(dataset, copy, "epochs=1"), "--restart", "--json").code == 0
    assert not list(copy.glob("*-validation*"))


def test_figures_are_told_in_lines_on_a_terminal(trained):
    from classifier.cli.output import describe

    test = result_of(trained)["test"]
    text = describe({"event": "evaluated", "split": "test", **test, "speed": result_of(trained)["speed"]})
    assert "Matthews correlation" in text and "Temperature" in text and "images/s" in text
