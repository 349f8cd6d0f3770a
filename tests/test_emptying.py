"""After a test that commits the tables are as the migrations left them."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import TransactionTestCase

from tests.plugins import emptying
from webapp.accounts.models import Membership, Team, User
from webapp.jobs import actions
from webapp.jobs.models import Job


def rows() -> dict[str, set[Any]]:
    """The keys of all rows, by table."""
    return {
        model._meta.db_table: {*model._base_manager.values_list("pk", flat=True)} for model in apps.get_models(include_auto_created=True)
    }


@pytest.fixture
def written(team: Team, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that refer to each other."""
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    actions.submit(team=team, user=owner, kind="train", title="First")


def test_the_tables_that_hold_rows_are_found_and_no_others(written: None) -> None:
    found = {name for name, keys in rows().items() if keys}
    assert {*emptying.filled()} == found - emptying.KEPT and {Job._meta.db_table, Membership._meta.db_table} <= found


def test_nothing_is_left_but_what_djangos_own_flush_leaves(written: None) -> None:
    emptying.empty()
    ours = rows()
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    ContentType.objects.clear_cache()  # what it made anew is taken back with this test
    assert {name: len(keys) for name, keys in ours.items()} == {name: len(keys) for name, keys in rows().items()}
    assert {name for name, keys in ours.items() if keys} <= emptying.KEPT


def test_every_test_that_commits_ends_so() -> None:
    assert TransactionTestCase._fixture_teardown is emptying.teardown
