"""Reports of the tiny trained network."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.webapp.evaluations.conftest import experiment, finish, pokes, source, trained  # noqa: F401 (fixtures)
from webapp.experiments.models import Experiment
from webapp.reports.models import Report


@pytest.fixture
def report(experiment: Experiment, finish: Callable[[Experiment], Experiment]) -> Report:  # noqa: F811
    finish(experiment)
    return Report.objects.get()
