"""Two clicks at the same moment: on Launch, by the form and by the API, and on Retry."""

from __future__ import annotations

import json
import random
import time

import pytest
from django.test import Client

from classifier.spec.config import TrainConfig
from tests.webapp.experiments.kit import dataset_of, ended, launched
from tests.webapp.together import done, outcomes
from webapp.accounts.actions import create_token
from webapp.accounts.actor import actor_in
from webapp.experiments import actions, fold_launch
from webapp.experiments.forms import texts_of
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job, Kind

pytestmark = pytest.mark.django_db(transaction=True)
CONFIG = {"model": "small_cnn", "epochs": 1}


def test_two_clicks_at_once_make_one_training(editor):
    dataset, actor = dataset_of(editor), actor_in(editor, via="session")
    made = outcomes(*[lambda: actions.launch(actor, dataset, "Birds", CONFIG, key="a" * 20).pk] * 2)
    assert len(set(made)) == 1 == Experiment.objects.count() == Job.objects.filter(kind=Kind.TRAIN).count()


def test_two_clicks_at_once_launch_each_fold_once(editor):
    dataset, actor = dataset_of(editor), actor_in(editor, via="session")
    made = outcomes(*[lambda: fold_launch.launch(actor, dataset, "Birds", CONFIG | {"folds": 3}, key="a" * 20).pk] * 2)
    assert len(set(made)) == 1 and sorted(run.config["fold"] for run in Experiment.objects.all()) == [1, 2, 3]
    assert Job.objects.filter(kind=Kind.TRAIN).count() == 3


def test_a_form_changed_after_going_back_launches_another(editor, signed_in):
    client, dataset = signed_in(editor), dataset_of(editor)
    for epochs in ("1", "1", "2"):
        client.post("/experiments/new/", texts_of(TrainConfig().to_mapping()) | {"dataset": dataset.id, "epochs": epochs, "key": "one"})
    assert sorted(run.config["epochs"] for run in Experiment.objects.all()) == [1, 2]


def test_two_calls_at_once_with_one_idempotency_key_make_one_training(editor):
    dataset, token = dataset_of(editor), create_token(editor, "write", None)
    body = json.dumps({"dataset": dataset.pk, "name": "Birds", "config": CONFIG})
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}

    def call() -> tuple[int, str]:
        """Asks again while the database is busy, as a client should: SQLite's memory refuses where a file would wait."""
        for _ in range(200):
            answer = Client().post("/api/v1/experiments", body, content_type="application/json", headers=headers)
            if answer.status_code != 503:
                break
            time.sleep(random.uniform(0, 0.02))
        return answer.status_code, answer.json().get("id", "")

    told = outcomes(call, call)
    assert len(set(told)) == 1 and told[0][0] == 202
    assert Job.objects.filter(kind=Kind.TRAIN).count() == 1


def test_two_clicks_at_once_on_retry_try_it_once_and_the_other_hears_why(editor):
    failed, actor = ended(launched(editor), "failed"), actor_in(editor, via="session")
    told = outcomes(*[lambda: actions.retry(actor, Experiment.objects.get(pk=failed.pk))] * 3)
    assert done(told) == 1 and Job.objects.filter(kind=Kind.TRAIN).count() == 2
    assert sum("Only a failed or cancelled job can be tried again" in str(one) for one in told) == 2
