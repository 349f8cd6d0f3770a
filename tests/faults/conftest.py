"""One house for all fault tests; each finds it without workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.house import House


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
