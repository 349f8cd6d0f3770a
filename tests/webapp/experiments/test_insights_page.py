"""The sentences on the page of a training, and the links that lead on from them."""

from __future__ import annotations

import pytest

from tests.webapp.experiments.kit import dataset_of, ended, epoch, launched
from webapp.experiments import actions, insights
from webapp.jobs import actions as jobs

LOSSES = [1.0, 0.6, 0.7, 0.8, 0.9, 1.0]


@pytest.fixture
def overfitted(editor):
    """A training of six epochs whose validation loss rose from the third on."""
    experiment = launched(editor, epochs=6, augment=False)
    for number, loss in enumerate(LOSSES, 1):
        told = epoch(number, epochs=6, val_loss=loss, train_loss=1 / number, best=number == 2)
        actions.record_epoch(experiment.id, told)
    return ended(experiment)


def page(signed_in, user, experiment):
    return signed_in(user).get(f"/experiments/{experiment.id}/").content.decode()


def test_the_page_of_an_ended_training_says_what_its_figures_mean(signed_in, editor, overfitted):
    text = page(signed_in, editor, overfitted)
    assert "Over-fitting from epoch 3" in text and 'data-rule="baseline"' in text
    assert f"/experiments/new/?from={overfitted.id}&amp;augment=true" in text


def test_nothing_is_said_while_it_trains(signed_in, editor):
    experiment = launched(editor)
    jobs.claim(experiment.job_id, "device@here:1")
    actions.record_epoch(experiment.id, epoch(1))
    assert "What the figures say" not in page(signed_in, editor, experiment)


def test_a_viewer_reads_the_sentences_without_links_that_launch(signed_in, viewer, overfitted):
    text = page(signed_in, viewer, overfitted)
    assert (
        "Over-fitting from epoch 3" in text and "/experiments/new/?from" not in text.split("What the figures say")[1].split("</section>")[0]
    )


def test_a_training_that_blew_up_says_what_to_try(signed_in, editor):
    assert "It diverged" in page(signed_in, editor, ended(launched(editor), "failed"))


def test_a_cancelled_training_is_judged_by_its_best_epoch(editor):
    experiment = launched(editor)
    actions.record_epoch(experiment.id, epoch(1))
    said = insights.told(ended(experiment, "cancelled"))
    assert "validation images rightly" in next(one.words for one in said if one.rule == "baseline")


def test_every_link_leads_to_a_page(signed_in, editor, overfitted):
    client = signed_in(editor)
    links = [link.url for said in insights.told(overfitted) for link in said.links if link.url.startswith("/")]
    assert links and {client.get(url).status_code for url in links} == {200}


def test_a_link_fills_the_form_as_the_training_was_but_for_its_change(signed_in, editor, overfitted):
    form = signed_in(editor).get(f"/experiments/new/?from={overfitted.id}&epochs=40&weight_decay=0.1").context["form"]
    assert (form.texts["epochs"], form.texts["weight_decay"], form.texts["augment"]) == ("40", "0.1", "false")


def test_what_is_wrong_in_a_link_is_named_at_its_field(signed_in, editor, overfitted):
    form = signed_in(editor).get(f"/experiments/new/?from={overfitted.id}&epochs=soon").context["form"]
    assert "whole number" in form.errors["epochs"]


@pytest.mark.parametrize("name", ["model", "name", "dataset", "key", "weights"])
def test_a_link_changes_only_what_it_may(signed_in, editor, overfitted, name):
    form = signed_in(editor).get(f"/experiments/new/?from={overfitted.id}&{name}=other").context["form"]
    assert form.texts.get(name) != "other"


def test_names_of_classes_stay_text(signed_in, editor):
    dataset = dataset_of(editor)
    version = dataset.versions.get()
    version.classes = [entry | {"name": f"<b>{entry['label']}"} for entry in version.classes]
    version.save()
    experiment = launched(editor, dataset=dataset)
    counts = {"size": 3, "rows": [0, 0, 1, 2], "columns": [0, 1, 1, 2], "counts": [9, 30, 40, 40]}
    actions.record_epoch(experiment.id, epoch(1, confusion=counts))
    text = page(signed_in, editor, ended(experiment))
    assert "&lt;b&gt;ant taken for &lt;b&gt;bee" in text and "<b>ant" not in text
