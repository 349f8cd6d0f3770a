"""Before anything like it was trained here, the form says roughly how long a training takes, and that this is a guess."""

from __future__ import annotations

import pytest

from classifier.spec.config import TrainConfig
from tests.webapp.experiments.kit import SMALL, dataset_of, ended, epoch, launched
from webapp.experiments import actions, estimates, guesses
from webapp.experiments.guesses import Speed
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs

TWO_CORES = Speed(100.0, 1.8e-7)
RESNET = {"model": "resnet18", "epochs": 10, "image_size": 128}
FROZEN = {"weights": "default", "freeze": "backbone"}


@pytest.fixture
def version(editor):
    return dataset_of(editor).versions.get()


@pytest.fixture
def worker():
    """Says what the host of the worker that trains is made of."""

    def beat(**told):
        jobs.beat("device@there", "device", "there", 1, told)

    return beat


def guessed(version, **config):
    return estimates.takes(version, TrainConfig(**config))


@pytest.mark.parametrize(
    ("model", "side", "low", "high"), [("resnet18", 128, 45, 66), ("mobilenet_v3_small", 224, 85, 130), ("small_cnn", 32, 930, 1500)]
)
def test_two_usual_cores_are_about_as_fast_as_two_that_were_measured(model, side, low, high):
    assert low <= 1 / guesses.modelled(model, side, TWO_CORES) <= high


def test_the_first_training_of_all_has_a_guess_that_is_called_one(version, worker):
    worker(processors=2)
    card = estimates.before(version, TrainConfig(**RESNET))
    assert card["takes"].startswith("roughly ")
    assert card["basis"].startswith("a rough guess: 0.59 GFLOPs an image at 128 px, at a usual machine's speed")


def test_more_cores_and_a_gpu_take_less(version, worker):
    seconds = []
    for told in ({"processors": 2}, {"processors": 8}, {"processors": 8, "gpus": [{"name": "a GPU"}]}):
        worker(**told)
        seconds.append(guessed(version, **RESNET).seconds)
    assert seconds[0] == pytest.approx(4 * seconds[1]) and seconds[1] > 10 * seconds[2]
    assert guessed(version, **RESNET | {"device": "cpu"}).seconds == seconds[1]


@pytest.mark.parametrize(("load", "said"), [(2.1, False), (15.3, True)])
def test_other_work_that_fills_the_machine_is_said(version, worker, load, said):
    worker(processors=2, load=load)
    words = "Other work fills the machine now (a load of 15 on 2 cores): it takes longer beside it"
    assert estimates.before(version, TrainConfig(**RESNET))["busy"] == (words if said else "")


def test_a_machine_that_trained_other_networks_slowly_is_taken_to_be_slow(editor, worker):
    worker(processors=2)
    dataset = dataset_of(editor)
    version = dataset.versions.get()
    usual = guessed(version, **RESNET).seconds
    earlier = ended(launched(editor, dataset=dataset))
    actions.record_epoch(earlier.id, epoch(1, seconds=3 * 21 * guesses.modelled("small_cnn", 32, TWO_CORES)))
    slow = guessed(version, **RESNET)
    assert slow.seconds == pytest.approx(3 * usual) and "at the speed of 1 training of other networks here" in slow.guessed


def test_what_was_measured_goes_before_any_guess(editor):
    dataset = dataset_of(editor)
    earlier = ended(launched(editor, dataset=dataset))
    actions.record_epoch(earlier.id, epoch(1))
    assert not guessed(dataset.versions.get(), **SMALL).guessed


def test_a_head_on_features_costs_little_more_than_one_look_at_each_image(version, worker):
    worker(processors=2)
    head = {"model": "resnet18", "image_size": 224, **FROZEN}
    once, longer = (guessed(version, **head, epochs=epochs).seconds for epochs in (10, 50))
    assert once == longer < guessed(version, **head, epochs=10, features="each").seconds
    assert guessed(version, **head, epochs=12, finetune=2).seconds > 2 * once


@pytest.mark.parametrize(
    ("seconds", "shown"), [(3, 10), (47, 50), (100, 120), (1195, 1200), (1500, 1500), (3700, 3600), (8000, 7200), (20_000, 19_800)]
)
def test_a_guess_shows_no_more_digits_than_it_has(seconds, shown):
    assert estimates.coarse(seconds) == shown


def test_early_stopping_makes_it_at_most(version):
    assert estimates.before(version, TrainConfig(**RESNET, early_stopping=2))["takes"].startswith("at most roughly")


def test_weights_of_an_earlier_run_bring_the_size_that_it_was_trained_at(editor, version):
    earlier = launched(editor)
    Experiment.objects.filter(pk=earlier.pk).update(resolved={"model": "resnet18", "image_size": 96})
    again = {"model": "resnet18", "weights": str(earlier.folder)}
    assert guesses.side_of(version, TrainConfig(**again)) == 96 == guesses.side_of(version, TrainConfig(**again | {"image_size": 96}))
    assert guesses.side_of(version, TrainConfig(**again | {"weights": f"{earlier.folder}@3"})) == 96
    assert guesses.side_of(version, TrainConfig(**again | {"model": "resnet34"})) == 224
