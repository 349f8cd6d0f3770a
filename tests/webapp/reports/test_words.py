"""Title, notes, tags and comments: who may write them, what they become, and what happens when two write at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from webapp.accounts.models import AuditEntry
from webapp.core.ids import new_id
from webapp.reports import actions
from webapp.reports.models import Comment, Report, Tag
from webapp.reports.views import change

SECOND = {"title": "Mine", "notes": "my **own** words", "tags": "mine"}


@pytest.fixture
def nudges(monkeypatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: sent.append(team_id))
    return sent


def edit(client, report, revision: int = 0, **changes: str):
    return client.post(f"/reports/{report.id}/edit/", {"title": "T", "notes": "", "tags": "", "revision": revision} | changes)


def test_typed_tags_are_words_in_lower_case_each_once(signed_in, editor, report):
    edit(signed_in(editor), report, tags=" Self Checkout, #fruit,,SELF  checkout ,Ｆｒｕｉｔ")
    assert list(Tag.objects.values_list("name", flat=True)) == ["fruit", "self checkout"]


@pytest.mark.parametrize("tag", ["red, green", "red，green", "", " # ", "x" * 31, "a\0b"])
def test_a_tag_that_is_none_is_named_and_never_altered(tag, actor_of, editor, report):
    edited = actions.edit(actor_of(editor), report, title="T", notes="", tags=["fine", tag])
    assert repr(tag) in edited.wrong["tags"] and not Tag.objects.exists()


def test_tags_are_replaced_by_those_that_were_saved(signed_in, editor, report):
    client = signed_in(editor)
    edit(client, report, 0, tags="one, two")
    edit(client, report, 1, tags="two, three")
    assert list(Tag.objects.values_list("name", flat=True)) == ["three", "two"]


@pytest.mark.parametrize("tags", [",".join("abcdefghijk"), "x" * 31])
def test_too_many_or_too_long_tags_are_named(tags, signed_in, editor, report):
    answer = edit(signed_in(editor), report, tags=tags)
    assert answer.status_code == 422 and answer.context["field_errors"].keys() == {"tags"} and not Tag.objects.exists()


def test_who_saves_second_is_told_and_keeps_both_texts(signed_in, editor, owner, report):
    edit(signed_in(owner), report, title="Theirs", notes="their words", tags="theirs")
    answer = edit(signed_in(editor), report, **SECOND)
    text = answer.content.decode()
    assert answer.status_code == 409 and "their words" in text and "my **own** words" in text
    assert Report.objects.get().notes == "their words"


def test_saving_again_after_that_puts_ones_own_in_place(signed_in, editor, owner, report):
    edit(signed_in(owner), report, notes="their words")
    answer = edit(signed_in(editor), report, **SECOND)
    edit(signed_in(editor), report, answer.context["report"].revision, **SECOND)
    assert Report.objects.get().notes == "my **own** words"


def test_who_is_overtaken_while_saving_sees_what_the_faster_one_saved(report, editor, owner, actor_of):
    begun = Report.objects.get()
    actions.edit(actor_of(owner), report, title="Theirs", notes="their words", tags=[], revision=0)
    edited = actions.edit(actor_of(editor), begun, title="Mine", notes="", tags=[], revision=0)
    assert edited.stale and (begun.title, begun.revision) == ("Theirs", 1)


def test_notes_are_shown_as_markdown(signed_in, editor, report):
    client = signed_in(editor)
    edit(client, report, notes="so **strong**")
    assert "so <strong>strong</strong>" in client.get(f"/reports/{report.id}/").content.decode()


def test_the_preview_is_what_would_be_shown(signed_in, viewer):
    answer = signed_in(viewer).post("/reports/preview/", {"text": "# Hello <script>"})
    assert answer.content.decode().strip() == "<h2>Hello &lt;script&gt;</h2>"


@pytest.mark.parametrize(("role", "status"), [("owner", 302), ("editor", 302), ("viewer", 403), ("outsider", 404)])
def test_who_may_edit(role, status, signed_in, request, report):
    assert edit(signed_in(request.getfixturevalue(role)), report).status_code == status


@pytest.mark.parametrize(("role", "status"), [("owner", 302), ("editor", 302), ("viewer", 302), ("outsider", 404)])
def test_who_may_comment(role, status, signed_in, request, report):
    client = signed_in(request.getfixturevalue(role))
    assert client.post(f"/reports/{report.id}/comments/", {"text": "Hm."}).status_code == status
    assert Comment.objects.count() == (status == 302)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 5001, "a\0b"])
def test_a_comment_that_is_none_is_refused_with_a_sentence(text, signed_in, viewer, report):
    client = signed_in(viewer)
    quiet = client.post(f"/reports/{report.id}/comments/", {"text": text}, headers={"Accept": "application/json"})
    assert quiet.status_code == 422 and "1 to 5,000" in quiet.json()["errors"]["text"]
    assert client.post(f"/reports/{report.id}/comments/", {"text": text}).status_code == 422 and not Comment.objects.exists()


@pytest.fixture
def comment(report, viewer, actor_of) -> Comment:
    return actions.comment(actor_of(viewer), report, "first")


@pytest.mark.parametrize(("role", "status"), [("viewer", 302), ("editor", 403), ("owner", 403), ("outsider", 404)])
def test_a_comment_is_changed_by_its_author_alone(role, status, signed_in, request, comment):
    answer = signed_in(request.getfixturevalue(role)).post(f"/reports/comments/{comment.id}/edit/", {"text": "second"})
    assert answer.status_code == status and Comment.objects.get().text == ("second" if status == 302 else "first")


@pytest.mark.parametrize(("role", "status"), [("viewer", 302), ("editor", 403), ("owner", 302), ("outsider", 404)])
def test_a_comment_is_taken_away_by_its_author_or_an_owner(role, status, signed_in, request, comment):
    answer = signed_in(request.getfixturevalue(role)).post(f"/reports/comments/{comment.id}/delete/")
    assert answer.status_code == status and Comment.objects.exists() == (status != 302)


def test_a_random_comment_is_not_there(signed_in, viewer, comment):
    client = signed_in(viewer)
    assert {client.post(f"/reports/comments/{new_id()}/{verb}/").status_code for verb in ("edit", "delete")} == {404}


def test_comments_stand_in_order_with_the_newest_last(signed_in, viewer, report, comment, actor_of, owner):
    actions.comment(actor_of(owner), report, "second")
    shown = signed_in(viewer).get(f"/reports/{report.id}/").context["comments"]
    assert [entry["comment"].text for entry in shown] == ["first", "second"]


def test_a_comment_that_is_sent_again_stands_once(report, comment, actor_of, viewer):
    assert actions.comment(actor_of(viewer), report, " first\r\n") == comment == Comment.objects.get()


def test_the_same_is_said_again_by_another_later_or_after_an_answer(report, comment, actor_of, owner, viewer):
    actions.comment(actor_of(owner), report, "first")
    actions.comment(actor_of(viewer), report, "first")
    Comment.objects.update(created_at=Now() - timedelta(minutes=11))
    actions.comment(actor_of(viewer), report, "first")
    assert Comment.objects.count() == 4


def test_markup_in_a_comment_stays_text(signed_in, viewer, report):
    client = signed_in(viewer)
    client.post(f"/reports/{report.id}/comments/", {"text": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get(f"/reports/{report.id}/").content.decode()


def test_nothing_comes_while_nothing_moved(signed_in, viewer, report, comment):
    report.refresh_from_db()
    client = signed_in(viewer)
    assert client.get(f"/reports/{report.id}/live/", {"moves": report.moves}).status_code == 204
    assert "first" in client.get(f"/reports/{report.id}/live/", {"moves": report.moves - 1}).content.decode()


def test_what_moved_holds_no_links_for_a_viewer(signed_in, viewer, editor, report, actor_of):
    actions.share(actor_of(editor), report, 7)
    assert "Revoke" not in signed_in(viewer).get(f"/reports/{report.id}/live/").content.decode()
    assert "Revoke" in signed_in(editor).get(f"/reports/{report.id}/live/").content.decode()


def test_each_change_moves_the_report_and_nudges_its_team(nudges, django_capture_on_commit_callbacks, report, editor, viewer, actor_of):
    with django_capture_on_commit_callbacks(execute=True):
        actions.edit(actor_of(editor), report, title="T", notes="", tags=[])
        made = actions.comment(actor_of(viewer), report, "first")
        actions.edit_comment(actor_of(viewer), made, "second")
        actions.delete_comment(actor_of(viewer), made)
        link, _ = actions.share(actor_of(editor), report, 7)
        actions.revoke(actor_of(editor), link)
    report.refresh_from_db()
    assert report.moves == 6 and nudges == [report.team_id] * 6


def test_editing_and_commenting_are_written_down(report, editor, viewer, actor_of):
    actions.edit(actor_of(editor), report, title="T", notes="", tags=[])
    actions.comment(actor_of(viewer), report, "first")
    told = AuditEntry.objects.order_by("id").values_list("name", "verb", "subject")
    assert list(told) == [("editor", "report.edit", "T"), ("viewer", "report.comment", "T")]


def test_previews_without_end_are_held_off_with_a_sentence(signed_in, viewer):
    client = signed_in(viewer)
    change.PREVIEWS.forget(str(viewer.pk))
    answers = [client.post("/reports/preview/", {"text": "a"}) for _ in range(change.PREVIEWS.tries + 1)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert "try again in 1 minute" in answers[-1].content.decode() and answers[-1].headers["Retry-After"]
    change.PREVIEWS.forget(str(viewer.pk))
