"""Which images a table is about, and by which column it names them."""

from __future__ import annotations

from collections.abc import Mapping

from classifier.data.layouts.keys import best_key
from classifier.data.layouts.manifest import Manifest
from classifier.data.layouts.roles import Roles, by_name, column_of, roles
from classifier.data.layouts.scope import scope_of
from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import GROUP_COLUMNS, same
from classifier.data.survey import Survey


def about_images(table: Table, found: Survey) -> Manifest | None:
    """The table as what says something of these images, though not what they show; None where it names none of them."""
    scope = scope_of(table, found.folders)
    best = best_key(table, [path for path in found.sample if scope.holds(path)], None)
    if best is None:
        return None
    column, key, _ = best
    return Manifest(table, key, Roles(column, None, None, by_name(table, GROUP_COLUMNS, {column})), scope)


def manifest_of(table: Table, found: Survey, asked: Mapping[str, str | None]) -> Manifest | None:
    """The table as what may say where images belong; None where it names none of them."""
    scope = scope_of(table, found.folders)
    within = [path for path in found.sample if scope.holds(path)]
    only = [column_of(table, name)] if (name := asked.get("path")) else None
    best = best_key(table, within, only)
    if best is None:
        return None
    column, key, _ = best
    asked = {role: name for role, name in asked.items() if role in ("label", "split", "group")}
    return Manifest(table, key, roles(table, column, asked), scope, asked)


def like(table: Table, other: Manifest, found: Survey) -> Manifest:
    """A table that names its images as another of the same columns does."""
    key = other.key._replace(folder=same(table.path.rpartition("/")[0]))
    return Manifest(table, key, other.roles, scope_of(table, found.folders), other.asked, trusted=True)
