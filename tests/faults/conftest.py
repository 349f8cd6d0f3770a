"""One house for all fault tests; each finds it without workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.house import House
from tests.faults.trainings import Weights, undisturbed


@pytest.fixture(scope="package")
def furnished(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[House]:
    """The house with its dataset; what needs a database reads the house's."""
    with django_db_blocker.unblock(), House(tmp_path_factory.mktemp("house")).opened() as house:
        house.furnish()
        yield house


@pytest.fixture
def house(furnished: House) -> Iterator[House]:
    yield furnished
    furnished.clear()


@pytest.fixture(scope="package")
def uninterrupted(furnished: House, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """The weights of the short training when nothing disturbs it, here in this process."""
    return undisturbed(furnished, tmp_path_factory.mktemp("undisturbed") / "run")


@pytest.fixture
def at_start(tmp_path: Path) -> Any:
    """Gives the environment in which every Python of a process and its children runs some lines first."""

    def make(*lines: str) -> dict[str, str]:
        (tmp_path / "sitecustomize.py").write_text("\n".join(lines) + "\n")
        return {"PYTHONPATH": str(tmp_path)}

    return make
