"""The gallery's filters as a round keeps them: by the names of classes and columns, which mean the same in the next version.

`LabelRound.about` has label, splits and search, and where more was chosen "more": {"least", "most": pixels of the shorter side,
"finding": a kind of the newest check, "where": [[column, value], …]}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np

from classifier.spec.errors import InputError
from webapp.datasets import packs
from webapp.datasets.browsing import columns
from webapp.datasets.browsing.listing import listing
from webapp.datasets.browsing.wanted import Wanted
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality.words import KIND_WORDS

NOT_HERE = "The images of this dataset are not on this server."


def can_label(version: DatasetVersion, wanted: Wanted) -> bool:
    """Whether a round can be over what a gallery shows: a class that only the draft has, and what it changed, are no source."""
    return not wanted.changed and (wanted.label is None or wanted.label < len(version.classes))


def more_of(version: DatasetVersion, wanted: Wanted) -> dict[str, Any]:
    """What is chosen beside class, splits and path, as a round keeps it; empty where nothing is."""
    known = columns.of(version.folder).columns
    where = [[known[column].name, cell] for column, cell in wanted.cells if column < len(known)]
    told = {"least": wanted.least, "most": wanted.most, "finding": wanted.finding, "where": where}
    return {name: value for name, value in told.items() if value}


def wanted_of(version: DatasetVersion, about: Mapping[str, Any]) -> Wanted | None:
    """The same as a gallery of that version takes it; None where it has not the class or the column any more."""
    more = about.get("more", {})
    numbers = {entry["label"]: number for number, entry in enumerate(version.classes)}
    places = {column.name: place for place, column in enumerate(columns.of(version.folder).columns)} if more.get("where") else {}
    if (about["label"] and about["label"] not in numbers) or any(name not in places for name, _ in more.get("where", ())):
        return None
    return Wanted(
        label=numbers[about["label"]] if about["label"] else None,
        splits=tuple(about["splits"]),
        search=about["search"],
        least=more.get("least"),
        most=more.get("most"),
        finding=more.get("finding", ""),
        cells=tuple((places[name], cell) for name, cell in more.get("where", ())),
    )


def query(version: DatasetVersion, about: Mapping[str, Any]) -> str:
    """The address of a gallery that shows a round's images, behind the `?`; empty where that is all of them."""
    wanted = wanted_of(version, about)
    return urlencode(wanted.query()) if wanted else ""


def words(more: Mapping[str, Any]) -> list[str]:
    """ "site: north", "from 64 pixels", "much darker than the others"."""
    told = [f"{name}: {cell or '(empty)'}" for name, cell in more.get("where", ())]
    told += [f"from {more['least']:,} pixels"] if more.get("least") else []
    told += [f"up to {more['most']:,} pixels"] if more.get("most") else []
    return told + ([KIND_WORDS[more["finding"]].title.lower()] if more.get("finding") else [])


def positions(version: DatasetVersion, about: Mapping[str, Any]) -> np.ndarray:
    """All images of the version that are chosen, in their order; some milliseconds for a million, and kept for who asks again."""
    wanted = wanted_of(version, about)
    if wanted is None:
        return np.empty(0, np.uint32)
    try:
        return listing(version, None, wanted, to_the_end=True).positions
    except packs.Missing:
        raise InputError(NOT_HERE, code="gone") from None
