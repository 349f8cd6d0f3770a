"""What `revise` does over all samples at once: splits cut anew, and classes brought to a size."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.data.changes import Change
from classifier.data.limits import Limit, beyond, told
from classifier.data.split import Sample, Shares, Ties, check_shares, cut, group_pattern, groups_of, roots
from classifier.data.survey import STOPPED
from classifier.data.together import alike
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS
from classifier.spec.packfile import IN_NO_SPLIT
from classifier.spec.words import plural

if TYPE_CHECKING:
    from classifier.data.revise import Revision

TRAIN, TEST = SPLITS.index("train"), SPLITS.index("test")
NAMED_COLUMNS = 20  # in a sentence


def cut_anew(revision: Revision, change: Change) -> None:
    """Cuts the splits of all that is kept; with keep_test the test split stays as it is and the rest is cut."""
    check_shares(change["shares"])
    shares: Shares = dict(zip(SPLITS, change["shares"], strict=True))
    chosen = revision.splits != IN_NO_SPLIT
    if change.get("keep_test"):
        chosen &= revision.splits != TEST
        shares = {split: share for split, share in shares.items() if split != "test"}
    positions = np.flatnonzero(chosen)
    digests = revision.digests(np.arange(len(revision.splits)))
    names = groups(revision, change, positions)
    ties = looking_alike(revision) if change.get("alike") else ()
    grouped = change.get("alike") or any(name is not None for name in names)
    stays: Sequence[Any] = roots([Sample("", *row) for row in zip(digests, names, strict=True)], ties) if grouped else names
    samples = [Sample(revision.classes[revision.labels[place]], digests[place], stays[place]) for place in positions.tolist()]
    if samples:
        revision.splits[positions] = [SPLITS.index(split) for split in cut(samples, shares, change["seed"])]
    if grouped:
        revision.stays = np.array(stays, np.int64)
        if change.get("keep_test"):
            tell_torn(revision, positions)
    elif change.get("ungrouped"):
        revision.stays = None
    revision.options |= options(change)


def tell_torn(revision: Revision, chosen: np.ndarray) -> None:
    """Says how many images of those that were cut belong with a test image, which stayed where it is."""
    assert revision.stays is not None
    torn = int(np.isin(revision.stays[chosen], revision.stays[revision.splits == TEST]).sum())
    if torn:
        said = f"{torn:,} image{'s look' if torn != 1 else ' looks'} like a test image or belong{'s' * (torn == 1)} with one"
        message = f"{said}, and the test split was to stay; a check of the dataset names those that look alike"
        revision.on_event({"event": "log", "level": "warning", "message": f"{message}."})
        revision.torn_told = True


def tell_apart(revision: Revision) -> None:
    """Says how many images belong with some of train and are judged by, whatever tore them apart: a move by hand, a merge of groups, or
    splits that the source gave. What a cut has told already is not told again."""
    if revision.stays is None or revision.torn_told:
        return
    learnt = revision.stays[revision.splits == TRAIN]
    for late in ("validation", "test"):
        torn = int(np.isin(revision.stays[revision.splits == SPLITS.index(late)], learnt).sum())
        if torn:
            said = f"{plural(torn, f'{late} image')} {'belongs' if torn == 1 else 'belong'} to a group that stands in train too"
            message = f"{said}, though it was to stay together; cut the splits anew, or bring the group to one side."
            revision.on_event({"event": "log", "level": "warning", "message": message})


def options(change: Change) -> dict[str, Any]:
    """What dataset.json tells of the newest cut; of what stays together only where that was chosen anew."""
    found = {"split": change["shares"], "seed": change["seed"]}
    if any(change.get(name) for name in ("group", "column", "ungrouped")):
        found |= {"group": change.get("group") or None, "column": change.get("column") or None, "alike": False}
    return found | ({"alike": True} if change.get("alike") else {})


def groups(revision: Revision, change: Change, chosen: np.ndarray) -> Sequence[str | int | None]:
    """The group of each sample of the version; InputError where one was asked for that groups none of those at `chosen`."""
    asked = change.get("group") or change.get("column")
    if change.get("group") and change.get("column"):
        raise InputError("a cut groups by a pattern or by a column, not by both; leave one of them out.")
    names: Sequence[str | int | None]
    if change.get("group"):
        names = groups_of((revision.path(position) for position in range(len(revision.splits))), group_pattern(change["group"]))
        none = f"the group pattern '{change['group'][:60]}' matches no path; nothing would be kept together."
    elif change.get("column"):
        names = cells_of(revision, change["column"])
        none = f"the column '{change['column'][:60]}' is empty for all images; nothing would be kept together."
    elif revision.stays is not None and not change.get("ungrouped"):
        return list(revision.stays.tolist())
    else:
        return [None] * len(revision.splits)
    if asked and not any(names[position] is not None for position in chosen.tolist()):
        raise InputError(none)
    return names


def cells_of(revision: Revision, column: str) -> list[str | None]:
    """Each sample's cell of a column of the metadata, of added ones too; None for an empty one."""
    base, columns = revision.base, revision.columns
    if column not in columns:
        there = ", ".join(columns[:NAMED_COLUMNS]) or "none: it was not imported with a table"
        raise InputError(f"there is no column {column[:60]!r}; there are {there}.")
    place = columns.index(column)
    if place < len(base.about.get("columns", [])):
        with (base.folder / "metadata.jsonl").open(encoding="utf-8") as file:
            found = [json.loads(line)[place].strip() or None for line in file]
    else:
        found = [None] * len(base)  # it came with added images
    return [*found, *(cells[place].strip() or None if place < len(cells) else None for cells in revision.cells)]


def looking_alike(revision: Revision) -> Ties:
    """Pairs of positions, of images that are kept."""
    kept = np.flatnonzero(revision.splits != IN_NO_SPLIT)
    pack = revision.base.folder / "pack"
    pairs = alike(pack, revision.images[kept], revision.on_event, revision.should_stop, STOPPED)
    return ((int(kept[one]), int(kept[other])) for one, other in pairs)


def keep_beside(revision: Revision, start: int, given: Collection[str]) -> None:
    """Samples from `start` on that look like one before them go to its side, unless their path is `given` a split; they belong with it,
    and those that look alike among themselves belong together."""
    stays = np.arange(len(revision.images)) if revision.stays is None else revision.stays
    joined: dict[int, int] = {}

    def first(place: int) -> int:
        while place in joined:
            place = joined[place]
        return place

    for one, other in looking_alike(revision):
        here, there = first(int(stays[one])), first(int(stays[other]))
        if max(one, other) >= start and here != there:
            joined[max(here, there)] = min(here, there)
    if not joined:
        return
    for place in joined:
        stays[stays == place] = first(place)
    revision.stays = stays
    sides: dict[int, int] = {}
    met = {first(place) for place in joined}
    for position in np.flatnonzero(np.isin(stays, list(met)) & (revision.splits != IN_NO_SPLIT)).tolist():
        side = sides.setdefault(int(stays[position]), int(revision.splits[position]))
        if position >= start and revision.path(position) not in given:
            revision.splits[position] = side


def keep_to_limit(revision: Revision, change: Change) -> None:
    """Takes out small classes and what large ones have too much; with keep_test no test image of a class that stays."""
    if "least" not in change and "most" not in change:
        raise InputError("a limit needs least, most, or both.")
    limit = Limit(change.get("least"), change.get("most"), change.get("seed", 0))
    limit.check()
    take_out(revision, revision.splits != IN_NO_SPLIT, limit._replace(most=None))
    rest, beside = revision.splits != IN_NO_SPLIT, ""
    if change.get("keep_test"):
        rest, beside = rest & (revision.splits != TEST), " beside its test split"
    take_out(revision, rest, limit._replace(least=None), beside)
    revision.options |= {"least": limit.least, "most": limit.most}


def take_out(revision: Revision, chosen: np.ndarray, limit: Limit, beside: str = "") -> None:
    """Of the `chosen` samples (bool [N]) those that the limit leaves out, and tells each class that loses some."""
    positions = np.flatnonzero(chosen)
    labels, splits = revision.labels[positions], revision.splits[positions]
    gone = beyond(labels, splits, lambda place: revision.digests(positions[place : place + 1])[0], limit)
    numbers = np.bincount(labels, minlength=len(revision.classes)).tolist()
    revision.splits[positions[gone]] = IN_NO_SPLIT
    revision.tell(told({revision.classes[number]: count for number, count in enumerate(numbers) if count}, limit, beside))
