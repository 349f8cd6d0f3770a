from __future__ import annotations

import asyncio

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from webapp.accounts.models import Membership
from webapp.accounts.permissions import allowed


@allowed("dataset.edit")
def page(request):
    return HttpResponse(f"for {request.actor.user}")


@allowed("dataset.edit")
async def waiting_page(request):
    return HttpResponse(f"for {request.actor.user}")


@pytest.fixture
def ask(rf, actor_of):
    def make(user, view=page, **headers):
        request = rf.get("/there/?a=b", headers=headers)
        request.user = user
        request.actor = actor_of(user) if getattr(user, "pk", None) and Membership.objects.filter(user=user).exists() else None
        return view(request)

    return make


def test_a_member_with_the_right_sees_the_page(editor, ask):
    assert ask(editor).content == b"for editor"


def test_a_view_that_waits_is_guarded_too(editor, viewer, ask):
    assert asyncio.run(ask(editor, waiting_page)).content == b"for editor"
    with pytest.raises(PermissionDenied):
        asyncio.run(ask(viewer, waiting_page))


def test_a_member_without_the_right_does_not(viewer, ask):
    with pytest.raises(PermissionDenied):
        ask(viewer)


def test_a_stranger_is_sent_to_sign_in(db, ask):
    assert ask(AnonymousUser()).headers["Location"] == "/login/?next=%2Fthere%2F%3Fa%3Db"


def test_htmx_is_told_where_to_go(db, ask):
    answer = ask(AnonymousUser(), **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/")


def test_a_script_is_told_by_status(db, ask):
    assert ask(AnonymousUser(), **{"Sec-Fetch-Mode": "cors"}).status_code == 401


def test_somebody_without_a_team_is_told_so(editor, ask):
    Membership.objects.all().delete()
    with pytest.raises(PermissionDenied, match="no team"):
        ask(editor)
