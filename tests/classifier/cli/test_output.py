"""Events as text."""

import io

import pytest

from classifier.cli.output import Bar, Lines, bar_text, describe, duration

PROGRESS = {
    "event": "progress", "stage": "training", "done": 5, "total": 10, "unit": "steps", "fraction": 0.5, "eta_seconds": 61.0,
    "rate": 2.0, "epoch": 1, "epochs": 3, "images_per_second": 1234.0,
}  # fmt: skip


def test_the_bar_shows_stage_share_speed_and_time_left():
    text = bar_text(PROGRESS, 200)
    assert text.split("  ") == ["training", "epoch 1/3", "━" * 12 + "─" * 12, "50 %", "1,234 images/s", "1:01 left"]


def test_the_bar_fits_the_terminal():
    assert len(bar_text(PROGRESS, 30)) == 30


def test_what_is_not_known_yet_is_not_shown():
    assert "left" not in bar_text({**PROGRESS, "eta_seconds": None}, 200)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (61.4, "1:01"), (3723, "1:02:03"), (-1, "0:00")])
def test_time_left_reads_like_a_clock(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("images", "text"), [(1, "1 image in 1 class, abc."), (1204, "1,204 images in 1 class, abc.")])
def test_one_of_a_thing_is_told_in_the_singular(images, text):
    assert describe({"event": "revised", "images": images, "classes": {"ant": {}}, "id": "abc"}) == text


def test_a_line_takes_the_place_of_the_bar():
    stream = io.StringIO()
    bar = Bar(stream)
    bar(PROGRESS)
    bar({"event": "log", "level": "info", "message": "hello"})
    assert stream.getvalue().endswith("\r\x1b[2Khello\n")


def test_a_pipe_gets_lines_without_progress():
    stream = io.StringIO()
    lines = Lines(stream)
    lines(PROGRESS)
    lines({"event": "stage", "stage": "reading", "message": "Reading"})
    assert stream.getvalue() == "Reading\n"


def test_a_files_name_cannot_steer_the_terminal():
    assert "\x1b" not in describe({"event": "problem", "file": "\x1b[2J.png", "rule": "truncated", "message": "is cut", "taken": False})


def test_an_epoch_without_validation_is_told_with_dashes():
    event = {
        "event": "epoch", "epoch": 1, "epochs": 2, "train_loss": 1.5, "val_loss": None, "val_top1": None, "images_per_second": 10.0,
        "best": True,
    }  # fmt: skip
    assert describe(event) == "epoch 1/2: loss 1.5000, validation loss –, accuracy –, 10 images/s, best so far"
