"""Cutting validation and test splits: stratified, seeded, and never with one group on both sides.

A pure function of seed, content, groups and ties, so that the same files give the same split whatever their order.
"""

from __future__ import annotations

import hashlib
import math
import re
import signal
import threading
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

import numpy as np

from classifier.data.cutting import Order, Rooms, split_up
from classifier.data.hashes import HASH_BYTES, Hashes
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, Split

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
    number = {label: place for place, label in enumerate(sorted({sample.label for sample in samples}))}
    labels = np.array([number[sample.label] for sample in samples], np.uint32)
    keys = [seeded(seed, sample.digest) for sample in samples]
    order = Order(np.frombuffer(b"".join(key[:8] for key in keys), ">u8").astype(np.uint64), keys.__getitem__)
    first = None if ties == () and all_apart(samples) else np.array(roots(samples, ties), np.int64)
    return [SPLITS[split] for split in split_up(labels, order, rooms_of(labels, shares), first).tolist()]


def rooms_of(labels: np.ndarray, shares: Shares) -> Rooms:
    """How many samples of each class go into each split, of which the numbers of their classes are these."""
    return {label: quotas(count, shares) for label, count in enumerate(np.bincount(labels).tolist()) if count}


def order_of_rows(hashes: Hashes, rows: np.ndarray, seed: int) -> Order:
    """That of samples by the content of their rows of a pack."""
    wanted = np.zeros(len(hashes), bool)
    wanted[rows] = True
    begins, start = np.zeros(len(hashes), np.uint64), 0
    for block in hashes.blocks():
        chosen = np.flatnonzero(wanted[start : start + len(block)])
        some = block[chosen].tobytes()
        keys = b"".join(seeded(seed, some[at : at + HASH_BYTES])[:8] for at in range(0, len(some), HASH_BYTES))
        begins[start + chosen] = np.frombuffer(keys, ">u8")
        start += len(block)
    return Order(begins[rows], lambda place: seeded(seed, hashes[int(rows[place])]))


def all_apart(samples: Sequence[Sample]) -> bool:
    """Whether every sample may go its own way."""
    return all(sample.group is None for sample in samples) and len({sample.digest for sample in samples}) == len(samples)


def gathered(samples: Sequence[Sample], seed: int, ties: Ties = ()) -> list[Group]:
    """What stays together, large ones first (they are hard to place), each size in a seeded order; a sample alone is a group of one."""
    members = defaultdict[int, list[int]](list)
    for position, root in enumerate(roots(samples, ties)):
        members[root].append(position)
    groups = [as_group(positions, samples, seed) for positions in members.values()]
    return sorted(groups, key=lambda group: (-len(group.members), group.key))


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
    first: dict[str | int | bytes, int] = {}
    ones, others = array("q"), array("q")
    for position, (_, digest, group) in enumerate(samples):
        for name in (digest, group):
            if name is not None and (earlier := first.setdefault(name, position)) != position:
                ones.append(earlier)
                others.append(position)
    for one, other in ties:
        ones.append(one)
        others.append(other)
    found: list[int] = joined(len(samples), np.array(ones, np.int64), np.array(others, np.int64)).tolist()
    return found


def joined(samples: int, ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The smallest number that each can be reached from over these edges, int64 [samples]."""
    root = np.arange(samples)
    while True:
        here, there = root[ones], root[others]
        apart = here != there
        if not apart.any():
            return root
        ones, others = ones[apart], others[apart]
        np.minimum.at(root, np.maximum(here, there)[apart], np.minimum(here, there)[apart])
        while ((following := root[root]) != root).any():
            root = following


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
    return [None for _ in paths] if pattern is None else list(matched(paths, pattern))


def matched(paths: Iterable[str], pattern: re.Pattern[str]) -> Iterator[str | None]:
    """As `groups_of`, one after the other."""
    with within(GROUP_SECONDS, TOO_SLOW.format(pattern.pattern[:60], GROUP_SECONDS)):
        for path in paths:
            yield group_of(path, pattern)


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
