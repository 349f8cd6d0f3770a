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


@pytest.mark.parametrize("header", [{"Sec-Fetch-Mode": "cors"}, {"HX-Request": "true"}])
def test_a_script_is_told_by_status(header, db, ask):
    answer = ask(AnonymousUser(), **header)
    assert answer.status_code == 401 and "HX-Redirect" not in answer.headers


def test_somebody_without_a_team_is_told_so(editor, ask):
    Membership.objects.all().delete()
    with pytest.raises(PermissionDenied, match="no team"):
        ask(editor)


def test_a_wrong_password_forgets_no_way(db, client):
    answer = client.post("/login/", {"name": "owner", "password": "wrong", "next": "/reports/"})
    assert answer.status_code == 422 and answer.context["next"] == "/reports/"


@pytest.mark.parametrize(("name", "status", "taken"), [("Finches", 302, "1-2-3-4"), ("", 422, None)])
def test_a_draft_ends_with_the_form_that_was_taken(name, status, taken, owner, signed_in):
    answer = signed_in(owner).post("/account/teams/", {"team": name, "draft": "1-2-3-4"})
    cookie = answer.cookies.get("synset_taken")
    assert (answer.status_code, cookie and cookie.value) == (status, taken)


def test_a_form_that_is_led_to_the_login_ends_no_draft(db, client):
    assert "synset_taken" not in client.post("/account/teams/", {"team": "x", "draft": "1-2-3-4"}).cookies
