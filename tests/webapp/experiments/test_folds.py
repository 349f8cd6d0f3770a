"""A cross-validation is launched as one experiment a fold, and each of their pages tells what they say together."""

from __future__ import annotations

import json
import statistics

import pytest
from django.test import Client

from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from tests.webapp.experiments.kit import LABELS, SMALL, dataset_of, ended, launched
from webapp.accounts.actions import create_token
from webapp.accounts.actor import actor_in
from webapp.accounts.permissions import Forbidden
from webapp.datasets.models import DatasetVersion
from webapp.evaluations.mistakes import worst_mistakes
from webapp.experiments import actions, estimates, fold_launch, folds, queries
from webapp.experiments.forms import LaunchForm, texts_of
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job, Kind


@pytest.fixture
def dataset(editor):
    """27 images to learn from and validate by, 3 to test."""
    return dataset_of(editor)


def form_of(dataset, **changes) -> dict[str, str]:
    return texts_of(TrainConfig().to_mapping() | SMALL | {"folds": 3}) | {"dataset": dataset.id, "name": "Animals", "key": "one", **changes}


def done(experiment: Experiment, best: float, test: float | None = None) -> Experiment:
    """The same after it ended well."""
    ended(experiment)
    Experiment.objects.filter(pk=experiment.pk).update(best_top1=best, test_top1=test, best_epoch=1)
    return Experiment.objects.get(pk=experiment.pk)


def test_one_click_launches_an_experiment_a_fold(editor, signed_in, dataset):
    answer = signed_in(editor).post("/experiments/new/", form_of(dataset))
    made = list(Experiment.objects.order_by("id"))
    assert [(run.name, run.config["fold"]) for run in made] == [(f"Animals, fold {fold} of 3", fold) for fold in (1, 2, 3)]
    assert answer.url == f"/experiments/{made[0].id}/" and len({run.folds_key for run in made}) == 1
    assert Job.objects.filter(kind=Kind.TRAIN).count() == 3


def test_the_same_form_sent_twice_launches_them_once(editor, signed_in, dataset):
    client = signed_in(editor)
    first, again = (client.post("/experiments/new/", form_of(dataset)) for _ in range(2))
    assert first.url == again.url and Experiment.objects.count() == 3


def test_a_fold_by_its_number_is_launched_alone(editor, signed_in, dataset):
    signed_in(editor).post("/experiments/new/", form_of(dataset, fold="2"))
    assert [(run.name, run.config["fold"]) for run in Experiment.objects.all()] == [("Animals", 2)]


def test_what_is_wrong_launches_none_of_them(editor, signed_in, dataset):
    client = signed_in(editor)
    assert "Must be at most 3, the number of folds; 4 came" in client.post("/experiments/new/", form_of(dataset, fold="4")).content.decode()
    assert "Must have at most 107 characters" in client.post("/experiments/new/", form_of(dataset, name="x" * 110)).content.decode()
    assert not Experiment.objects.exists()


def test_fewer_images_than_folds_are_refused_at_the_field(editor, dataset):
    classes = [{"label": label, "name": label, "train": 1, "validation": 0, "test": 1} for label in LABELS[:2]]
    DatasetVersion.objects.filter(dataset=dataset).update(classes=classes)
    with pytest.raises(ConfigError) as error:
        fold_launch.launch(actor_in(editor, via="session"), dataset, "Animals", SMALL | {"folds": 3})
    assert error.value.fields["folds"] == "must be at most 2: train and validation have 2 images together; 3 came"
    assert not Experiment.objects.exists()


def test_the_api_launches_one_fold_a_call_the_first_unless_named(editor, dataset):
    token = create_token(editor, "write", None)

    def call(**config):
        body = json.dumps({"dataset": dataset.pk, "name": "Animals", "config": SMALL | config})
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(config)}
        return Client().post("/api/v1/experiments", body, content_type="application/json", headers=headers)

    assert call(folds=3).status_code == call(folds=3, fold=2).status_code == 202
    runs = list(Experiment.objects.order_by("id"))
    assert [run.config["fold"] for run in runs] == [1, 2] and runs[0].folds_key == runs[1].folds_key
    assert call(folds=3, fold=5).json()["error"]["fields"] == {"fold": "must be at most 3, the number of folds; 5 came"}


def test_the_page_names_its_fold_and_tells_mean_and_deviation_of_those_that_ended(editor, signed_in, dataset):
    runs = [launched(editor, f"fold {fold}", dataset, folds=3, fold=fold) for fold in (1, 2, 3)]
    done(runs[0], 0.90, 0.8), done(runs[1], 0.84, 0.7)
    html = signed_in(editor).get(f"/experiments/{runs[2].id}/").content.decode()
    assert "fold 3 of 3" in html and f'href="/experiments/{runs[0].id}/"' in html
    assert "87.0 %" in html and f"± {100 * statistics.stdev((0.90, 0.84)):.1f}" in html and "75.0 %" in html
    assert "mean ± standard deviation of 2 folds of 3" in html


def test_the_card_is_asked_for_until_the_last_fold_has_ended(editor, signed_in, dataset):
    client, runs = signed_in(editor), [launched(editor, f"fold {fold}", dataset, folds=2, fold=fold) for fold in (1, 2)]
    done(runs[0], 0.9)
    address = f"/experiments/{runs[0].id}/folds/"
    assert f'hx-get="{address}"' in client.get(f"/experiments/{runs[0].id}/").content.decode()
    assert client.get(address).status_code == 200
    done(runs[1], 0.8)
    last = client.get(address)
    assert last.status_code == 286 and "85.0 %" in last.content.decode()
    assert "hx-get" not in client.get(f"/experiments/{runs[0].id}/").content.decode().split('data-region="folds"')[1].split(">")[0]


def test_a_fold_that_was_launched_again_speaks_for_itself(editor, dataset):
    older, newer, other = (launched(editor, "x", dataset, folds=2, fold=fold) for fold in (1, 1, 2))
    done(older, 0.5), done(newer, 0.7), done(other, 0.9)
    across = folds.across(Experiment.objects.get(pk=other.pk))
    assert [row.experiment.pk for row in across.rows] == [newer.pk, other.pk] and across.validation.mean == pytest.approx(0.8)
    assert folds.across(Experiment.objects.get(pk=older.pk)).validation.mean == pytest.approx(0.7)


def test_other_settings_another_version_and_another_team_are_no_folds_of_it(editor, outsider, dataset):
    run = launched(editor, "x", dataset, folds=2, fold=1)
    launched(editor, "x", dataset, folds=2, fold=2, epochs=9)
    launched(editor, "x", folds=2, fold=2)
    Experiment.objects.filter(pk=launched(outsider, "x", folds=2, fold=2).pk).update(folds_key=run.folds_key)
    assert [row.experiment for row in folds.across(run).rows] == [run, None]


def test_without_folds_the_page_has_no_such_card(editor, signed_in, dataset):
    run = launched(editor, "x", dataset)
    assert folds.across(run) is None and "cross-validation" not in signed_in(editor).get(f"/experiments/{run.id}/").content.decode()


def test_the_estimate_counts_the_images_of_a_fold(editor, dataset):
    version, config = DatasetVersion.objects.get(dataset=dataset), TrainConfig(**SMALL, folds=3)
    assert folds.seen(version, 3) == {"train": 18, "validation": 9, "test": 3}
    told = estimates.before(version, config)
    assert told["folds"] == 3 and told["train"] == "18 images" and "opened by each of 3 folds at its end" in told["test"]
    assert estimates.before(version, TrainConfig(**SMALL, folds=3, fold=2))["folds"] == 0
    assert queries.validated_on(launched(editor, "x", dataset, folds=3)) == 9


def test_the_form_says_how_many_experiments_it_makes(editor, signed_in, dataset):
    side = signed_in(editor).post("/experiments/preview/", form_of(dataset)).json()["side"]
    assert "3 experiments" in side and "one a fold" in side


def test_an_earlier_fold_opens_the_form_as_itself(editor, actor_of, dataset):
    run = launched(editor, "x", dataset, folds=3, fold=2)
    form = LaunchForm.starting(actor_of(editor), run.config, dataset.id, run.name)
    assert (form.texts["folds"], form.texts["fold"]) == ("3", "2") and form.check() == TrainConfig(**run.config)


def test_mistakes_of_a_fold_are_found_wherever_their_images_stand(editor, dataset, tmp_path):
    version = DatasetVersion.objects.get(dataset=dataset)
    version.samples.create(position=3, image=5, label=0, split=0, path="ant/3.png")
    best = ",".join(f"top{place}_label,top{place}_probability" for place in range(1, 6))
    (tmp_path / "p.csv").write_text(f"path,label,predicted,probability,loss,{best}\nant/3.png,ant,bee,0.9,2.0,bee,0.9,ant,0.1,,,,,,\n")
    assert worst_mistakes(version, "validation", tmp_path / "p.csv", folds=True)[0]["position"] == 3
    assert worst_mistakes(version, "validation", tmp_path / "p.csv")[0]["position"] is None


def test_a_launch_needs_the_right_to(viewer, dataset, actor_of):
    with pytest.raises(Forbidden):
        fold_launch.launch(actor_of(viewer), dataset, "Animals", SMALL | {"folds": 3})
    assert actions.NAME_LENGTH - len(folds.suffix(3, 3)) == fold_launch.longest_name(3)
