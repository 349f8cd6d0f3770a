"""Links as their makers get them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from webapp.accounts import actions
from webapp.accounts.actor import Actor
from webapp.accounts.models import User

PASSWORD = "wren-under-7-eaves"
NEW = {"name": "ann", "password": PASSWORD, "email": ""}


@pytest.fixture
def own(owner: User, actor_of: Callable[[User], Actor]) -> Actor:
    """The owner, acting."""
    return actor_of(owner)


@pytest.fixture
def code(own: Actor) -> str:
    """The secret of an open invitation as editor."""
    return actions.invite(own, "editor", 7)[1]


@pytest.fixture
def ann(member: Callable[..., User]) -> User:
    """An editor with a password."""
    user = member("editor", "ann")
    user.set_password(PASSWORD)
    user.save()
    return user
