"""A piece of text in one column of the metadata: how a column of many values is filtered by, looked for as parts of paths are."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from webapp.datasets.browsing.paths import Search


class CellSearch(Search):
    """How far it is."""

    def __init__(self, path: Path, column: int, text: str) -> None:
        super().__init__(path, text)
        self.column = column

    def holds(self, line: bytes) -> bool:
        """The hit may stand in another column."""
        cells = json.loads(line)
        return self.column < len(cells) and self.text in str(cells[self.column]).casefold()


@lru_cache(maxsize=16)
def search(folder: Path, column: int, text: str, _erased: int) -> CellSearch:
    """As `paths.search`."""
    return CellSearch(folder / "metadata.jsonl", column, text)
