"""A trained network of the team, and pictures that it was asked about."""

from __future__ import annotations

import pytest

from tests.webapp.evaluations.conftest import evaluated, experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.webapp.predictions.kit import classified
from webapp.predictions.models import Classification


@pytest.fixture
def done(evaluated, editor) -> Classification:  # noqa: F811
    """One of four pictures: two blue, a green, one that is unsure; and a file that was refused."""
    return classified(evaluated.experiment, editor)
