from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.http import Http404
from django.utils import timezone

from classifier.spec.errors import ConfigError
from tests.webapp.accounts.conftest import NEW, PASSWORD
from webapp.accounts import actions, limits, mail
from webapp.accounts.models import AuditEntry, Invitation, Membership, User


def test_a_stranger_joins_with_a_new_account(client, code, team):
    assert client.post(f"/invite/{code}/", NEW).headers["Location"] == "/"
    assert Membership.objects.get(user__username="ann", team=team).role == "editor"
    assert client.get("/account/").status_code == 200


def test_somebody_with_an_account_joins_with_it(code, team, outsider, signed_in):
    client = signed_in(outsider)
    client.post(f"/invite/{code}/")
    assert outsider.memberships.count() == 2
    assert client.cookies["synset_team"].value == team.id


def test_an_invitation_works_once(client, code):
    client.post(f"/invite/{code}/", NEW)
    client.logout()
    answer = client.post(f"/invite/{code}/", {**NEW, "name": "bob"})
    assert (answer.status_code, User.objects.filter(username="bob").exists()) == (410, False)
    assert "has been used" in answer.content.decode()


def test_an_invitation_that_ended_says_so(client, code):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "has ended" in client.get(f"/invite/{code}/").content.decode()


def test_a_revoked_invitation_says_so(client, code, own):
    actions.revoke_invitation(own, Invitation.objects.get().id)
    answer = client.get(f"/invite/{code}/")
    assert (answer.status_code, "was revoked" in answer.content.decode()) == (410, True)


def test_an_invented_code_makes_nobody(client, code):
    assert client.post("/invite/guess/", NEW).status_code == 404
    assert not User.objects.filter(username="ann").exists()


def test_a_member_does_not_use_an_invitation_up(code, viewer, signed_in):
    client = signed_in(viewer)
    assert "already" in client.get(f"/invite/{code}/").content.decode()
    assert client.post(f"/invite/{code}/").status_code == 409
    assert Invitation.objects.get().used_at is None
    assert viewer.memberships.get().role == "viewer"


def test_a_weak_password_leaves_the_invitation_open(client, code):
    assert client.post(f"/invite/{code}/", {**NEW, "password": "short"}).status_code == 422
    assert client.post(f"/invite/{code}/", NEW).status_code == 302


@pytest.mark.parametrize("name", [".", "..", "@", "-_-"])
def test_a_name_without_a_letter_is_refused(name, db):
    with pytest.raises(ConfigError) as refused:
        actions.create_user(name, "Birds", "owner", "a long enough passphrase 7")
    assert "letter" in refused.value.fields["name"]


def test_a_taken_name_is_said_at_its_field(client, code, viewer):
    answer = client.post(f"/invite/{code}/", {**NEW, "name": "viewer"})
    assert "already somebody called viewer" in answer.content.decode()
    assert Invitation.objects.get().used_at is None


def test_the_link_is_kept_as_a_hash(code):
    assert code not in str(Invitation.objects.values().get())


def test_its_page_tells_no_other_site_and_no_cache(client, code):
    headers = client.get(f"/invite/{code}/").headers
    assert headers["Referrer-Policy"] == "no-referrer, strict-origin"
    assert "no-store" in headers["Cache-Control"]


def test_codes_cannot_be_tried_without_end(client, db, monkeypatch):
    monkeypatch.setattr(limits, "CODES", limits.Limit("code", 2, 60))
    answers = [client.get("/invite/guess/", REMOTE_ADDR="10.9.8.7").status_code for _ in range(3)]
    assert answers == [404, 404, 429]


@pytest.mark.parametrize("role", ["editor", "viewer", "outsider"])
def test_only_an_owner_invites(request, role, code, team, actor_of):
    actor = actor_of(request.getfixturevalue(role))
    if role == "outsider":
        with pytest.raises(Http404):
            actions.revoke_invitation(actor, Invitation.objects.get().id)
    else:
        with pytest.raises(Http404):
            actions.invite(actor, "owner", 7)


@pytest.mark.parametrize(("field", "values"), [("role", ("king", 7)), ("days", ("viewer", 0)), ("days", ("viewer", 31))])
def test_a_wrong_field_is_named(own, field, values):
    with pytest.raises(ConfigError) as error:
        actions.invite(own, *values)
    assert list(error.value.fields) == [field]


def test_an_owner_who_goes_cannot_come_back_by_a_link_they_kept(own, member, code, actor_of):
    other = actor_of(member("owner", "other"))
    actions.remove_member(other, "owner")
    with pytest.raises(ConfigError, match="revoked"):
        actions.join_as_new(code, "ann", PASSWORD)


def test_the_link_is_shown_once_on_the_teams_page(owner, signed_in):
    client = signed_in(owner)
    answer = client.post("/team/invitations/", {"role": "viewer", "days": "7", "email": ""})
    assert "http://testserver/invite/" in answer.content.decode()
    assert "/invite/" not in client.get("/team/").content.decode()


def test_an_invitation_is_mailed_where_mail_is_set_up(own, settings):
    settings.MAIL = True
    invitation, plain = actions.invite(own, "viewer", 7, "ann@example.org")
    mail.invitation(invitation, f"http://testserver/invite/{plain}/")
    assert plain in outbox.outbox[0].body


def test_who_joined_and_who_invited_stands_in_the_log(client, code):
    client.post(f"/invite/{code}/", NEW)
    assert list(AuditEntry.objects.values_list("name", "verb").order_by("id")) == [("owner", "member.invite"), ("ann", "member.join")]


@pytest.mark.parametrize(
    "path", ["/login/", "/password/lost/", "/setup/guess/", "/invite/guess/", "/password/reset/guess/", "/account/teams/"]
)
def test_no_open_page_makes_an_account_without_a_code(client, owner, path):
    client.post(path, {**NEW, "who": "ann", "team": "Mine"})
    assert not User.objects.filter(username="ann").exists()
