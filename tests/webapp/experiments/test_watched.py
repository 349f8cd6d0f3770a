"""The same images at every validation, on the page and after an erasure."""

from __future__ import annotations

import pytest

from classifier.spec.packfile import ERASED_PATH
from tests.webapp.experiments.kit import epoch, launched
from webapp.datasets.models import Sample
from webapp.experiments import actions, erasing, watched


def said(*best, positions=(11, 12)):
    """A Watched of two images of the first two classes."""
    return {"positions": list(positions), "labels": [0, 1], "best": [[one, 2] for one in best], "probability": [[0.75, 0.2]] * 2}


@pytest.fixture
def experiment(editor):
    made = launched(editor)
    for position in (11, 12):
        place = {"position": position, "image": position + 100, "path": f"{position}.png"}
        Sample.objects.create(version=made.version, label=position - 11, split=1, **place)
    return made


def told(experiment, *epochs):
    for number, best in enumerate(epochs, 1):
        actions.record_epoch(experiment.id, epoch(number, watched=said(*best)))
    return experiment


def test_each_image_stands_with_what_was_said_last_and_before(experiment):
    shown = watched.shown(told(experiment, (1, 1), (1, 1), (0, 2)))
    first, second = shown.images
    assert (shown.at, shown.right, shown.validations) == (3, 1, 3)
    assert (first.name, first.right, first.guesses[0].name, first.guesses[0].odds) == ("ant", True, "ant", "75 %")
    assert (second.name, second.right, second.guesses[0].name) == ("bee", False, "cow")
    assert first.strip == [(0, 2, False), (2, 1, True)] and second.words == "right after 2 of 3 validations"
    assert first.thumb == f"/datasets/{experiment.dataset_id}/versions/1/images/111/thumb"


def test_an_earlier_validation_can_be_looked_at(signed_in, editor, experiment):
    told(experiment, (1, 1), (0, 1))
    client = signed_in(editor)
    before = client.get(f"/experiments/{experiment.id}/matrix/?epoch=1").json()["watched"]
    assert "after epoch 1: 1 right" in before and before.count("watched__said--wrong") == 1
    assert "after epoch 2: 2 right" in client.get(f"/experiments/{experiment.id}/matrix/").json()["watched"]


def test_the_page_shows_them_and_says_what_will_stand_there(signed_in, editor, experiment):
    client = signed_in(editor)
    assert "stand here with what the network says of them" in client.get(f"/experiments/{experiment.id}/").content.decode()
    told(experiment, (0, 1))
    text = client.get(f"/experiments/{experiment.id}/").content.decode()
    assert text.count('data-watched="') == 2 and "2 validation images" in text


def test_a_repeat_after_a_retry_changes_nothing(experiment):
    told(experiment, (0, 1))
    told(experiment, (1, 0))
    assert watched.shown(experiment).right == 2


def test_of_an_erased_image_nothing_is_shown_and_its_place_is_forgotten(experiment):
    told(experiment, (0, 1), (0, 1))
    watched.forget(experiment.dataset, [11])
    assert [row["positions"] for row in experiment.matrices.values_list("watched", flat=True)] == [[watched.FORGOTTEN, 12]] * 2
    assert [one.position for one in watched.shown(experiment).images] == [12]


def test_of_an_image_that_was_erased_before_it_was_told_nothing_is_shown(experiment):
    Sample.objects.filter(version=experiment.version, position=11).update(path=ERASED_PATH)
    assert [one.position for one in watched.shown(told(experiment, (0, 1))).images] == [12]


def erase(experiment, position):
    """As an erasure that meets a training: it names what it knows of, and then the image."""
    watched.forget(experiment.dataset, [position])
    Sample.objects.filter(version=experiment.version, position=position).update(path=ERASED_PATH)


def places(experiment):
    return [row["positions"] for row in experiment.matrices.order_by("epoch").values_list("watched", flat=True)]


def test_a_training_that_goes_on_beside_an_erasure_tells_no_more_of_the_image(experiment):
    told(experiment, (0, 1))
    erase(experiment, 11)
    actions.record_epoch(experiment.id, epoch(2, watched=said(0, 1)))
    actions.record_validation(experiment.id, epoch(3, watched=said(0, 1), part=0.5, event="validation"))
    assert places(experiment) == [[watched.FORGOTTEN, 12]] * 3


def test_what_was_told_while_the_image_was_being_erased_is_forgotten_at_the_end(experiment, monkeypatch):
    """Between the two steps of an erasure nothing says yet that the image is gone."""
    watched.forget(experiment.dataset, [11])
    told(experiment, (0, 1), (0, 1))
    Sample.objects.filter(version=experiment.version, position=11).update(path=ERASED_PATH)
    assert places(experiment) == [[11, 12]] * 2
    monkeypatch.setattr(erasing.asking, "meanwhile", lambda dataset, since: False)
    erasing.forget_meanwhile(experiment, None)
    assert places(experiment) == [[11, 12]] * 2  # nothing was erased as it ran
    monkeypatch.setattr(erasing.asking, "meanwhile", lambda dataset, since: True)
    erasing.forget_meanwhile(experiment, None)
    assert places(experiment) == [[watched.FORGOTTEN, 12]] * 2


def test_a_training_of_an_earlier_release_has_none(experiment):
    actions.record_epoch(experiment.id, epoch(1))
    assert watched.shown(experiment) is None
