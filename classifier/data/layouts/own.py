"""Tables of versions that were downloaded: what they repeat of each image (its hash, its size, the readable name of its class) is no
metadata of it, and what was metadata is again, under the name that it had."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.data.layouts.exports import loaded
from classifier.data.layouts.tables import Table
from classifier.metrics.predictions import unquoted

# As webapp.datasets.downloads writes them: an imagefolder's list, and the table of a version.
LISTINGS = (
    ("file_name", "label", "name", "sha256", "path"),
    ("file_name", "label", "split", "name", "sha256", "path"),
    ("path", "label", "name", "split", "sha256", "width", "height"),
)
SAYS = ("label", "split")  # beside the first column; the others repeat
NESTED = "metadata"  # of JSON lines: an object of all further columns


@dataclass(frozen=True)
class OwnTable(Table):
    """The same rows, with the columns that say something."""

    inner: Table | None = None
    places: tuple[tuple[int, str | None], ...] = ()  # of each column: where it stands, and under which key of an object there

    def rows(self) -> Iterator[Sequence[str]]:
        """As of any table; cells of a CSV without the mark that keeps spreadsheets from running them."""
        assert self.inner is not None
        read = unquoted if self.delimiter else str
        for row in self.inner.rows():
            objects = {place: inside(row[place]) for place, key in self.places if key is not None}
            yield [read(row[place]) if key is None else objects[place].get(key, "") for place, key in self.places]


def as_written(table: Table | None) -> Table | None:
    """The table; one that this program wrote without what it repeats."""
    listing = next((names for names in LISTINGS if table and table.header and table.columns[: len(names)] == names), None)
    if table is None or listing is None:
        return table
    kept: list[tuple[str, int, str | None]] = [(name, place, None) for place, name in enumerate(listing) if not place or name in SAYS]
    more = list(enumerate(table.columns))[len(listing) :]
    if [name for _, name in more] == [NESTED] and not table.delimiter:
        kept += [(key, more[0][0], key) for key in keys(table, more[0][0]) if key not in {name for name, _, _ in kept}]
    else:
        repeated = set(listing) - {name for name, _, _ in kept}
        kept += [(called(name, repeated), place, None) for place, name in more]
    columns = tuple(name for name, _, _ in kept)
    plain = {field: getattr(table, field) for field in ("path", "header", "delimiter", "text", "bad")}
    return OwnTable(**plain, columns=columns, inner=table, places=tuple((place, key) for _, place, key in kept))


def called(name: str, repeated: set[str]) -> str:
    """A column by its own name: where a column of the list had it already, it went by a number ("name_2")."""
    found = re.fullmatch(r"(.+)_2", name)
    return found[1] if found and found[1] in repeated else name


def keys(table: Table, place: int) -> list[str]:
    """Of the objects in the first rows, in their order."""
    return list(dict.fromkeys(key for row in table.first for key in inside(row[place])))


def inside(cell: str) -> dict[str, str]:
    """An object's cells as texts; empty for what is none."""
    try:
        found = loaded(cell) if cell else {}
    except (ValueError, RecursionError):
        return {}
    told = found if isinstance(found, dict) else {}
    return {str(key): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in told.items()}
