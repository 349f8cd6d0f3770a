"""What happens to a dataset while a training reads it."""

from __future__ import annotations

import pytest

from classifier.spec.errors import InputError
from tests.faults.house import House
from tests.faults.processes import wait_for
from tests.faults.trainings import EPOCHS, MID_EPOCH, ends_as
from webapp.datasets import actions as datasets
from webapp.datasets.models import Dataset
from webapp.jobs.models import Node

pytestmark = pytest.mark.faults


def test_a_dataset_that_is_deleted_while_a_training_reads_it_is_archived_and_the_training_ends_as_ever(house: House, uninterrupted):
    house.keeper()
    house.worker(FAULT=MID_EPOCH)
    experiment = house.train(epochs=EPOCHS)
    trainer, version = house.trainer(experiment.job, epochs=2), experiment.version_id
    try:
        assert datasets.delete(house.actor, house.dataset) == "archived"
        with pytest.raises(InputError, match="stays archived"):
            datasets.delete(house.actor, Dataset.objects.get(pk=house.dataset.pk))
        with pytest.raises(InputError, match="not in the trash"):
            datasets.purge(Dataset.objects.get(pk=house.dataset.pk), house.actor)
        wait_for(Node.objects.filter(role="keeper").exists, 60, house.logs)  # it would remove what may be removed
        trainer.kill()  # what comes next reads the images again
        ends_as(house, experiment, uninterrupted)
        experiment.refresh_from_db()
        assert experiment.version_id == version
    finally:
        datasets.unarchive(house.actor, house.dataset)
