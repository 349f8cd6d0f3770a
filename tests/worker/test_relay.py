"""From the engine's lines to job events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError

from webapp.jobs import actions
from webapp.jobs.models import Job
from worker.relay import PROBLEM_EVENTS, Relay, parse, stage_words

EPOCH = {"event": "epoch", "epoch": 1, "epochs": 3, "step": 7, "train_loss": 0.5, "best": True, "confusion": {"size": 2}}
PROGRESS = {"event": "progress", "stage": "training", "done": 2, "total": 21, "unit": "steps", "fraction": 0.1, "eta_seconds": 9.0}


@pytest.fixture
def told() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def relay(claim, told) -> Relay:
    return Relay(claim, told.extend, Job.objects.get(pk=claim.job_id).last_seq)


def take(relay: Relay, *events: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What is recorded of these lines."""
    for event in events:
        relay.take(json.dumps(event).encode())
    before = relay.seq
    relay.flush()
    return list(Job.objects.get(pk=relay.claim.job_id).events.filter(seq__gt=before).values_list("kind", "data"))


def test_an_epoch_keeps_its_scalars_and_leaves_the_matrix_to_the_rows(relay, told):
    ((kind, data),) = take(relay, EPOCH)
    assert (kind, data["train_loss"], data["best"], "confusion" in data, told) == ("epoch", 0.5, True, False, [EPOCH])


def test_an_epoch_does_not_wait(relay):
    relay.take(json.dumps(EPOCH).encode())
    assert relay.due


def test_progress_waits_for_the_next_quarter_of_a_second(relay):
    relay.take(json.dumps(PROGRESS).encode())
    assert not relay.due


def test_of_many_progress_lines_the_newest_is_told(relay):
    recorded = take(relay, PROGRESS, PROGRESS | {"done": 5, "fraction": 0.25})
    assert [(kind, data["progress"], data["done"]) for kind, data in recorded] == [("progress", 0.25, 5)]


def test_progress_never_falls_and_never_says_one_before_the_end(relay):
    shares = [take(relay, PROGRESS | {"fraction": share})[0][1]["progress"] for share in (0.5, 0.2, 1.0)]
    assert shares == [0.5, 0.5, 0.999]


def test_the_row_shows_progress_time_left_and_stage(relay):
    take(relay, PROGRESS | {"epoch": 3, "epochs": 10})
    job = Job.objects.get()
    assert (job.progress, job.eta_seconds, job.stage) == (0.1, 9.0, "epoch 3 of 10")


def test_stages_read_as_words():
    assert stage_words({"stage": "decoding", "done": 1200, "total": 5000, "unit": "files"}) == "decoding: 1,200 of 5,000 files"


def test_a_stage_that_has_just_begun_keeps_its_own_sentence(relay):
    take(
        relay,
        {"event": "stage", "stage": "judging", "message": "Doubting labels"},
        {"event": "progress", "stage": "judging", "done": 0, "total": 1, "unit": "parts", "fraction": 0.8, "eta_seconds": 5.0},
    )
    job = Job.objects.get()
    assert (job.stage, job.progress, job.eta_seconds) == ("Doubting labels", 0.8, 5.0)


def test_a_line_that_is_no_event_is_kept_in_the_log(relay):
    relay.take(b"Segfault? \xff\x00 no")
    relay.flush()
    assert Job.objects.get().events.last().data == {"level": "info", "message": "Segfault? � no"}


def test_an_event_of_an_unknown_kind_is_passed_over(relay):
    assert take(relay, {"event": "novelty"}) == []


def test_what_json_has_no_word_for_becomes_null():
    assert parse(b'{"event": "epoch", "val_loss": NaN}') == {"event": "epoch", "val_loss": None}


def test_nul_in_a_files_name_does_not_reach_the_database():
    assert parse(b'{"event": "problem", "file": "a\\u0000b"}')["file"] == "ab"


def test_very_many_problems_are_all_rows_but_not_all_events(relay, told):
    problem = {"event": "problem", "file": "a.png", "rule": "truncated", "message": "It is cut.", "taken": False}
    recorded = take(relay, *[problem] * (PROBLEM_EVENTS + 20))
    assert (len(told), sum(kind == "problem" for kind, _ in recorded), recorded[-1][0]) == (PROBLEM_EVENTS + 20, PROBLEM_EVENTS, "log")


def test_the_last_line_is_kept_for_the_jobs_end(relay):
    take(relay, {"event": "finished", "run": "/r"})
    assert relay.last == {"event": "finished", "run": "/r"}


def test_a_flush_that_failed_can_be_tried_again(relay):
    relay.rows, good = (lambda events: 1 / 0), relay.rows
    relay.take(json.dumps(EPOCH).encode())
    with pytest.raises(ZeroDivisionError):
        relay.flush()
    relay.rows = good
    relay.flush()
    assert list(Job.objects.get().events.values_list("seq", flat=True)) == [1, 2, 3]


def test_a_batch_whose_answer_was_lost_is_stored_once_and_what_came_since_goes_with_the_next(relay, told, monkeypatch):
    def stored_without_answer(*given, **more):
        monkeypatch.setattr(actions, "record", record)
        record(*given, **more)
        raise OperationalError("the server closed the connection unexpectedly")

    record = actions.record
    monkeypatch.setattr(actions, "record", stored_without_answer)
    relay.take(json.dumps(EPOCH).encode())
    with pytest.raises(OperationalError):
        relay.flush()
    relay.take(json.dumps(EPOCH | {"epoch": 2}).encode())
    relay.flush()
    assert told == [EPOCH, EPOCH | {"epoch": 2}]
    assert list(Job.objects.get().events.values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_what_only_other_rows_keep_is_stored_once_too(relay, told):
    problem = {"event": "problem", "file": "a.png", "rule": "truncated", "message": "It is cut.", "taken": False}
    relay.problems = PROBLEM_EVENTS + 1
    assert len(take(relay, problem)) == 1 and told == [problem]


def test_a_stage_is_told_in_the_words_of_those_who_read_it(claim, told):
    seq = Job.objects.get(pk=claim.job_id).last_seq
    relay = Relay(claim, told.extend, seq, lambda text: text.replace("archive-1.zip", "pets.zip"))
    take(relay, {"event": "stage", "stage": "reading", "message": "Reading archive-1.zip"})
    assert Job.objects.get(pk=claim.job_id).stage == "Reading pets.zip"


def test_the_check_before_a_training_is_an_event_of_its_own_and_a_line_of_the_log(relay, told):
    check = {"event": "preflight", "message": "2 batches went well.", "memory_bytes": 5, "losses": [1.0, 0.9]}
    (kind, data), (also, line) = take(relay, check)
    assert (kind, data) == ("preflight", {"message": "2 batches went well.", "memory_bytes": 5})
    assert (also, line["message"], told) == ("log", "2 batches went well.", [check])


def test_a_setting_that_was_measured_is_a_line_of_the_log(relay):
    ((kind, data),) = take(relay, {"event": "picked", "field": "batch_size", "value": 64, "message": "Batches of 64 images.", "tried": []})
    assert (kind, data["message"]) == ("log", "Batches of 64 images.")


def test_a_validation_inside_an_epoch_keeps_its_scalars_and_does_not_wait(relay, told):
    inside = {"event": "validation", "epoch": 1, "step": 5, "part": 0.5, "val_loss": 0.7, "confusion": {"size": 2}}
    relay.take(json.dumps(inside).encode())
    assert relay.due
    ((kind, data),) = take(relay)
    assert (kind, data["part"], "confusion" in data, told) == ("validation", 0.5, False, [inside])
