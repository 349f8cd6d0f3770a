"""The tree of nouns above the classes of ImageNet-1K (WordNet 3.0): which of them are dogs, which are boats."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

TREE = Path(__file__).with_name("synset_tree.txt")


class Synset(NamedTuple):
    """One line of the file."""

    above: str  # its id; empty at the root
    name: str  # empty of a class, which its dataset names


@lru_cache(maxsize=1)
def tree() -> dict[str, Synset]:
    """{synset id: what stands above it}."""
    lines = (line.split(" ", 2) for line in TREE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {id: Synset("" if above == "-" else above, *name) if name else Synset(above, "") for id, above, *name in lines}


def path(id: str) -> list[str]:
    """The synsets above one, from the root down, itself last; none of an id that is not in the tree."""
    known, found = tree(), list[str]()
    while id in known:
        found.append(id)
        id = known[id].above
    return found[::-1]
