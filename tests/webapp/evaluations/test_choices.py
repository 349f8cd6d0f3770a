"""What an evaluation can be asked of, on the page where it is asked for."""

from __future__ import annotations

import json
import re

import pytest

from classifier.spec.errors import ConfigError
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.evaluations import actions, choices
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs


@pytest.fixture
def kept(experiment, finish, settings, tmp_path):
    """A finished training that keeps two epochs; the first is the best."""
    settings.SYNSET_HOME = tmp_path
    experiment = finish(experiment)
    experiment.folder.mkdir(parents=True)
    rows = [
        {"file": "epoch-0001.pt", "sha256": "a", "epoch": 1, "step": 3, "whole": True, "best": True, "val_top1": 0.9, "val_loss": 0.3},
        {"file": "epoch-0002.pt", "sha256": "b", "epoch": 2, "step": 6, "whole": True, "best": False, "val_top1": 0.8, "val_loss": None},
    ]
    (experiment.folder / "manifest.json").write_text(json.dumps({"checkpoints": rows}))
    return experiment


def another(experiment, name, labels):
    """A dataset of the same team with these classes."""
    job = jobs.submit(team=experiment.team, user=experiment.created_by, kind="import", title=name)
    dataset = Dataset.objects.create(team=experiment.team, created_by=experiment.created_by, name=name, job=job, archive_name="x.zip")
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    classes = [{"label": label, "name": label, "train": 0, "validation": 0, "test": 4} for label in labels]
    DatasetVersion.objects.create(dataset=dataset, number=1, fingerprint=name * 16, images=8, classes=classes)
    return dataset


def form(client, experiment):
    return client.get(f"/evaluations/of/{experiment.id}/new/").content.decode()


def test_checkpoints_are_offered_with_their_epochs_and_figures(signed_in, editor, kept):
    text = form(signed_in(editor), kept)
    assert "best, epoch 1: validation 90.0 %, loss 0.300" in text and "last, epoch 2: validation 80.0 %" in text


def test_other_datasets_are_offered_whose_classes_the_network_knows(signed_in, editor, kept):
    another(kept, "Fits", ["red", "blue"])
    another(kept, "Other", ["red", "violet"])
    text = form(signed_in(editor), kept)
    assert "Fits v1: 8 test" in text and "Other v1" not in text


def test_a_network_that_has_learnt_nothing_yet_says_so(signed_in, editor, experiment):
    assert "There is no network yet" in form(signed_in(editor), experiment)


def test_views_and_weights_are_asked_for_and_stand_in_the_row(signed_in, editor, kept):
    kept.config |= {"ema": 0.99}
    kept.save()
    sent = {"split": "validation", "checkpoint": "1", "views": "flip", "raw": "on"}
    signed_in(editor).post(f"/evaluations/of/{kept.id}/", sent)
    made = Evaluation.objects.get(split="validation")
    assert (made.views, made.raw) == ("flip", True)
    assert made.job.title == "First: epoch 1 on validation, with its mirror image, weights without average"


@pytest.mark.parametrize("tab", ["matrix/", "images/", "images/0/", "images/0/explain/", "groups/", "map/"])
def test_every_page_of_an_evaluation_says_how_it_was_measured(signed_in, viewer, evaluated, tab):
    address = f"/evaluations/{evaluated.id}/{tab}"
    client, opened = signed_in(viewer), {"Accept": "text/html"}
    assert "with its mirror image" not in client.get(address, headers=opened).content.decode()
    Evaluation.objects.update(views="flip", raw=True)
    text = client.get(address, headers=opened).content.decode()
    assert ", with its mirror image, weights without average</span>" in text


def test_an_epoch_that_is_not_kept_is_refused_with_those_that_are(actor_of, editor, kept):
    with pytest.raises(ConfigError, match="best, last and those of epochs 1, 2"):
        actions.request(actor_of(editor), kept, "test", "7")


def test_without_an_average_there_is_none_to_leave_aside(actor_of, editor, kept):
    with pytest.raises(ConfigError, match="kept no average"):
        actions.request(actor_of(editor), kept, "test", raw=True)


def test_views_that_there_are_none_of_are_named(actor_of, editor, kept):
    with pytest.raises(ConfigError, match="none, flip or ten_crop"):
        actions.request(actor_of(editor), kept, "test", views="upside")


def test_what_is_refused_leads_back_to_the_form_as_it_was_sent(signed_in, editor, kept):
    kept.config |= {"ema": 0.99}
    kept.save()
    other = another(kept, "Fits", ["red", "blue"])
    sent = {"split": "train", "checkpoint": "7", "dataset": other.id, "views": "flip", "raw": "on"}
    answer = signed_in(editor).post(f"/evaluations/of/{kept.id}/", sent)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Is not kept of epoch 7; there are best, last and those of epochs 1, 2" in text
    assert 'name="checkpoint" aria-describedby="ev_checkpoint-hint" aria-invalid="true"' in text
    for value in ("train", other.id, "flip"):
        assert f'<option value="{value}" selected>' in text
    assert re.search(r'<input [^>]*checked="on" name="raw"', text)
    assert Evaluation.objects.filter(job__kind="evaluate").count() == 0


def test_a_form_that_came_first_and_none_that_was_sent_chooses_the_first_of_each(signed_in, editor, kept):
    text = form(signed_in(editor), kept)
    assert " selected" not in text.split('id="what"')[1] and "aria-invalid" not in text


def test_what_no_field_of_the_form_can_say_stands_above_it(signed_in, editor, kept, monkeypatch):
    client = signed_in(editor)
    text = client.post(f"/evaluations/of/{kept.id}/", {"split": "validation", "raw": "on"}).content.decode()
    assert "this training kept no average of its weights" in text and '<option value="validation" selected>' in text
    monkeypatch.setattr("webapp.evaluations.figures.views.has_model", lambda experiment: False)
    monkeypatch.setattr(actions, "has_model", lambda experiment: False)
    text = client.post(f"/evaluations/of/{kept.id}/", {"split": "validation"}).content.decode()
    assert "has no trained network yet; evaluate it when its training is done." in text


def test_the_experiments_page_lists_its_evaluations(signed_in, editor, kept):
    text = signed_in(editor).get(f"/experiments/{kept.id}/").content.decode()
    assert "Best on test" in text and f"/evaluations/of/{kept.id}/new/" in text


def test_a_viewer_finds_the_evaluations_too_and_asks_for_none(signed_in, viewer, kept):
    text = signed_in(viewer).get(f"/experiments/{kept.id}/").content.decode()
    assert f'href="/evaluations/{Evaluation.objects.get().id}/"' in text and "/evaluations/of/" not in text


def test_a_manifest_that_is_not_there_offers_best_and_last(kept):
    (kept.folder / "manifest.json").write_text("[1")
    assert [each.value for each in choices.named(kept)] == ["best", "last"]
