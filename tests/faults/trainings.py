"""A short training that is disturbed, and what must come of it all the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import torch

from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.training.loop import train
from tests.faults.house import QUICK, THREADS, House
from tests.faults.processes import wait_for
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs.models import FINAL, Attempt, Job

EPOCHS = 3  # of 7 steps
MID_EPOCH = "step@16:hang"  # in epoch 3 when it starts from nothing; never in what is left after a resume
LONG = 10_000  # epochs: it does not end by itself
TWO_DEVICES = {"SYNSET_DEVICES": "0,1"}  # two slots on this host; the trainings themselves ask for the processor

Weights = dict[str, Any]


def weights(folder: Path, epochs: int = EPOCHS) -> Weights:
    """What a training that came to its end has learned."""
    model, epoch = Run.open(folder).load_model("last")
    assert epoch == epochs
    return dict(model.state_dict())


def undisturbed(house: House, folder: Path) -> Weights:
    """The weights of the short training when nothing disturbs it, here in this process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    train(house.dataset.folder / "data", folder, TrainConfig.from_mapping({**QUICK, "epochs": EPOCHS}))
    torch.set_num_threads(threads)
    return weights(folder)


def equal(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def ends_as(house: House, experiment: Experiment, wanted: Weights) -> Job:
    """The job, once it succeeded with those weights and told everything once."""
    job = house.wait_for_state(experiment.job, "succeeded")
    assert equal(weights(experiment.folder), wanted)
    told_once(experiment)
    assert epochs_of(experiment) == list(range(1, EPOCHS + 1))
    return job


def told_once(experiment: Experiment) -> None:
    """Event numbers without gaps, each figure of an epoch once, epochs without gaps."""
    numbers = list(experiment.job.events.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    points = MetricPoint.objects.filter(experiment=experiment).exclude(name="step_loss").values_list("epoch", "name")
    assert [point for point, times in Counter(points).items() if times > 1] == []
    assert epochs_of(experiment) == list(range(1, len(epochs_of(experiment)) + 1))


def epochs_of(experiment: Experiment) -> list[int]:
    """The epochs whose validation loss is recorded, in order."""
    return list(MetricPoint.objects.filter(experiment=experiment, name="val_loss").order_by("epoch").values_list("epoch", flat=True))


def node_of(attempt: Attempt) -> str:
    """The name that the attempt's worker was given."""
    return attempt.owner.partition("@")[2].partition(":")[0]


def wait_for_end(house: House, job: Job, seconds: float = 300.0) -> Job:
    """The job, once it is at an end of whichever kind."""
    wait_for(lambda: Job.objects.get(pk=job.pk).state in FINAL, seconds, house.logs)
    return Job.objects.get(pk=job.pk)
