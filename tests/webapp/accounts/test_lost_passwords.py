from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import actions, mail
from webapp.accounts.models import AuditEntry, Membership, ResetLink, Session, Team

NEW = "heron-by-3-ponds"


@pytest.fixture
def link(own, editor):
    """The secret of a link that the owner made for the editor."""
    return actions.make_reset_link(own, "editor")[1]


@pytest.fixture
def mailing(settings, monkeypatch):
    """Mail is set up, and sent at once."""
    settings.MAIL = True
    monkeypatch.setattr(mail, "send_later", lambda work, *arguments: work(*arguments) or True)


def use(client, link, password=NEW):
    return client.post(f"/password/reset/{link}/", {"password": password})


def test_a_link_sets_the_password(client, link, editor):
    assert use(client, link).headers["Location"] == "/login/"
    editor.refresh_from_db()
    assert editor.check_password(NEW)


def test_a_link_works_once(client, link, editor):
    use(client, link)
    assert use(client, link, "another-7-ponds").status_code == 404
    editor.refresh_from_db()
    assert editor.check_password(NEW)


def test_a_weak_password_leaves_the_link_open(client, link):
    assert use(client, link, "short").status_code == 422
    assert use(client, link).status_code == 302


def test_a_link_ends(client, link):
    ResetLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/password/reset/{link}/").status_code == 404


def test_using_one_ends_sessions_and_other_links(client, link, own, editor, signed_in):
    browser, other = signed_in(editor), actions.make_reset_link(own, "editor")[1]
    use(client, link)
    assert browser.get("/account/").status_code == 302
    assert not Session.objects.filter(user=editor).exists()
    assert client.get(f"/password/reset/{other}/").status_code == 404


def test_making_and_using_a_link_stand_in_the_log(client, link):
    use(client, link)
    assert list(AuditEntry.objects.order_by("id").values_list("name", "verb")) == [("owner", "password.link"), ("editor", "password.reset")]


def test_no_link_opens_another_teams_data(own, editor):
    Membership.objects.create(user=editor, team=Team.objects.create(name="Other"), role="viewer")
    with pytest.raises(ConfigError, match="a team that you do not own"):
        actions.make_reset_link(own, "editor")


def test_a_link_closes_when_its_person_joins_another_team(client, link, editor):
    Membership.objects.create(user=editor, team=Team.objects.create(name="Other"), role="viewer")
    assert use(client, link).status_code == 404


def test_a_link_ends_when_its_person_leaves_the_team(client, link, own, editor, team):
    actions.remove_member(own, "editor")
    assert client.get(f"/password/reset/{link}/").status_code == 404
    Membership.objects.create(user=editor, team=team, role="editor")
    assert use(client, link).status_code == 404


def test_a_link_for_somebody_of_no_team_is_closed(client, link, editor):
    Membership.objects.filter(user=editor).delete()
    assert use(client, link).status_code == 404


@pytest.mark.parametrize("end", ["demote", "remove", "leave"])
def test_a_link_ends_for_good_with_its_makers_right(client, link, own, member, actor_of, end):
    other, team = actor_of(member("owner", "other")), own.team
    ends = {
        "demote": lambda: actions.change_role(other, "owner", "editor"),
        "remove": lambda: actions.remove_member(other, "owner"),
        "leave": lambda: actions.leave_team(own.user, team.id),
    }
    ends[end]()
    Membership.objects.update_or_create(user=own.user, team=team, defaults={"role": "owner"})
    assert use(client, link).status_code == 404


def test_a_demoted_persons_link_ends(client, link, own):
    actions.change_role(own, "editor", "viewer")
    assert use(client, link).status_code == 404


def test_a_link_stays_while_somebody_else_goes(client, link, own, member):
    member("viewer", "other")
    actions.remove_member(own, "other")
    assert use(client, link).status_code == 302


def test_a_mailed_link_stays_when_its_person_changes_role(client, own, editor):
    link = actions.mailed_reset_link(editor)
    actions.change_role(own, "editor", "viewer")
    assert use(client, link).status_code == 302


def test_no_link_opens_the_server(own, editor):
    editor.is_superuser = True
    editor.save()
    with pytest.raises(ConfigError, match="runs this server"):
        actions.make_reset_link(own, "editor")


def test_the_team_page_says_why_there_is_no_link(owner, editor, signed_in):
    Membership.objects.create(user=editor, team=Team.objects.create(name="Other"), role="viewer")
    client = signed_in(owner)
    assert "a team that you do not own" in client.get("/team/").content.decode()
    assert client.post("/team/members/editor/reset-link/").status_code == 422


def test_the_link_is_kept_as_a_hash(link):
    assert link not in str(ResetLink.objects.values().get())


def test_its_page_tells_no_other_site(client, link):
    assert client.get(f"/password/reset/{link}/").headers["Referrer-Policy"].startswith("no-referrer")


def test_without_mail_the_page_says_who_can_help(client, db):
    page = client.get("/password/lost/").content.decode()
    assert "An owner of your team" in page
    assert "reset_link" in page


def test_a_link_is_mailed(client, editor, mailing):
    actions.set_email(editor, "ann@example.org")
    client.post("/password/lost/", {"who": "editor"}, REMOTE_ADDR="10.1.1.1")
    link = re.search(r"/password/reset/([\w-]+)/", outbox.outbox[0].body)[1]
    assert use(client, link).status_code == 302


def test_a_mailed_link_ends_within_the_hour(editor):
    actions.mailed_reset_link(editor)
    assert ResetLink.objects.get().expires_at <= timezone.now() + timedelta(hours=1)


def test_the_answer_is_the_same_whether_there_is_such_an_account(client, editor, mailing):
    actions.set_email(editor, "ann@example.org")
    answers = [
        client.post("/password/lost/", {"who": who}, REMOTE_ADDR="10.1.1.2").content for who in ("editor", "ann@example.org", "nobody")
    ]
    assert len({re.sub(rb"X-CSRFToken[^}]*", b"", answer) for answer in answers}) == 1


def test_nobody_is_flooded_with_mail(editor, mailing):
    actions.set_email(editor, "ann@example.org")
    for _ in range(6):
        mail.lost_password("editor", lambda plain: plain)
    assert len(outbox.outbox) == 3


def test_one_address_cannot_ask_without_end(client, db, mailing):
    answers = [client.post("/password/lost/", {"who": "x"}, REMOTE_ADDR="10.1.1.3").status_code for _ in range(11)]
    assert answers[-2:] == [200, 429]


def test_whoever_runs_the_server_prints_a_link(client, editor, capsys):
    call_command("reset_link", "editor")
    link = re.search(r"/password/reset/([\w-]+)/", capsys.readouterr().out)[1]
    assert use(client, link).status_code == 302


def test_a_mail_address_needs_the_current_password(editor, signed_in):
    answer = signed_in(editor).post("/account/mail/", {"mail-email": "ann@example.org", "mail-current": "no"})
    editor.refresh_from_db()
    assert (answer.status_code, editor.email) == (422, "")
