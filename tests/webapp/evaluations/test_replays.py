"""A training that is run again, and whether it came to the same."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.metrics.scored import path_of, write_scored
from classifier.spec.config import TrainConfig
from classifier.spec.errors import InputError
from tests.webapp.evaluations.comparing.conftest import animals  # noqa: F401 (fixture)
from tests.webapp.evaluations.comparing.kit import measured, trained
from webapp.accounts.actor import actor_in
from webapp.evaluations import replays
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment, MetricPoint

CONFIG = TrainConfig.from_mapping({"epochs": 2, "image_size": 32, "device": "cpu"}).to_mapping()


@pytest.fixture
def first(animals) -> Experiment:  # noqa: F811
    experiment = trained(animals.versions.get(), "First", CONFIG)
    measured(experiment, {0: 1})
    return experiment


def again(first: Experiment, **config) -> Experiment:
    experiment = trained(first.version, "First, replayed", CONFIG | config)
    measured(experiment, {0: 1})
    return experiment


def test_the_same_training_is_queued_with_what_was_picked(first, editor) -> None:
    Experiment.objects.filter(pk=first.pk).update(resolved=first.resolved | {"learning_rate": 0.0125})
    made = replays.replay(actor_in(editor, via="session"), Experiment.objects.get(pk=first.pk))
    assert (made.name, made.config["learning_rate"], made.version_id) == ("First, replayed", 0.0125, first.version_id)
    (found,) = replays.replays(Experiment.objects.get(pk=first.pk))
    assert found.experiment == made and found.told is None and found.words == "It has not come to its end yet."


def test_before_it_has_ended_there_is_nothing_to_compare_with(animals, editor) -> None:  # noqa: F811
    running = trained(animals.versions.get(), "Running", CONFIG, ended=False)
    with pytest.raises(InputError, match="once its training is done"):
        replays.replay(actor_in(editor, via="session"), running)


def test_one_that_came_to_the_same_is_bit_equal(first) -> None:
    made = again(first, device="auto")
    (found,) = replays.replays(first)
    assert found.experiment == made and found.told.verdict == "bit-equal"


def test_where_it_parted_is_told(first) -> None:
    made = again(first)
    MetricPoint.objects.filter(experiment=made, epoch=2, name="val_loss").update(value=3.0)
    (found,) = replays.replays(first)
    assert (found.told.verdict, found.told.epoch, found.told.figure) == ("different", 2, "val_loss")


def test_other_answers_are_told(first) -> None:
    made = again(first)
    file = path_of(made.folder / Evaluation.objects.get(experiment=made).predictions)
    rows = np.array(np.load(file))
    rows["predicted"][5] = (rows["predicted"][5] + 1) % 3
    write_scored(file, rows)
    assert replays.replays(first)[0].words == "Different: 1 of 30 images are named otherwise."


def test_that_other_code_ran_it_is_told(first) -> None:
    """What differs then says nothing of the machine."""
    made = again(first)
    for experiment, engine in ((first, "a" * 16), (made, "a" * 16)):
        (experiment.folder / "run.json").write_text(json.dumps({"environment": {"engine": engine}}))
    assert "code" not in replays.replays(first)[0].words
    (made.folder / "run.json").write_text(json.dumps({"environment": {"engine": "b" * 16}}))
    assert replays.replays(first)[0].words.endswith("Another version of the code ran it.")
    (made.folder / "run.json").write_text(json.dumps({"environment": {}}))  # of an earlier release, which did not say
    assert "code" not in replays.replays(first)[0].words


def test_another_configuration_is_no_replay(first) -> None:
    again(first, seed=7)
    assert replays.replays(first) == []


def test_a_button_starts_it_and_only_for_editors(signed_in, editor, viewer, outsider, first) -> None:
    address = f"/experiments/{first.id}/replay/"
    assert signed_in(viewer).post(address).status_code == 403 and signed_in(outsider).post(address).status_code == 404
    sent = [signed_in(editor).post(address, {"key": "once"})["Location"] for _ in range(2)]
    assert sent[0] == sent[1] == f"/experiments/{Experiment.objects.get(name='First, replayed').id}/"


def test_programs_start_and_read_it(first, editor, client) -> None:
    from webapp.accounts import actions as accounts

    headers = {"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}"}
    made = client.post(f"/api/v1/experiments/{first.id}/replays", "{}", content_type="application/json", headers=headers)
    assert made.status_code == 202
    (item,) = client.get(f"/api/v1/experiments/{first.id}/replays", headers=headers).json()["items"]
    assert (item["experiment"], item["verdict"], item["state"]) == (made.json()["id"], None, "queued")


def test_what_was_compared_once_is_not_compared_at_each_look(first, monkeypatch) -> None:
    again(first)
    before = replays.replays(first)
    monkeypatch.setattr(replays, "verdict", lambda *args: pytest.fail("it was compared again"))
    assert replays.replays(first) == before and before[0].told.verdict == "bit-equal"
