"""Bytes that are no text are said beside the field of a form, and kept nowhere."""

from __future__ import annotations

import pytest

from webapp.accounts.models import Team
from webapp.core.texts import halves

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(("path", "field"), [("/account/teams/", "team"), ("/account/tokens/", "name"), ("/login/", "name")])
def test_a_form_says_which_field_could_not_be_read(path, field, owner, signed_in, client):
    browser = client if path == "/login/" else signed_in(owner)
    body = f"{field}=a%ED%A0%80&scope=read&password=long+enough"
    answer = browser.generic("POST", path, body, content_type=FORM)
    assert answer.status_code == 422 and b"It holds bytes that are no UTF-8 text" in answer.content and Team.objects.count() == 1


def test_the_launch_form_says_it_too(editor, signed_in):
    answer = signed_in(editor).generic("POST", "/experiments/preview/", "name=a%ED%A0%80&epochs=1", content_type=FORM)
    assert answer.json()["errors"]["name"] == "Holds bytes that are no UTF-8 text; send it as UTF-8."


def test_every_half_is_found_by_its_place():
    value = {"a": ["x", "\ud800"], "b": {"\udc00": 1, "c": "\U0001f41f"}, "d": 2}
    assert list(halves(value)) == [("a", "1"), ("b", "\ufffd")]
