"""Every address that changes something leaves an entry in the audit log, or stands in the table with why it leaves none."""

from __future__ import annotations

import ast
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.access.audited import CHANGING, RECORDED, SHOWN_BY, SILENT
from tests.access.routes import CALLS, PAGES
from tests.access.test_pages_and_calls import call
from webapp.accounts.audit_words import GROUPS, WORDS
from webapp.core.home import CHECKOUT

WRITERS = {"record", "record_of", "record_each", "record_for", "record_server", "record_stranger", "write", "tell"}


def verbs_of(tree: ast.AST) -> set[str]:
    """The verbs that a module's calls write down."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node.func) in WRITERS]
    texts = [argument.value for call in calls for argument in call.args if isinstance(argument, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", text)}


def name_of(called: ast.expr) -> str:
    """The last part of what is called."""
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def written() -> set[str]:
    """Every verb that the product writes down."""
    modules = (CHECKOUT / "webapp").rglob("*.py")
    return set().union(*(verbs_of(ast.parse(path.read_text(encoding="utf-8"))) for path in modules))


def recorded(queries: CaptureQueriesContext) -> list[str]:
    """The entries that were written, as SQL."""
    return [query["sql"] for query in queries.captured_queries if query["sql"].startswith('INSERT INTO "accounts_auditentry"')]


def test_every_address_that_changes_something_stands_in_one_table():
    assert {*RECORDED, *SHOWN_BY, *SILENT} >= CHANGING
    assert len({*RECORDED, *SHOWN_BY, *SILENT}) == len(RECORDED) + len(SHOWN_BY) + len(SILENT)


@pytest.mark.parametrize("name", RECORDED)
def test_what_an_address_changes_stands_in_the_log(name, sides, browser_of, token_of):
    audited, route = RECORDED[name], {**PAGES, **CALLS}[name]
    side = sides[audited.whose]
    audited.before(side)
    field, _, thing = audited.named.partition("=")
    named = {field: side.ids[thing or field]} if field else {}
    token = token_of("owner", "write") if " " in name else ""
    client = browser_of("owner")
    with CaptureQueriesContext(connection) as queries:
        answer = call(client, name, route._replace(body={**route.body, **audited.body, **named}), side, token)
    assert any(f"'{audited.verb}'" in sql for sql in recorded(queries)), (answer.status_code, recorded(queries), answer.content[:300])


@pytest.mark.parametrize("name", SILENT)
def test_what_changes_nothing_leaves_nothing_in_the_log(name, sides, browser_of, token_of):
    token = token_of("owner", "write") if " " in name else ""
    with CaptureQueriesContext(connection) as queries:
        call(browser_of("owner"), name, {**PAGES, **CALLS}[name], sides["own"], token)
    assert recorded(queries) == []


def test_every_verb_that_is_written_has_a_sentence_and_a_group():
    assert written() <= set(WORDS)
    assert {verb.partition(".")[0] for verb in WORDS} <= set(GROUPS)


def test_every_sentence_is_of_a_verb_that_is_written():
    assert set(WORDS) - written() == {"experiment.cancel"}  # of older entries


def test_what_shows_the_rest_is_there():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py"))
    assert [test for _, test in SHOWN_BY.values() if f"def {test}(" not in tests] == []
