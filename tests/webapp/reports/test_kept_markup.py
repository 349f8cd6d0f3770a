"""The markup of notes and comments is made when they are saved, kept, and made anew for a new renderer; long talk comes by pages."""

from __future__ import annotations

import re

import pytest

from webapp.reports import actions, queries
from webapp.reports.models import Comment, Report


def ids_in(answer) -> list[str]:
    return re.findall(r'id="comment-(0\w{19})"', answer.content.decode())


@pytest.fixture
def talk(report, editor, actor_of) -> list[str]:
    """The ids of more comments than one page has, oldest first."""
    return [actions.comment(actor_of(editor), report, f"No **{n}**").id for n in range(queries.COMMENTS_AT_ONCE + 3)]


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """The texts that were parsed."""
    seen: list[str] = []
    real = actions.rendering.markdown
    monkeypatch.setattr(actions.rendering, "markdown", lambda text: (seen.append(text), real(text))[1])
    return seen


def test_reading_parses_nothing(report, editor, signed_in, actor_of, parsed):
    actions.comment(actor_of(editor), report, "**bold** words")
    actions.edit(actor_of(editor), report, title="T", notes="_leaning_ words", tags=[])
    parsed.clear()
    page = signed_in(editor).get(f"/reports/{report.id}/").content
    assert b"<strong>bold</strong>" in page and b"<em>leaning</em>" in page and parsed == []


def test_what_another_renderer_made_is_made_anew_once(report, editor, signed_in, actor_of, parsed):
    made = actions.comment(actor_of(editor), report, "**bold**")
    Comment.objects.update(html="<script>old()</script>", renderer="older")
    parsed.clear()
    pages = [signed_in(editor).get(f"/reports/{report.id}/").content for _ in range(2)]
    assert all(b"<strong>bold</strong>" in page and b"old()" not in page for page in pages)
    assert parsed.count("**bold**") == 1 and "<strong>" in Comment.objects.get(pk=made.pk).html


def test_what_was_written_before_markup_was_kept_is_shown_too(report, editor, signed_in):
    Report.objects.update(notes="**old** notes", html="", renderer="")
    assert b"<strong>old</strong>" in signed_in(editor).get(f"/reports/{report.id}/").content


def test_a_change_meanwhile_is_not_covered_by_older_markup(report, editor, actor_of):
    actions.comment(actor_of(editor), report, "first")
    Comment.objects.update(renderer="older")
    read = Comment.objects.get()
    actions.edit_comment(actor_of(editor), Comment.objects.get(), "second")
    assert "first" in actions.html_of(read) and "second" in Comment.objects.get().html


def test_a_changed_text_has_its_own_markup(report, editor, actor_of):
    made = actions.comment(actor_of(editor), report, "first")
    actions.edit_comment(actor_of(editor), made, "*second*")
    assert Comment.objects.get().html.strip() == "<p><em>second</em></p>"


def test_a_page_shows_the_newest_comments_and_the_way_to_earlier_ones(talk, report, editor, signed_in):
    answer = signed_in(editor).get(f"/reports/{report.id}/")
    assert ids_in(answer) == talk[3:] and f"earlier/?before={talk[3]}" in answer.content.decode()


def test_earlier_comments_come_to_their_end(talk, report, editor, signed_in):
    answer = signed_in(editor).get(f"/reports/{report.id}/comments/earlier/?before={talk[3]}")
    assert ids_in(answer) == talk[:3] and b"before=" not in answer.content and b'id="earlier" hx-swap-oob' in answer.content


def test_without_scripts_a_link_leads_to_earlier_comments(talk, report, editor, signed_in):
    answer = signed_in(editor).get(f"/reports/{report.id}/?before={talk[3]}")
    assert ids_in(answer) == talk[:3] and b'data-of="comments"' not in answer.content


@pytest.mark.parametrize("before", ["", "x", "\0", "%", "0" * 20_000])
def test_a_place_that_is_none_gives_the_newest(before, talk, report, editor, signed_in):
    answer = signed_in(editor).get(f"/reports/{report.id}/comments/earlier/", {"before": before})
    assert answer.status_code == 200 and ids_in(answer) == talk[3:]
