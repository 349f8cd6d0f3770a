"""Cutting validation and test splits: stratified, seeded, and never with one group on both sides.

A pure function of seed, content, groups and ties, so that the same files give the same split whatever their order.
"""

from __future__ import annotations

import hashlib
import math
import re
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, Split

CUT_ORDER: tuple[Split, ...] = ("validation", "test", "train")  # who is served first when images are few
LARGE = 0.1  # of a class's smallest split: groups above it are hard to place, and so are placed first
GROUP_SECONDS = 60.0  # for all paths; a million take a second or two
TOO_SLOW = "--group '{}' was matched for {:.0f} s without an end. Write it without a repetition inside a repetition, such as (a+)+."
Shares = Mapping[Split, float]
Ties = Iterable[tuple[int, int]]  # pairs of positions that stay together


class Sample(NamedTuple):
    """One image to place."""

    label: str
    digest: bytes  # content hash
    group: str | int | None = None  # samples of one group stay together


def check_shares(shares: Sequence[float]) -> None:
    """Raises InputError for what are not three shares (train, validation, test; any scale) that leave something to train on."""
    right = len(shares) == 3 and all(math.isfinite(share) and share >= 0 for share in shares)
    if not right or shares[0] == 0:
        said = "/".join(f"{share:g}" for share in shares)
        raise InputError(f"--split must be three shares of at least 0, with train above 0, such as 70/15/15; {said} came.")


def quotas(count: int, shares: Shares) -> dict[Split, int]:
    """How many of a class's images each split gets; one at least in each that can be filled, train first."""
    wanted: list[Split] = [split for split in SPLITS if shares.get(split, 0) > 0]
    total = sum(shares[split] for split in wanted)
    result = dict.fromkeys(wanted, 0)
    for position, split in enumerate(wanted[1:], start=2):
        if count >= position:
            result[split] = max(1, math.floor(count * shares[split] / total + 0.5))
    while sum(result.values()) >= count and max(result.values(), default=0) > 1:
        result[max(result, key=lambda split: result[split])] -= 1
    result["train"] = count - sum(result.values())
    return result


class Group(NamedTuple):
    """Samples that must stay together."""

    members: list[int]  # positions
    labels: Mapping[str, int]  # label → members of it
    key: bytes  # of the seeded order


def cut(samples: Sequence[Sample], shares: Shares, seed: int, ties: Ties = ()) -> list[Split]:
    """The split of each sample, in their order. `shares` holds train and the splits to cut from it."""
    check_shares([shares.get(split, 0.0) for split in SPLITS])
    left = {label: quotas(count, shares) for label, count in Counter(sample.label for sample in samples).items()}
    if ties == () and all_apart(samples):  # nearly always, and then a fraction of the work
        return cut_singly(samples, left, seed)
    result: list[Split] = ["train"] * len(samples)
    groups = in_order(gathered(samples, seed, ties), left)
    chosen = [choose(group, left) for group in groups]
    fill_empty(groups, chosen, [split for split in CUT_ORDER if shares.get(split, 0) > 0])
    for group, split in zip(groups, chosen, strict=True):
        for member in group.members:
            result[member] = split
    return result


def all_apart(samples: Sequence[Sample]) -> bool:
    """Whether every sample may go its own way."""
    return all(sample.group is None for sample in samples) and len({sample.digest for sample in samples}) == len(samples)


def cut_singly(samples: Sequence[Sample], wanted: Mapping[str, Mapping[Split, int]], seed: int) -> list[Split]:
    """What `cut` comes to where nothing stays together: of each class, in the seeded order, the first ones fill the first split."""
    keys = [seeded(seed, sample.digest) for sample in samples]
    waiting = {label: [split for split in CUT_ORDER for _ in range(room.get(split, 0))][::-1] for label, room in wanted.items()}
    result: list[Split] = ["train"] * len(samples)
    for position in sorted(range(len(samples)), key=keys.__getitem__):
        result[position] = waiting[samples[position].label].pop()
    return result


def gathered(samples: Sequence[Sample], seed: int, ties: Ties = ()) -> list[Group]:
    """What stays together, large ones first (they are hard to place), each size in a seeded order; a sample alone is a group of one."""
    members = defaultdict[int, list[int]](list)
    for position, root in enumerate(roots(samples, ties)):
        members[root].append(position)
    groups = [as_group(positions, samples, seed) for positions in members.values()]
    return sorted(groups, key=lambda group: (-len(group.members), group.key))


def in_order(groups: Sequence[Group], wanted: Mapping[str, Mapping[Split, int]]) -> list[Group]:
    """As a cut places them: those that are large for their class by size, the others in a seeded order, and samples alone last, which
    fill what is left to the image."""
    most = {label: LARGE * min((count for count in room.values() if count), default=0) for label, room in wanted.items()}

    def place(group: Group) -> tuple[int, int, bytes]:
        count = len(group.members)
        if count == 1:
            return 2, 0, b""  # as they come, which is a seeded order
        large = any(number > most[label] for label, number in group.labels.items())
        return (0, -count, group.key) if large else (1, 0, group.key)

    return sorted(groups, key=place)


def as_group(positions: list[int], samples: Sequence[Sample], seed: int) -> Group:
    if len(positions) == 1:  # nearly always
        sample = samples[positions[0]]
        return Group(positions, {sample.label: 1}, seeded(seed, sample.digest))
    key = min(seeded(seed, samples[position].digest) for position in positions)
    return Group(positions, Counter(samples[position].label for position in positions), key)


def seeded(seed: int, digest: bytes) -> bytes:
    """By what the images of a content hash are put into an order that is another for each seed."""
    return hashlib.sha256(b"%d:%s" % (seed, digest)).digest()


def roots(samples: Sequence[Sample], ties: Ties = ()) -> list[int]:
    """For each sample the first one that must stay with it: the same group, the same bytes, a tie, or all of them by steps."""
    parent = list(range(len(samples)))
    first: dict[str | int | bytes, int] = {}

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    def join(one: int, other: int) -> None:
        here, there = root(one), root(other)
        parent[max(here, there)] = min(here, there)

    for position, (_, digest, group) in enumerate(samples):
        if (earlier := first.setdefault(digest, position)) != position:
            join(position, earlier)
        if group is not None and (earlier := first.setdefault(group, position)) != position:
            join(position, earlier)
    for one, other in ties:
        join(one, other)
    return [root(position) for position in range(len(samples))]


def choose(group: Group, left: dict[str, dict[Split, int]]) -> Split:
    """A split with room for the whole group, else the one with most room; takes the room.

    Samples alone fill one split after the other. A larger group is drawn into a split by the room that is left in each, so that large
    groups are no rarer in train, and no commoner in the splits that judge, than others.
    """
    if len(group.members) == 1:  # nearly always
        (label,) = group.labels
        room = left[label]
        chosen: Split = next((split for split in CUT_ORDER if room.get(split, 0) > 0), "train")
        room[chosen] -= 1
        return chosen
    rooms = {split: [left[label][split] for label in group.labels] for split in CUT_ORDER if split in next(iter(left.values()))}
    needed = list(group.labels.values())
    roomy = {split: sum(room) for split, room in rooms.items() if all(has >= n for has, n in zip(room, needed, strict=True))}
    chosen = drawn(group.key, roomy) if roomy else max(rooms, key=lambda split: sum(rooms[split]))
    for label, n in group.labels.items():
        left[label][chosen] -= n
    return chosen


def drawn(key: bytes, rooms: Mapping[Split, int]) -> Split:
    """One of the splits, by the room in each. The key's end says which: its beginning says when the group's turn is."""
    number = int.from_bytes(key[-8:]) % sum(rooms.values())
    for split, room in rooms.items():
        number -= room
        if number < 0:
            return split
    raise AssertionError("a group fits where there is no room")


def fill_empty(groups: Sequence[Group], chosen: list[Split], splits: Sequence[Split]) -> None:
    """Gives a class its missing split by moving its smallest group, where another split can spare it."""
    held = Counter((label, split) for group, split in zip(groups, chosen, strict=True) for label in group.labels)
    positions = defaultdict[str, list[int]](list)  # of the groups of each class: to look at all of them for each is quadratic
    for position, group in enumerate(groups):
        for label in group.labels:
            positions[label].append(position)
    for label in sorted({label for label, _ in held}):
        for split in reversed(splits):
            if held[label, split]:
                continue
            for position in sorted(positions[label], key=lambda place: (len(groups[place].members), -place)):
                group, donor = groups[position], chosen[position]
                if all(held[other, donor] > 1 for other in group.labels):
                    held.update((other, split) for other in group.labels)
                    held.subtract((other, donor) for other in group.labels)
                    chosen[position] = split
                    break


def group_pattern(regex: str | None) -> re.Pattern[str] | None:
    """The compiled --group; raises InputError for one that is no regular expression."""
    if regex is None:
        return None
    try:
        return re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(f"--group must be a regular expression over the paths; '{regex[:60]}' is none: {error}.") from None


def group_of(path: str, pattern: re.Pattern[str] | None) -> str | None:
    """The first capture group, or the whole match; None where the path does not match."""
    found = pattern.search(path) if pattern else None
    if found is None:
        return None
    return found[1] if found.re.groups and found[1] is not None else found[0]


def groups_of(paths: Iterable[str], pattern: re.Pattern[str] | None) -> list[str | None]:
    """The group of each path; raises InputError for a pattern that takes for ever, as nested repetitions do."""
    if pattern is None:
        return [None for _ in paths]
    with within(GROUP_SECONDS, TOO_SLOW.format(pattern.pattern[:60], GROUP_SECONDS)):
        return [group_of(path, pattern) for path in paths]


@contextmanager
def within(seconds: float, words: str) -> Iterator[None]:
    """Raises InputError with these words where the block takes longer. Python looks at signals while it matches, and at nothing
    else; they come to the main thread alone, in which an import runs, so in another one there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise InputError(words)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
