from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import actions
from webapp.accounts.models import Membership, Role, Scope, Ticket, Token


def test_a_token_acts_as_its_owner_within_its_scope(editor):
    actor = actions.token_actor(actions.create_token(editor, "read", None))
    assert (actor.user, actor.role, actor.scope, actor.via) == (editor, Role.EDITOR, Scope.READ, "token")


def test_only_a_hash_of_a_token_is_kept(editor):
    plain = actions.create_token(editor, "read", None)
    assert plain not in str(list(Token.objects.values()))


def test_a_tokens_name_turns_nothing_around_and_is_empty_where_nothing_of_it_can_be_seen(editor):
    for name in ("\u202eyl\u2069  thgin ", "\u200b\u3164"):
        actions.create_token(editor, Scope.READ, None, name=name)
    assert list(Token.objects.order_by("id").values_list("name", flat=True)) == ["yl thgin", ""]


def test_an_unknown_token_is_nobodys(db):
    assert actions.token_actor("synset_guess") is None
    assert actions.token_actor("\udcff\0") is None


def test_a_revoked_token_is_nobodys(editor):
    plain = actions.create_token(editor, "read", None)
    actions.revoke_token(Token.objects.get())
    assert actions.token_actor(plain) is None


def test_an_expired_token_is_nobodys(editor):
    plain = actions.create_token(editor, "read", 1)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert actions.token_actor(plain) is None


def test_a_token_ends_with_its_owners_membership(editor):
    plain = actions.create_token(editor, "write", None)
    Membership.objects.all().delete()
    assert actions.token_actor(plain) is None


def test_a_token_ends_with_its_owners_account(editor):
    plain = actions.create_token(editor, "write", None)
    editor.is_active = False
    editor.save()
    assert actions.token_actor(plain) is None


def test_the_last_use_is_written_at_most_once_a_minute(editor, django_assert_num_queries):
    plain = actions.create_token(editor, "read", None)
    actions.token_user(plain)
    assert Token.objects.get().last_used_at
    with django_assert_num_queries(1):
        actions.token_user(plain)


def test_somebody_without_a_team_gets_no_token(editor):
    Membership.objects.all().delete()
    with pytest.raises(ConfigError, match="no team"):
        actions.create_token(editor, "read", None)


@pytest.mark.parametrize("days", [0, -1, 10**6])
def test_a_token_lives_for_a_sensible_time(editor, days):
    with pytest.raises(ConfigError, match="3650"):
        actions.create_token(editor, "read", days)


def test_a_ticket_opens_once(viewer, actor_of):
    plain = actions.issue_ticket(actor_of(viewer))
    assert actions.use_ticket(plain).user == viewer
    assert actions.use_ticket(plain) is None


def test_a_ticket_reads_only(owner, actor_of):
    actor = actions.use_ticket(actions.issue_ticket(actor_of(owner)))
    assert actor.can("job.read")
    assert not actor.can("job.edit")


def test_a_ticket_ends_after_a_minute(viewer, actor_of):
    plain = actions.issue_ticket(actor_of(viewer))
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert actions.use_ticket(plain) is None


def test_a_ticket_opens_nothing_once_its_token_is_revoked(editor):
    plain = actions.issue_ticket(actions.token_actor(actions.create_token(editor, "read", None)))
    actions.revoke_token(Token.objects.get())
    assert actions.use_ticket(plain) is None
