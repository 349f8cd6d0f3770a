"""Who shares a report while an owner takes the right to leaves no link behind, whichever comes first."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.webapp.accounts.test_races import together
from tests.webapp.together import outcomes
from webapp.accounts import actions as accounts
from webapp.accounts.models import Token
from webapp.accounts.permissions import Forbidden
from webapp.reports import actions
from webapp.reports.models import ShareLink

pytestmark = pytest.mark.django_db(transaction=True)
TAKEN = {"removed": lambda own: accounts.remove_member(own, "editor"), "viewer": lambda own: accounts.change_role(own, "editor", "viewer")}


@pytest.mark.parametrize("what", TAKEN)
def test_no_link_outlives_the_right_that_is_taken_meanwhile(what, report, owner, editor, actor_of):
    own, theirs = actor_of(owner), actor_of(editor)

    def share():
        with suppress(Forbidden):
            actions.share(theirs, report, 7)

    together(share, lambda: TAKEN[what](own), share)
    assert not ShareLink.everything.filter(revoked_at=None).exists()


def test_two_clicks_at_once_make_one_link(report, editor, actor_of):
    theirs = actor_of(editor)
    told = outcomes(*[lambda: actions.share(theirs, report, 7, key="one")[1]] * 4)
    assert len(set(told)) == 1 and ShareLink.everything.count() == 1


def test_no_token_outlives_the_place_that_is_taken_meanwhile(report, owner, editor, actor_of):
    own = actor_of(owner)
    together(*[lambda: accounts.create_token(editor, "read", None)] * 2, lambda: accounts.remove_member(own, "editor"))
    assert not Token.objects.filter(revoked_at=None).exists()
