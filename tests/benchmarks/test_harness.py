"""The benchmark's arithmetic, table and files, and its view of a training's events."""

from __future__ import annotations

import io
import json

import pytest

from benchmarks import harness, reference
from benchmarks.harness import Row
from benchmarks.training import rows, seconds_of_epochs, steady_speed


def figures(*values):
    remaining = iter(values)
    return lambda: next(remaining)


def measured(**more):
    row = Row("train/x-8", "images/s", figures(10.0, 30.0, 20.0), figures(5.0, 4.0, 6.0), **more)
    return harness.measure(row, runs=3, tell=lambda text: None)


def test_medians_of_the_runs_give_ratio_and_fraction():
    result = measured(ceiling=figures(40.0, 40.0, 40.0))
    assert (result["value"], result["baseline"], result["ratio"], result["fraction"]) == (20.0, 5.0, 4.0, 0.5)
    assert len(result["runs"]) == 3


def test_the_parts_take_turns():
    order = []
    row = Row("x", "s", lambda: order.append("value") or 1.0, lambda: order.append("baseline") or 1.0)
    harness.measure(row, runs=2, tell=lambda text: None)
    assert order == ["value", "baseline", "value", "baseline"]


def test_what_has_no_ceiling_has_null_there():
    result = measured()
    assert result["ceiling"] is None and result["fraction"] is None


def test_a_row_is_written_under_its_name(tmp_path):
    path = harness.write(measured(), tmp_path / "bench")
    assert path.name == "train-x-8.json" and json.loads(path.read_text())[0]["name"] == "train/x-8"


def test_the_table_has_a_line_a_row():
    stream = io.StringIO()
    harness.table([measured()], stream)
    assert "train/x-8" in stream.getvalue().splitlines()[1]


def progress(second, step, epoch):
    return second, {"event": "progress", "stage": "training", "step": step, "steps": 20, "epoch": epoch, "epochs": 2}


def test_speed_counts_steps_inside_epochs_once_training_is_warm():
    events = [progress(0, 1, 1), progress(3, 4, 1), progress(4, 6, 1), progress(9, 11, 2), progress(10, 13, 2)]
    assert steady_speed(events, epoch_images=100, seconds=2) == pytest.approx(20.0)


def test_a_training_that_fails_is_told():
    with pytest.raises(RuntimeError, match="no such model"):
        steady_speed([(0.0, {"event": "error", "message": "no such model"})], 100, 1)


def test_the_baseline_trains_on_class_folders(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.setattr(reference, "WARM_UP_STEPS", 1)
    for i in range(12):
        (tmp_path / str(i % 2)).mkdir(exist_ok=True)
        Image.new("RGB", (16, 16), (20 * i, 0, 0)).save(tmp_path / str(i % 2) / f"{i}.png")
    model = reference.build("small_cnn", 2, image_size=16)
    assert reference.speed(reference.steps(model, reference.loader(str(tmp_path), 16, 4, 0)), 0.01) > 0


def test_the_training_rows_are_named_by_model_and_image_size(tmp_path):
    networks = ["train/small_cnn-32", "train/resnet18-128", "train/mobilenet_v3_small-224"]
    assert [row.name for row in rows(tmp_path)] == [*networks, "train/head_only-224", "train/evaluate-resnet18-128"]


def test_a_gpu_has_rows_of_its_own_beside_the_compiled_step(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.training.GPU", tmp_path)
    assert [row.name for row in rows(tmp_path) if row.name.startswith("train/gpu")] == ["train/gpu-resnet18-224", "train/gpu-resnet50-224"]


def test_head_only_epochs_are_timed_from_the_first_image_to_the_last_epoch():
    events = [
        (0.0, {"event": "stage", "stage": "probing"}),
        (1.0, {"event": "stage", "stage": "decoding"}),
        (5.0, {"event": "epoch", "epoch": 1}),
        (6.0, {"event": "epoch", "epoch": 2}),
        (9.0, {"event": "finished"}),
    ]
    assert seconds_of_epochs(events) == 5.0


def test_a_head_only_training_that_failed_is_no_measurement():
    with pytest.raises(RuntimeError, match="before its first epoch"):
        seconds_of_epochs([(1.0, {"event": "stage", "stage": "decoding"})])
