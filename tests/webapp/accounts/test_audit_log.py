from __future__ import annotations

import csv
import io

import pytest

from tests.webapp.accounts.conftest import PASSWORD
from webapp.accounts import actions, audit, audit_words, trail
from webapp.accounts.models import AuditEntry, Membership, Session, Team


@pytest.fixture
def page(owner, signed_in):
    client = signed_in(owner)
    return lambda **query: client.get("/team/audit/", query).content.decode()


def downloaded(client, **query):
    answer = client.get("/team/audit.csv", query)
    return list(csv.reader(io.StringIO(answer.getvalue().decode())))


def write(team, user, thing, verb="dataset.delete"):
    AuditEntry.objects.create(team=team, user=user, name=user.username, via="session", verb=verb, subject_kind="dataset", subject=thing)


def test_an_entry_is_told_in_words(own, editor, page):
    actions.remove_member(own, "editor")
    assert "removed editor from the team" in page()


@pytest.mark.parametrize(
    ("verb", "detail", "told"),
    [
        ("report.share", {"days": 30, "with_model": False}, "for 30 days"),
        ("report.share", {"days": 7, "with_model": True}, "for 7 days, with its trained weights"),
        ("member.remove", {"role": "editor", "share_links": 2}, "role editor, 2 share links ended"),
        ("password.change", {"tokens": 0}, ""),
        ("dataset.archive", {"used_by": ["First", "Second"]}, "used by First, Second"),
        ("evaluation.request", {"split": "test", "checkpoint": "best"}, "split test, checkpoint best"),
    ],
)
def test_what_a_sentence_leaves_out_is_told_in_words(verb, detail, told):
    assert audit_words.details(AuditEntry(verb=verb, detail=detail)) == told


@pytest.mark.parametrize(
    ("search", "found"), [("owner", True), ("wolves", True), ("deleted", True), ("owner wolves", True), ("ann", False)]
)
def test_every_word_is_searched_in_who_what_and_thing(owner, team, page, search, found):
    write(team, owner, "grey wolves")
    assert ("grey wolves" in page(q=search)) is found


def test_a_group_of_verbs_can_be_picked(owner, team, page):
    write(team, owner, "grey wolves")
    assert "grey wolves" in page(group="dataset")
    assert "grey wolves" not in page(group="member")


def test_another_teams_entries_are_not_there(owner, outsider, page):
    write(outsider.memberships.get().team, outsider, "toadstools")
    assert "toadstools" not in page()


def test_the_newest_come_first_and_the_rest_on_further_pages(owner, team):
    for number in range(trail.PAGE + 1):
        write(team, owner, f"set {number}")
    first = trail.page(team)
    assert [entry.subject for entry in (first.entries[0], *trail.page(team, before=first.next).entries)] == [f"set {trail.PAGE}", "set 0"]


def test_a_search_without_luck_stops_and_offers_to_look_further(owner, team, monkeypatch):
    monkeypatch.setattr(trail, "LOOKED_AT", 3)
    for number in range(10):
        write(team, owner, f"set {number}")
    found = trail.page(team, "set 0".replace(" ", "_"))
    assert (found.entries, found.next is not None) == ([], True)


@pytest.mark.parametrize("thing", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_the_csv_is_a_formula(owner, team, signed_in, thing):
    write(team, owner, thing)
    header, _, row = downloaded(signed_in(owner))  # the download itself stands in the log first
    assert row[header.index("thing")] == f"'{thing}"


def test_the_csv_holds_what_the_search_finds(owner, team, signed_in, monkeypatch):
    monkeypatch.setattr(trail, "BATCH", 2)
    for number in range(5):
        write(team, owner, f"wolves {number}")
    write(team, owner, "owls")
    assert len(downloaded(signed_in(owner), q="wolves")) == 1 + 5


@pytest.mark.parametrize("path", ["/team/audit/", "/team/audit.csv"])
@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_owners_read_the_log(request, role, path, signed_in):
    assert signed_in(request.getfixturevalue(role)).get(path).status_code == 404


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": "9" * 40}, {"before": "9" * 25}, {"q": "\0"}, {"group": "king"}])
def test_odd_addresses_show_a_page(owner, signed_in, query):
    assert signed_in(owner).get("/team/audit/", query).status_code == 200


def test_a_verb_without_a_sentence_is_still_told(own):
    audit.record(own, "thing.did_it", own.team)
    assert audit_words.words(AuditEntry.objects.get()) == "did it team Birds"


def test_tokens_stand_in_the_log_without_their_secret(editor, page):
    plain = actions.create_token(editor, "write", 30, name="nightly")
    assert "made the token “nightly”, which may write" in page()
    assert plain not in str(list(AuditEntry.objects.values()))


def test_signing_in_and_out_stand_in_the_log_of_each_team(client, member, team):
    ann = member("editor", "ann")
    ann.set_password(PASSWORD)
    ann.save()
    Membership.objects.create(user=ann, team=Team.objects.create(name="Other"), role="viewer")
    client.post("/login/", {"name": "ann", "password": PASSWORD})
    client.post("/logout/")
    told = AuditEntry.objects.order_by("id").values_list("team__name", "verb")
    assert list(told) == [(where, verb) for verb in ("session.start", "session.end") for where in ("Birds", "Other")]


def test_what_one_does_to_several_teams_logs_is_one_insert(editor, django_assert_num_queries):
    Membership.objects.create(user=editor, team=Team.objects.create(name="Other"), role="viewer")
    with django_assert_num_queries(2):  # the teams, and the entries
        audit.record_for(editor, "session", "session.start", editor)


def test_nobody_who_signs_out_stands_in_the_log(client, db):
    client.post("/logout/")
    assert not AuditEntry.objects.exists()


def test_the_first_owner_stands_in_the_log(client, db):
    client.post(f"/setup/{actions.setup_code()}/", {"name": "ann", "team": "Birds", "password": PASSWORD})
    assert [audit_words.words(entry) for entry in AuditEntry.objects.all()] == ["made the account ann as owner"]


def test_a_mail_address_stays_out_of_the_log(editor):
    actions.set_email(editor, "ann@example.org")
    assert AuditEntry.objects.get().verb == "password.mail"
    assert "example.org" not in str(AuditEntry.objects.values().get())


def test_the_same_mail_address_again_is_no_change(editor):
    actions.set_email(editor, "")
    assert not AuditEntry.objects.exists()


def test_a_browser_that_was_signed_out_is_named(editor, signed_in):
    signed_in(editor)
    actions.end_session(editor, Session.objects.get().handle)
    assert audit_words.words(AuditEntry.objects.get()).startswith("signed ")
