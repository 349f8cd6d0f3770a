"""What the live page draws says of which split it is and of how many images, and leaves out what says nothing."""

from __future__ import annotations

import pytest

from tests.webapp.experiments.kit import epoch, launched
from webapp.experiments import actions
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.actions import NewEvent


@pytest.fixture
def experiment(editor):
    """After its first epoch."""
    made = launched(editor)
    claim, told = jobs.claim(made.job_id, "device@here:1"), epoch(1)
    jobs.record(claim, [NewEvent("epoch", {"epoch": 1})], also=lambda: actions.record_epoch(made.id, told))
    return Experiment.objects.get(id=made.id)


def of_classes(experiment, count):
    """The training, of a dataset of so many classes."""
    version = experiment.version
    version.classes = [{**version.classes[0], "label": f"c{number}", "name": ""} for number in range(count)]
    version.save()
    experiment.matrices.all().delete()  # which is of three
    return Experiment.objects.get(id=experiment.id)


@pytest.mark.parametrize(("classes", "told"), [(3, False), (5, False), (6, True)])
def test_top5_is_told_where_it_can_miss(signed_in, editor, experiment, classes, told):
    of_classes(experiment, classes)
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert ("top-5 100.0 %" in text, 'legend__entry--good">top-5<' in text) == (told, told)
    figures = signed_in(editor).get(f"/experiments/{experiment.id}/charts/").json()
    assert [figures[name]["data"][1].get("visible", True) for name in ("accuracy", "error")] == [told, told]
    assert figures["accuracy"]["data"][1]["y"] == [100.0]  # its place stays, for what comes


def test_what_is_drawn_by_class_says_of_how_many_images_of_which_split(signed_in, editor, experiment):
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert "validation, 6 images<" in text and "validation, 6 images · true classes down" in text
    assert 'legend__entry--accent">validation<' in text.split(">Accuracy<")[1].split("accuracy-chart")[0]
