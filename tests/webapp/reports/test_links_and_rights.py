"""Share links end with the right to share, wrong codes are counted, and who takes the weights stands in the log."""

from __future__ import annotations

import re
import shutil

import pytest
from django.utils import timezone

from webapp.accounts import actions as accounts
from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry, Membership, Role, Team
from webapp.accounts.permissions import Forbidden
from webapp.reports import actions
from webapp.reports.models import Report, ShareLink
from webapp.reports.views import shared as pages


@pytest.fixture
def own(owner, actor_of):
    return actor_of(owner)


@pytest.fixture
def code(report, editor, actor_of):
    """Of a link that the editor made."""
    return actions.share(actor_of(editor), report, 30)[1]


@pytest.fixture
def weights(report, trained, owner, actor_of):
    """The code of a link that offers the trained weights, which are kept."""
    folder = report.evaluation.experiment.folder
    shutil.copytree(trained[2], folder, dirs_exist_ok=True)
    yield actions.share(actor_of(owner), report, 30, with_model=True)[1]
    shutil.rmtree(folder)


def ask(client, code, part="", address="10.3.3.3"):
    return client.get(f"/shared/{code}/{part}", REMOTE_ADDR=address).status_code


def entry(verb):
    return AuditEntry.objects.get(verb=verb)


def test_links_end_with_their_makers_place_in_the_team(client, code, own):
    accounts.remove_member(own, "editor")
    assert ask(client, code) == 404
    assert entry("member.remove").detail == {"role": "editor", "share_links": 1}


def test_links_end_when_their_maker_leaves(client, code, editor, team):
    accounts.leave_team(editor, team.id)
    assert ask(client, code) == 404
    assert entry("member.leave").detail == {"role": "editor", "share_links": 1}


def test_links_end_when_their_maker_may_only_look(client, code, own):
    accounts.change_role(own, "editor", "viewer")
    assert ask(client, code) == 404
    assert entry("member.role").detail == {"before": "editor", "role": "viewer", "share_links": 1}


def test_links_stay_while_their_maker_may_share(client, code, own):
    accounts.change_role(own, "editor", "owner")
    assert ask(client, code) == 200


def test_links_of_others_and_in_other_teams_stay(client, code, report, own, editor, member):
    elsewhere = Team.objects.create(name="Other")
    Membership.objects.create(user=editor, team=elsewhere, role="editor")
    ShareLink.everything.filter(created_by=editor).update(team=elsewhere)
    theirs = actions.share(own, report, 7)[1]
    accounts.remove_member(own, "editor")
    assert [ask(client, code), ask(client, theirs)] == [200, 200]


def test_links_to_what_lies_in_the_trash_end_too(code, report, own):
    type(report.evaluation.experiment).everything.update(trashed_at=timezone.now())
    accounts.remove_member(own, "editor")
    assert ShareLink.everything.get().revoked_at


def test_open_pages_hear_of_it(code, report, own):
    before = Report.objects.get().moves
    accounts.remove_member(own, "editor")
    assert Report.objects.get().moves == before + 1


def test_the_message_says_how_many_ended(code, owner, signed_in):
    answer = signed_in(owner).post("/team/members/editor/remove/", follow=True)
    assert "1 share link made by them ended" in answer.content.decode()


def test_the_questions_say_that_links_end(owner, editor, signed_in):
    client = signed_in(owner)
    assert "the links with which they shared its reports end now" in client.get("/team/").content.decode()
    assert "the links with which you shared its reports end" in client.get("/account/").content.decode()


def test_whose_role_changed_a_moment_ago_shares_nothing(report, editor, team):
    Membership.objects.filter(user=editor).update(role=Role.VIEWER)
    with pytest.raises(Forbidden, match="a moment ago"):
        actions.share(Actor(editor, team, Role.EDITOR), report, 7)


@pytest.fixture
def made(report, editor, signed_in):
    """Sends the form of a new link; the address that the page shows."""
    client = signed_in(editor)

    def send(**fields):
        page = client.post(f"/reports/{report.id}/links/", {"days": "30", "key": "one", **fields}).content.decode()
        return re.search(r'id="new-link"[^>]*value="([^"]+)"', page)[1]

    return send


def test_a_form_sent_twice_makes_one_link_and_shows_it_both_times(made, client):
    first, second = made(), made()
    assert (first, ShareLink.objects.count(), AuditEntry.objects.filter(verb="report.share").count()) == (second, 1, 1)
    assert client.get(first).status_code == 200


@pytest.mark.parametrize("changed", [{"key": "two"}, {"days": "7"}, {"with_model": "on"}, {"with_groups": "on"}, {"key": ""}])
def test_another_form_or_a_changed_one_makes_another_link(changed, made):
    assert made() != made(**changed) and ShareLink.objects.count() == 2


def test_a_form_that_is_sent_again_after_its_link_was_revoked_makes_one_that_opens(made, client):
    first = made()
    ShareLink.objects.update(revoked_at=timezone.now())
    second = made()
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_the_form_of_a_report_carries_a_key_of_its_own(report, editor, signed_in):
    page = signed_in(editor).get(f"/reports/{report.id}/").content.decode()
    assert 'name="key"' in page[page.index(f"/reports/{report.id}/links/") :].partition("</form>")[0]


def test_the_same_key_of_somebody_else_makes_a_link_of_their_own(report, editor, own, actor_of):
    codes = {actions.share(who, report, 30, key="one")[1] for who in (actor_of(editor), own)}
    assert len(codes) == ShareLink.objects.count() == 2


def test_wrong_codes_cannot_be_tried_without_end(client, code):
    answers = [ask(client, f"guess{number}") for number in range(61)]
    assert (answers[-2:], ask(client, code)) == ([404, 429], 429)
    assert ask(client, code, address="10.3.3.4") == 200


def test_every_part_counts_wrong_codes(client, db, monkeypatch):
    monkeypatch.setattr(pages, "WRONG_CODES", pages.Limit("share code", 3, 60))
    answers = [ask(client, "guess", part) for part in ("", "images/0", "report.html", "model")]
    assert answers == [404, 404, 404, 429]


def test_a_right_code_never_counts_whatever_has_become_of_it(client, code, monkeypatch):
    monkeypatch.setattr(pages, "WRONG_CODES", pages.Limit("share code", 3, 60))
    assert {ask(client, code) for _ in range(5)} == {200}
    ShareLink.objects.update(revoked_at=timezone.now())
    assert {ask(client, code, "images/0") for _ in range(5)} == {404}


def test_who_asks_too_often_is_told_how_long_to_wait(client, db, monkeypatch):
    monkeypatch.setattr(pages, "WRONG_CODES", pages.Limit("share code", 0, 60))
    monkeypatch.setattr(pages.Limit, "wait", lambda self, who: 42)
    answer = client.get("/shared/guess/")
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Referrer-Policy"]) == (429, "42", "no-referrer")


def test_a_member_who_takes_the_weights_stands_in_the_log(report, weights, viewer, signed_in):
    signed_in(viewer).get(f"/reports/{report.id}/model")
    assert (entry("model.download").name, entry("model.download").subject) == ("viewer", report.title)


def test_a_stranger_who_takes_the_weights_stands_once_in_the_log(client, weights):
    assert [ask(client, weights, "model") for _ in range(3)] == [200] * 3
    assert (entry("model.download").name, entry("model.download").via) == ("Somebody", "link")


def test_whoever_only_asks_about_the_weights_stands_in_no_log(client, weights):
    client.head(f"/shared/{weights}/model")
    assert not AuditEntry.objects.filter(verb="model.download").exists()
