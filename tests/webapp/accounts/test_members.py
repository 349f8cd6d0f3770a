from __future__ import annotations

import pytest
from django.http import Http404

from classifier.spec.errors import ConfigError
from webapp.accounts import actions
from webapp.accounts.models import AuditEntry, Membership, Role, Team, Token


def roles(team):
    return dict(Membership.objects.filter(team=team).values_list("user__username", "role"))


def test_an_owner_changes_a_role(own, editor, team):
    actions.change_role(own, "editor", "viewer")
    assert roles(team)["editor"] == "viewer"
    assert AuditEntry.objects.get().detail == {"before": "editor", "role": "viewer"}


def test_an_unknown_role_is_refused(own, editor):
    with pytest.raises(ConfigError, match="Expected one of"):
        actions.change_role(own, "editor", "king")


@pytest.mark.parametrize("go", [lambda own: actions.change_role(own, "owner", "editor"), lambda own: actions.remove_member(own, "owner")])
def test_the_last_owner_can_neither_be_changed_nor_removed(own, team, editor, go):
    with pytest.raises(ConfigError, match="last owner"):
        go(own)
    assert roles(team)["owner"] == "owner"


def test_the_last_owner_cannot_leave(own, team):
    with pytest.raises(ConfigError, match="last owner"):
        actions.leave_team(own.user, team.id)


def test_an_owner_whose_account_is_off_does_not_count(own, member, team):
    other = member("owner", "other")
    other.is_active = False
    other.save()
    with pytest.raises(ConfigError, match="last owner"):
        actions.leave_team(own.user, team.id)


def test_one_of_two_owners_may_leave(own, member, team):
    member("owner", "other")
    actions.leave_team(own.user, team.id)
    assert roles(team) == {"other": "owner"}


def test_who_was_an_owner_a_moment_ago_changes_nothing(own, member, viewer, team):
    member("owner", "other")
    Membership.objects.filter(user=own.user).update(role=Role.EDITOR)
    with pytest.raises(Http404):
        actions.remove_member(own, "viewer")
    assert "viewer" in roles(team)


def test_removing_ends_the_tokens_of_that_team_alone(own, editor, team):
    other = Team.objects.create(name="Other")
    Membership.objects.create(user=editor, team=other, role="editor")
    ours, theirs = (actions.create_token(editor, "write", None, team=where) for where in (team, other))
    actions.remove_member(own, "editor")
    assert actions.token_actor(ours) is None
    assert actions.token_actor(theirs)


def test_a_token_does_not_come_back_with_its_owner(own, editor, team):
    plain = actions.create_token(editor, "read", None)
    actions.leave_team(editor, team.id)
    Membership.objects.create(user=editor, team=team, role="editor")
    assert actions.token_actor(plain) is None


def test_another_teams_member_is_not_found(own, outsider):
    with pytest.raises(Http404):
        actions.remove_member(own, "outsider")


def test_an_owner_makes_another_team_and_works_in_it(owner, signed_in):
    client = signed_in(owner)
    assert client.post("/account/teams/", {"team": "Plants"}).headers["Location"] == "/team/"
    assert "<h1>Plants</h1>" in client.get("/team/").content.decode()


def test_an_editor_makes_no_team(editor, signed_in):
    assert signed_in(editor).post("/account/teams/", {"team": "Plants"}).status_code == 422
    assert not Team.objects.filter(name="Plants").exists()


def test_a_team_has_a_name_of_its_own(own, outsider):
    with pytest.raises(ConfigError, match="already a team called Fungi"):
        actions.rename_team(own, " Fungi ")


def test_a_renamed_team_keeps_everything(own, team):
    actions.rename_team(own, "Owls")
    assert Team.objects.get(pk=team.pk).name == "Owls"


def test_one_works_in_the_team_one_chose(owner, signed_in):
    other = Team.objects.create(name="Other")
    Membership.objects.create(user=owner, team=other, role="viewer")
    client = signed_in(owner)
    assert client.post("/team/switch/", {"team": other.id}).headers["Location"] == "/"
    assert client.get("/team/").status_code == 404  # a viewer there


@pytest.mark.parametrize("id", ["0" * 20, "", "\0"])
def test_nobody_switches_to_a_team_that_is_not_theirs(owner, outsider, signed_in, id):
    assert signed_in(owner).post("/team/switch/", {"team": id or outsider.memberships.get().team_id}).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 404), ("viewer", 404)])
def test_only_owners_see_the_team_page(request, role, status, signed_in):
    assert signed_in(request.getfixturevalue(role)).get("/team/").status_code == status


def test_another_teams_owner_sees_their_own_team_alone(owner, outsider, signed_in):
    page = signed_in(outsider).get("/team/").content.decode()
    assert "<h1>Fungi</h1>" in page
    assert 'data-member="owner"' not in page


def test_the_last_owner_reads_why_they_cannot_leave(owner, team, signed_in):
    answer = signed_in(owner).post(f"/account/teams/{team.id}/leave/")
    assert (answer.status_code, "last owner" in answer.content.decode()) == (422, True)


def test_a_token_is_for_the_team_one_chose(owner, signed_in):
    other = Team.objects.create(name="Other")
    Membership.objects.create(user=owner, team=other, role="owner")
    signed_in(owner).post("/account/tokens/", {"name": "x", "team": other.id, "scope": "read", "days": "30"})
    assert Token.objects.get().team == other


def test_a_token_is_not_made_for_somebody_elses_team(owner, outsider, signed_in):
    Membership.objects.create(user=owner, team=Team.objects.create(name="Other"), role="owner")
    theirs = outsider.memberships.get().team_id
    assert signed_in(owner).post("/account/tokens/", {"name": "x", "team": theirs, "scope": "read", "days": "30"}).status_code == 422
