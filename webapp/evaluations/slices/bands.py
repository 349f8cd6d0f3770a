"""Of each sample of a version the fifth of its number in a column of very many numbers, and the ending of its file's name.

    cards/bands-NUMBER-FORMAT.npy   uint8 [columns + 1][N]: places among the values that the version's card tells; NONE where it has none

They stand in files of lines, which take seconds of a million images: so they are read once, when an evaluation ends, and kept beside
the version's card. What is kept goes with the card, where an image is erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from classifier.metrics.whole import UNREADABLE
from webapp.core.kept import keep
from webapp.datasets import packs
from webapp.datasets.browsing import columns
from webapp.datasets.cards import files as cards
from webapp.datasets.cards import numbers
from webapp.datasets.models import Dataset, DatasetVersion

NONE: Final = 255
LIGHT: Final = 100_000  # images of a version of which a page reads them itself
OTHERS: Final = "others"  # endings beyond the commonest


class Bands(NamedTuple):
    """Of one column, or of the endings: its values, and of each sample the place of its own."""

    values: list[str]
    codes: np.ndarray  # uint8 [N]


class Kept(NamedTuple):
    """What a version has of them; `endings` is None where all files are called by one."""

    columns: dict[str, Bands]
    endings: Bands | None


NOTHING: Final = Kept({}, None)


def of(version: DatasetVersion, *, ahead: bool = False) -> Kept:
    """As far as they are known; read now where that takes no page long, or with `ahead`."""
    if not ahead and not are_known(version):
        return NOTHING
    card = cards.looked_up(version)
    told = of_numbers(card)
    endings = named_endings(card)
    if not told and len(endings) < 2:
        return NOTHING
    codes = read(version, len(told) + 1)
    if codes is None:
        codes = made(version, told, endings)
        keep(kept_in(version), lambda file: np.save(file, codes, allow_pickle=False))
    found = {one["column"]: Bands(list(one["values"]), codes[place]) for place, one in enumerate(told)}
    return Kept(found, Bands(endings, codes[-1]) if len(endings) > 1 else None)


def are_known(version: DatasetVersion) -> bool:
    """Whether a page is told all of them: of a large version they are read when an evaluation ends."""
    return version.images <= LIGHT or (cards.kept_in(version).exists() and kept_in(version).exists())


def of_numbers(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The columns of numbers that a card tells by fifths."""
    return [one for one in card["groups"] if "lows" in one]


def named_endings(card: dict[str, Any]) -> list[str]:
    """Those that a card tells, and one for the rest."""
    return [*card["endings"], OTHERS] if len(card["endings"]) > 1 else []


def kept_in(version: DatasetVersion) -> Path:
    return cards.kept_in(version).with_name(f"bands-{version.number}-{cards.FORMAT}.npy")


def read(version: DatasetVersion, rows: int) -> np.ndarray | None:
    """What is kept, mapped; None where it is not, or of another card."""
    try:
        found = np.load(kept_in(version), mmap_mode="r", allow_pickle=False)
    except UNREADABLE:
        return None
    return found if found.dtype == np.uint8 and found.ndim == 2 and len(found) == rows else None


def forget(dataset: Dataset) -> None:
    """Of all its versions: whose image is erased must be in none of them."""
    for path in (dataset.folder / "cards").glob("bands-*"):
        path.unlink(missing_ok=True)


def made(version: DatasetVersion, told: list[dict[str, Any]], endings: list[str]) -> np.ndarray:
    """uint8 [columns + 1][N], read line by line."""
    length = len(packs.table(version.folder))
    codes = np.full((len(told) + 1, length), NONE, np.uint8)
    if told:
        fill_numbers(codes, version.folder, told)
    if len(endings) > 1:
        places = {value: place for place, value in enumerate(endings)}
        rest = places[OTHERS]
        with (version.folder / "paths.txt").open(encoding="utf-8") as lines:
            found = (places.get(cards.ending(line.rstrip("\n")[1:-1]), rest) for line in lines)
            codes[-1] = np.fromiter(found, np.uint8, length)
    return codes


def fill_numbers(codes: np.ndarray, folder: Path, told: list[dict[str, Any]]) -> None:
    """The fifth of each number, by the card's own rule."""
    names = columns.names_of(folder)
    readers = [(names.index(one["column"]), place, reader(one)) for place, one in enumerate(told)]
    for position, cells in enumerate(lines_of(folder / "metadata.jsonl", codes.shape[1])):
        for column, place, code in readers:
            codes[place, position] = code(cells[column] if column < len(cells) else "")


def lines_of(path: Path, most: int) -> Iterator[list[str]]:
    """The cells of each sample."""
    with path.open(encoding="utf-8") as lines:
        for _, line in zip(range(most), lines, strict=False):
            yield json.loads(line)


def reader(told: dict[str, Any]) -> Any:
    """What says of a cell which place its value has."""
    places = {value: place for place, value in enumerate(told["values"])}
    band = numbers.reader(told, cards.LONGEST_VALUE)
    return lambda cell: places.get(band(cell), NONE)
