"""What must hold when two people click at the same moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.webapp.accounts.conftest import PASSWORD
from tests.webapp.together import done, outcomes
from webapp.accounts import actions
from webapp.accounts.models import Invitation, Membership, ResetLink, User

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], object]) -> int:
    """Runs them in threads at once; how many were not refused."""
    return done(outcomes(*works))


def test_of_four_strangers_with_one_link_one_joins(code):
    joins = [lambda name=name: actions.join_as_new(code, name, PASSWORD) for name in ("a", "b", "c", "d")]
    assert together(*joins) == 1
    assert User.objects.exclude(username="owner").count() == 1
    assert Invitation.objects.get().used_at


def test_two_owners_who_leave_at_once_leave_one_behind(owner, member, team):
    other = member("owner", "other")
    assert together(lambda: actions.leave_team(owner, team.id), lambda: actions.leave_team(other, team.id)) == 1
    assert Membership.objects.filter(team=team, role="owner").count() == 1


def test_two_owners_who_remove_each_other_leave_one_behind(own, member, team, actor_of):
    other = actor_of(member("owner", "other"))
    assert together(lambda: actions.remove_member(own, "other"), lambda: actions.remove_member(other, "owner")) == 1
    assert Membership.objects.filter(team=team, role="owner").count() == 1


def test_a_reset_link_sets_one_password(own, editor):
    _, plain = actions.make_reset_link(own, "editor")
    assert together(*[lambda n=n: actions.reset_password(plain, f"heron-by-{n}-ponds") for n in range(4)]) == 1
    assert ResetLink.objects.get().used_at


def test_no_reset_link_is_made_beside_the_removal_of_its_maker(own, editor, member, actor_of):
    other = actor_of(member("owner", "other"))
    outcomes(lambda: actions.make_reset_link(own, "editor"), lambda: actions.remove_member(other, "owner"))
    assert not ResetLink.objects.filter(revoked_at=None).exists()
