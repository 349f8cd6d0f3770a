"""Which images a table can be about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from classifier.data.layouts.tables import Table
from classifier.data.layouts.words import last_split_of, split_in, split_of
from classifier.spec.events import Split


@dataclass(frozen=True)
class Scope:
    """Which images a table can be about: those of its split's folders, and those below its own folder, where there are any."""

    split: Split | None  # that the table's name or folder means
    folder: str = ""
    by_split: bool = False
    last_word: bool = False  # folders of splits begin with the set's name: cars_train

    def holds(self, path: str) -> bool:
        if self.folder and not path.startswith(f"{self.folder}/"):
            return False
        return not self.by_split or any(self.split_of(part) == self.split for part in path.split("/")[:-1])

    def split_of(self, folder: str) -> Split | None:
        return split_of(folder) or (last_split_of(folder) if self.last_word else None)


def scope_of(table: Table, folders: Iterable[str]) -> Scope:
    """By all folders that hold images: a few of a small split are seldom among the images that are looked at."""
    folder, _, name = table.path.rpartition("/")
    split = split_in(name) or next((found for part in reversed(folder.split("/")) if (found := split_of(part))), None)
    paths = [f"{other}/x" for other in folders]
    own = folder if folder and any(path.startswith(f"{folder}/") for path in paths) else ""
    if not split:
        return Scope(split, own)
    by_split, by_word = Scope(split, own, by_split=True), Scope(split, own, by_split=True, last_word=True)
    if any(by_split.holds(path) for path in paths):
        return by_split
    words = {last_split_of(part) for path in paths for part in path.split("/")[:-1]}  # of one split alone it may be any word
    return by_word if len(words - {None}) > 1 and any(by_word.holds(path) for path in paths) else Scope(split, own)
