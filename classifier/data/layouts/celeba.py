"""CelebA's lists by number: who is on an image, and in which split it is (Liu et al., "Deep learning face attributes", 2015)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from classifier.data.layouts.tables import Table
from classifier.spec.events import Split

PARTITION, IDENTITY = "list_eval_partition", "identity_celeba"
SPLITS: dict[str, Split] = {"0": "train", "1": "validation", "2": "test"}
PERSON = "person"
ROLES: Mapping[str, Mapping[str, str | None]] = {PARTITION: {"label": None, "split": "split"}, IDENTITY: {"label": None, "group": PERSON}}


def stem(path: str) -> str:
    return PurePosixPath(path).stem.casefold()


def named(tables: Mapping[str, Table], folders: Iterable[str]) -> dict[str, Table]:
    """The same tables; CelebA's lists by number in words, where its name stands on another file or a folder too."""
    if not any("celeba" in place.casefold() for place in [*folders, *(path for path in tables if stem(path) != PARTITION)]):
        return dict(tables)
    return {path: in_words(path, table) for path, table in tables.items()}


def in_words(path: str, table: Table) -> Table:
    column = {PARTITION: "split", IDENTITY: PERSON}.get(stem(path))
    if column is None or len(table.columns) != 2:
        return table
    rows = [(row[0].strip(), row[1].strip()) for row in table.rows()]
    if column == "split" and not {cell for _, cell in rows} <= SPLITS.keys():
        return table
    return replace(table, columns=("image_id", column), header=True, delimiter="\t", text=text_of(column, rows), bad={})


def text_of(column: str, rows: Sequence[tuple[str, str]]) -> str:
    told = SPLITS if column == "split" else {}
    return f"image_id\t{column}\n" + "".join(f"{name}\t{told.get(cell, cell)}\n" for name, cell in rows)


def asked_of(table: Table, asked: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """What the columns of one of these lists are, unless they were chosen."""
    roles = ROLES.get(stem(table.path), {})
    fit = roles and set(filter(None, roles.values())) <= set(table.columns) and not any(asked.values())
    return roles if fit else asked
