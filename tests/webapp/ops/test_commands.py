from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from webapp.accounts.actions import token_user
from webapp.accounts.models import Membership, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv("SYNSET_PASSWORD", "wren-under-7-eaves")


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_user_is_made_with_a_new_team(password):
    run("create_user", "ann", "--team", "Birds", "--role", "editor")
    membership = Membership.objects.get()
    assert (membership.user.username, membership.team.name, membership.role) == ("ann", "Birds", "editor")
    assert User.objects.get().check_password("wren-under-7-eaves")


def test_a_second_user_joins_the_team(password):
    for name in ("ann", "bob"):
        run("create_user", name, "--team", "Birds", "--role", "viewer")
    assert Membership.objects.filter(team__name="Birds").count() == 2


@pytest.mark.parametrize(
    ("name", "team", "said"),
    [("ann", "Birds", "already somebody"), ("a b", "Birds", "name:"), ("bob", "", "team:"), ("bob", "x" * 81, "team:")],
)
def test_a_wrong_field_is_named(password, name, team, said):
    run("create_user", "ann", "--team", "Birds", "--role", "viewer")
    with pytest.raises(CommandError, match=said):
        run("create_user", name, "--team", team, "--role", "viewer")


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setenv("SYNSET_PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        run("create_user", "ann", "--team", "Birds", "--role", "viewer")
    assert not User.objects.exists()


def test_a_token_is_all_that_is_printed(password):
    run("create_user", "ann", "--team", "Birds", "--role", "editor")
    printed = run("create_token", "ann", "--scope", "write", "--days", "3")
    assert token_user(printed.strip()).scope == "write"
    assert printed.count("\n") == 1


def test_a_token_for_nobody_is_refused():
    with pytest.raises(CommandError, match="nobody called ann"):
        run("create_token", "ann")
