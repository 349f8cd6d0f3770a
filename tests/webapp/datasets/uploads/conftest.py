"""Who sends archives in parts: an editor's program, and the same person's browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.webapp.datasets.tus_kit import Program
from webapp.accounts import actions as accounts


@pytest.fixture(autouse=True)
def no_part_is_left(settings: Any) -> Iterator[Path]:
    folder = Path(settings.SYNSET_HOME) / "uploads"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def program(editor: Any) -> Program:
    """An editor's, with a token."""
    return Program({"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}"}, "/api/v1/uploads")


@pytest.fixture
def from_page(editor: Any, signed_in: Callable[[Any], Client]) -> Program:
    """The same person's, on the upload page."""
    client = signed_in(editor)
    key = client.get("/datasets/new/").cookies["synset_csrf"].value
    cookies = f"synset_session={client.cookies['synset_session'].value}; synset_csrf={key}"
    return Program({"Cookie": cookies, "X-CSRFToken": key}, "/datasets/uploads/")


@pytest.fixture(params=["program", "from_page"])
def sender(request: pytest.FixtureRequest) -> Program:
    made: Program = request.getfixturevalue(request.param)
    return made
