"""Two networks on the same images, and a page that compares them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.webapp.evaluations.comparing.kit import dataset_of, measured, trained
from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.experiments.models import Experiment


@pytest.fixture
def animals(editor: User, settings, tmp_path: Path) -> Dataset:
    settings.SYNSET_HOME = tmp_path / "home"
    return dataset_of(editor)


@pytest.fixture
def pair(animals: Dataset) -> tuple[Experiment, Experiment]:
    """The first is wrong on 0 to 7, the second on 6 to 9: six fixed, two broken, two wrong with both."""
    version = animals.versions.get()
    first, second = trained(version, "Plain"), trained(version, "Faster", {"learning_rate": 0.01, "weights": "/srv/secret/mine.pth"})
    measured(first, {at: (at + 1) % 3 for at in range(8)})
    measured(second, {at: (at + 1) % 3 for at in range(6, 10)})
    return first, second
