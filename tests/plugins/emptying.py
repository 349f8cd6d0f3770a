"""How the tables are emptied after a test that commits: those alone that hold rows.

Django's flush goes through all of them whatever a test wrote, and fills its tables of content types and permissions anew, which takes a
tenth of a second with SQLite and half of one with PostgreSQL; no test changes what stands in those two.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import TransactionTestCase

KEPT = {"django_migrations", "django_content_type", "auth_permission"}  # as the migrations left them


def filled(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The tables with rows, but for those that are kept."""
    connection = connections[alias]
    tables = sorted({*connection.introspection.django_table_names(only_existing=True, include_views=False)} - KEPT)
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in tables))
        return [table for (table,) in cursor.fetchall()]


def empty(alias: str = DEFAULT_DB_ALIAS) -> None:
    """No row is left. All in one transaction: what refers to what is looked at in its end."""
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        for table in filled(alias):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def teardown(case: Any) -> None:
    """In place of Django's own, for tests that ask for nothing special."""
    for alias in case._databases_names(include_mirrors=False):
        empty(alias)


def install() -> None:
    """For every test of this process that commits."""
    TransactionTestCase._fixture_teardown = teardown
