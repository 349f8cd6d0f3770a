from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from webapp.accounts.actor import Actor
from webapp.accounts.models import Role, Scope, Team, Token, User
from webapp.accounts.permissions import VERBS, get_for, permitted

ROOT = Path(__file__).resolve().parents[3]
OWNER, EDITOR, VIEWER = Role.OWNER, Role.EDITOR, Role.VIEWER
# The table as people read it: who may (owner, editor, viewer), then an owner's read token and write token.
TABLE = {
    "dataset.read": (OWNER, EDITOR, VIEWER, "read", "write"),
    "dataset.edit": (OWNER, EDITOR, "write"),
    "dataset.delete": (OWNER, "write"),
    "job.read": (OWNER, EDITOR, VIEWER, "read", "write"),
    "job.edit": (OWNER, EDITOR, "write"),
    "experiment.read": (OWNER, EDITOR, VIEWER, "read", "write"),
    "experiment.create": (OWNER, EDITOR, "write"),
    "model.download": (OWNER, EDITOR, VIEWER, "read", "write"),
    "classify": (OWNER, EDITOR, VIEWER, "write"),
    "report.read": (OWNER, EDITOR, VIEWER, "read", "write"),
    "report.edit": (OWNER, EDITOR, "write"),
    "report.comment": (OWNER, EDITOR, VIEWER, "write"),
    "trash.read": (OWNER, EDITOR, "read", "write"),
    "trash.purge": (OWNER, "write"),
    "team.edit": (OWNER,),
}


def test_every_verb_stands_in_the_table():
    assert set(TABLE) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(verb, role):
    assert permitted(verb, role, None) == (role in TABLE[verb])


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("scope", Scope)
def test_an_owners_token_may_what_the_table_says(verb, scope):
    assert permitted(verb, OWNER, scope) == (scope in TABLE[verb])


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", Role)
def test_a_token_never_does_more_than_its_owner(verb, role):
    assert permitted(verb, role, None) or not permitted(verb, role, Scope.WRITE)


def test_another_teams_id_and_a_random_one_look_the_same(owner, outsider, actor_of):
    token = Token.objects.create(user=owner, team=owner.memberships.get().team, scope="read", digest="x")
    sentences = []
    for id in (token.id, "0" * 20):
        with pytest.raises(Http404) as refused:
            get_for(actor_of(outsider), Token, id, "dataset.read")
        sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]


@pytest.mark.parametrize("id", ["", "a\0b", "../../etc/passwd", "x" * 5000])
def test_what_is_no_id_is_not_found(owner, actor_of, id):
    with pytest.raises(Http404):
        get_for(actor_of(owner), Token, id, "dataset.read")


def test_a_member_without_the_right_is_told_so(viewer, actor_of):
    with pytest.raises(PermissionDenied, match=r"dataset\.edit"):
        actor_of(viewer).require("dataset.edit")


def test_what_only_owners_may_know_of_is_hidden_from_others():
    with pytest.raises(Http404):
        Actor(User(username="e"), Team(name="t"), Role.EDITOR).require("team.edit")


def test_every_verb_is_asked_for_somewhere():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "webapp").rglob("*.py") if path.name != "permissions.py")
    assert [verb for verb in VERBS if f'"{verb}"' not in source] == []
