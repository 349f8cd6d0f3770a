"""Curves by step: as many points as can be seen, more of them in a closer look."""

from __future__ import annotations

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from classifier.metrics import trace
from tests.webapp.experiments.kit import epoch, launched
from webapp.experiments import actions, live, steps

COUNT = 50_000


@pytest.fixture
def experiment(editor):
    return launched(editor)


def told(experiment, count=COUNT, **columns):
    rows = np.zeros(count, trace.ROW)
    at = np.arange(count)
    rows["images"], rows["seconds"], rows["waited"], rows["used"] = 32, 0.01, 0.0025, 0.75
    rows["loss"], rows["rate"], rows["norm"] = 2 + np.sin(at), 1 - at / count, 1.5
    for name, values in columns.items():
        rows[name] = values
    experiment.folder.mkdir(parents=True, exist_ok=True)
    (experiment.folder / trace.FILE).write_bytes(rows.tobytes())
    return experiment


def asked(client, experiment, of, **query):
    return client.get(f"/experiments/{experiment.id}/steps/", {"of": of, **query})


@pytest.mark.parametrize("name", steps.KINDS)
@pytest.mark.parametrize("count", [0, 1, 3000])
def test_plotly_takes_every_figure(name, count, experiment):
    kept = steps.kept(told(experiment, count))
    figure = steps.figure(name, kept, 6000, steps.View(), [], [])
    go.Figure(figure)
    assert len(figure["layout"]["meta"]["summary"]) > 20 and json.dumps(figure, allow_nan=False)


def test_of_fifty_thousand_steps_no_more_are_sent_than_can_be_seen(signed_in, editor, experiment):
    loss = np.full(COUNT, 1.0)
    loss[31_234] = 9
    answer = asked(signed_in(editor), told(experiment, loss=loss), "steps,rate")
    raw = answer.json()["steps"]["data"][0]
    assert set(answer.json()) == {"steps", "rate"} and len(raw["x"]) <= steps.MOST_POINTS and len(answer.content) < 200_000
    assert raw["y"][raw["x"].index(31_235)] == 9 and raw["x"][-1] == COUNT


def test_a_figure_that_is_named_twice_is_made_once(signed_in, editor, experiment, monkeypatch):
    made = []
    monkeypatch.setattr(steps, "figure", lambda name, *_: made.append(name) or {})
    answer = asked(signed_in(editor), told(experiment, 10), "rate,norm,rate,rate")
    assert list(answer.json()) == made == ["rate", "norm"]


def test_a_closer_look_shows_every_step(signed_in, editor, experiment):
    raw = asked(signed_in(editor), told(experiment), "steps", **{"from": "1000.5", "to": "1200"}).json()["steps"]["data"][0]
    assert raw["x"] == list(range(1000, 1202))


def test_the_smoothed_curve_stands_over_the_pale_one(signed_in, editor, experiment):
    client = signed_in(editor)
    told(experiment)
    figure = asked(client, experiment, "steps", smooth="0.1").json()["steps"]
    raw, _, smooth = figure["data"]
    assert raw["opacity"] < 1 and max(raw["y"]) > 2.9 and 1.9 < min(smooth["y"]) <= max(smooth["y"]) < 2.1
    assert len(asked(client, experiment, "steps", smooth="0").json()["steps"]["data"]) == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"of": ""}, "`of` names what to draw"),
        ({"of": "loss'"}, "`of` names what to draw"),
        ({"of": "rate", "from": "x"}, "`from` is a number; 'x' came."),
        ({"of": "rate", "to": "nan"}, "`to` is a number; 'nan' came."),
        ({"of": "rate", "smooth": "-1"}, "`smooth` is a share of the run from 0 to 0.5; -1 came."),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(signed_in, editor, experiment, query, words):
    answer = signed_in(editor).get(f"/experiments/{experiment.id}/steps/", query)
    assert answer.status_code == 400 and words in answer.content.decode()


def test_a_training_of_an_earlier_release_shows_its_epochs_and_says_what_was_not_kept(signed_in, editor, experiment):
    for number in (1, 2):
        actions.record_epoch(experiment.id, epoch(number))
    for step in (2, 9):
        actions.record_steps(experiment.id, {"step": step, "epoch": 1, "train_loss": 1.5, "steps": 30})
    figures = asked(signed_in(editor), experiment, "rate,speed,norm,steps").json()
    assert figures["steps"]["data"][0]["x"] == [2, 9]
    assert figures["rate"]["data"][0]["y"] == [0.001, 0.001] and figures["speed"]["data"][0]["x"] == [10, 20]
    assert "earlier release" in figures["norm"]["layout"]["annotations"][0]["text"]


@pytest.mark.parametrize("name", ["rate", "norm", "speed"])
def test_before_the_first_steps_it_is_said_that_they_are_awaited(signed_in, editor, experiment, name):
    layout = asked(signed_in(editor), experiment, name).json()[name]["layout"]
    assert layout["annotations"][0]["text"] == "Drawn after the first steps."


@pytest.mark.parametrize("device", ["CPU, 2 threads", "CPU, 1 thread"])
def test_the_page_says_how_long_it_waited_and_how_much_of_the_device_worked(signed_in, editor, experiment, device):
    actions.record_epoch(told(experiment, 100).id, epoch(1))
    (experiment.folder / "run.json").write_text(json.dumps({"device": device}))
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert "waiting for data 25 %" in text and "Device in use" in text and "of the CPU" in text and "75 %" in text


def test_the_page_comes_with_what_is_seen_at_first_alone(signed_in, editor, experiment):
    actions.record_epoch(told(experiment).id, epoch(1))
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    drawn = {name for name in (*steps.KINDS, *live.matrix_figures(experiment, experiment.matrices.get())) if f'id="figure-{name}"' in text}
    assert drawn == {"rate", "speed", "recall", "counts"}


def test_the_regions_of_the_page_come_without_its_figures(signed_in, editor, experiment):
    actions.record_epoch(told(experiment).id, epoch(1))
    client = signed_in(editor)
    answer = client.get(f"/experiments/{experiment.id}/", headers={"X-Synset-Regions": "1"})
    assert "no-store" in answer["Cache-Control"]  # the page has the same address
    assert 'id="figure-' not in answer.content.decode() and answer.json()["drawn"] is True
    regions, whole = answer.json()["regions"], client.get(f"/experiments/{experiment.id}/").content.decode()
    assert "43.6 to 97.0" in regions["figures"]
    named = set(re.findall(r'data-region="(\w+)"', whole))
    assert named == set(regions) - {"folds"} and {"pill", "actions", "progress", "said", "attempts"} < named
    same = ("pill", "started", "said", "figures", "attempts", "preflight", "after")  # no form in them, whose token differs each time
    assert all(regions[name].strip() in whole for name in same)


def test_a_message_waits_for_the_page_and_not_for_its_regions(signed_in, editor, experiment):
    client, address = signed_in(editor), f"/experiments/{experiment.id}/"
    client.post(f"{address}cancel/")
    client.get(address, headers={"X-Synset-Regions": "1"})  # another tab, which follows the training
    assert "data-toast" in client.get(address).content.decode()


def test_of_a_training_that_ended_before_its_first_epoch_nothing_is_drawn(signed_in, editor, experiment):
    type(experiment.job).objects.filter(pk=experiment.job_id).update(state="cancelled")
    answer = signed_in(editor).get(f"/experiments/{experiment.id}/", headers={"X-Synset-Regions": "1"})
    assert answer.json()["drawn"] is False and "Cancelled" in answer.json()["regions"]["progress"]


def test_the_log_is_searched_in_all_its_lines(signed_in, editor, experiment):
    experiment.folder.mkdir(parents=True)
    lines = [f"line {number} of Needles" if number % 500 == 0 else f"line {number}" for number in range(1, 2001)]
    (experiment.folder / "log.txt").write_text("\n".join(lines))
    client = signed_in(editor)
    answer = client.get(f"/experiments/{experiment.id}/log/", {"q": "of needles "})
    assert answer.content.decode().split("\n") == [lines[number - 1] for number in (500, 1000, 1500, 2000)] and answer["X-Found"] == "4"
    assert client.get(f"/experiments/{experiment.id}/log/", {"q": "nothing like it"})["X-Found"] == "0"
