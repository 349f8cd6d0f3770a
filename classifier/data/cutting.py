"""Cutting splits over columns of numbers: so many images as there are take some 30 bytes each meanwhile.

What stays together is placed first, group by group; images alone fill what is left of each class, in their seeded order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from classifier.spec.events import SPLITS, Split

CUT_ORDER: tuple[Split, ...] = ("validation", "test", "train")  # who is served first when images are few
VALIDATION, TEST, TRAIN = (SPLITS.index(split) for split in CUT_ORDER)
LARGE = 0.1  # of a class's smallest split: groups above it are hard to place, and so are placed first

Rooms = dict[int, dict[Split, int]]  # by class: how many more images each split takes


class Order(NamedTuple):
    """The seeded order of samples: by keys of 32 bytes, of which the first eight hardly ever are not enough."""

    begins: np.ndarray  # of each sample's key, as a number; uint64 [N]
    whole: Callable[[int], bytes]  # a sample's key

    def sort(self, places: np.ndarray) -> np.ndarray:
        """Samples by their keys, equal ones as they came."""
        found = places[np.argsort(self.begins[places], kind="stable")]
        begins = self.begins[found]
        return settled(found, begins[1:] == begins[:-1], self.whole)


def settled(found: np.ndarray, alike: np.ndarray, whole: Callable[[int], bytes]) -> np.ndarray:
    """What is sorted by numbers alone, sorted to the end where neighbours are `alike` in them; bool [N - 1]."""
    ends = np.flatnonzero(np.diff(np.concatenate(([False], alike, [False])).astype(np.int8)))
    for start, end in ends.reshape(-1, 2).tolist():
        found[start : end + 1] = sorted(found[start : end + 1].tolist(), key=whole)
    return found


def split_up(labels: np.ndarray, order: Order, rooms: Rooms, first: np.ndarray | None = None) -> np.ndarray:
    """The split of each sample, uint8 [N]. `labels` are numbers in the order of the labels; `rooms` hold for each class how many of it go
    where, all of its images; `first` is for each sample the first one that stays with it (None: all may go their own way)."""
    splits = np.full(len(labels), TRAIN, np.uint8)
    if first is None:
        fill(splits, np.arange(len(labels), dtype=np.uint32), labels, order, rooms)
        return splits
    sizes = np.bincount(first, minlength=len(labels))
    alone = np.flatnonzero(sizes[first] == 1).astype(np.uint32)
    together = Together(labels, np.flatnonzero(sizes[first] > 1), first, order)
    together.choose(rooms)
    fill(splits, alone, labels, order, rooms)
    if len(together):
        together.fill_empty(splits, alone, [split for split in CUT_ORDER if split in next(iter(rooms.values()))])
        together.write(splits)
    return splits


def fill(splits: np.ndarray, alone: np.ndarray, labels: np.ndarray, order: Order, rooms: Rooms) -> None:
    """Of each class the first samples in the seeded order fill the first split, the next ones the next."""
    for label, members in by_class(alone, labels):
        members = order.sort(members)
        end = max(0, rooms[label].get("validation", 0))
        splits[members[:end]] = VALIDATION
        splits[members[end : end + max(0, rooms[label].get("test", 0))]] = TEST


def by_class(places: np.ndarray, labels: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """(class, which of these samples are of it, as they came)."""
    found = places[np.argsort(labels[places], kind="stable")]
    sizes = np.bincount(labels[places])
    ends = np.cumsum(sizes)
    for label in np.flatnonzero(sizes).tolist():
        yield label, found[ends[label] - sizes[label] : ends[label]]


class Together:
    """The groups of two and more samples, in the order in which they are placed."""

    def __init__(self, labels: np.ndarray, members: np.ndarray, first: np.ndarray, order: Order) -> None:
        self.labels, self.order = labels, order
        self.members = members[np.argsort(first[members], kind="stable")]
        roots = first[self.members]
        self.starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(roots)), bool), roots[1:] != roots[:-1])))
        self.sizes = np.diff(np.append(self.starts, len(roots)))
        self.begins = np.minimum.reduceat(order.begins[self.members], self.starts) if len(roots) else np.zeros(0, np.uint64)
        of_member = np.repeat(np.arange(len(self.starts)), self.sizes)
        span = int(labels.max(initial=0)) + 1
        codes, self.numbers = np.unique(of_member * span + labels[self.members], return_counts=True)
        self.groups, self.classes = codes // span, codes % span  # beside `numbers`: how many samples of a class a group has
        self.parts = np.searchsorted(self.groups, np.arange(len(self.starts) + 1))  # where in these columns each group begins
        self.chosen = np.full(len(self.starts), TRAIN, np.uint8)
        self.turn = np.zeros(0, np.int64)  # the groups as they are placed

    def __len__(self) -> int:
        return len(self.starts)

    def key(self, group: int) -> bytes:
        """Of the seeded order: its members' smallest."""
        members = self.members[self.starts[group] : self.starts[group] + self.sizes[group]]
        return min(self.order.whole(place) for place in members[self.order.begins[members] == self.begins[group]].tolist())

    def held_by(self, group: int) -> dict[int, int]:
        """{class: samples of it}"""
        part = slice(self.parts[group], self.parts[group + 1])
        return dict(zip(self.classes[part].tolist(), self.numbers[part].tolist(), strict=True))

    def choose(self, rooms: Rooms) -> None:
        """A split for each: those that are large for their class by size, then the others in the seeded order."""
        most = np.zeros(int(self.labels.max(initial=0)) + 1)
        for label, room in rooms.items():
            most[label] = LARGE * min((count for count in room.values() if count), default=0)
        large = np.zeros(len(self), bool)
        large[self.groups[self.numbers > most[self.classes]]] = True
        size = np.where(large, -self.sizes, 0)
        turn = np.lexsort((self.begins, size, ~large))
        one, other = turn[:-1], turn[1:]
        alike = (large[one] == large[other]) & (size[one] == size[other]) & (self.begins[one] == self.begins[other])
        self.turn = settled(turn, alike, self.key)
        for group in self.turn.tolist():
            self.chosen[group] = SPLITS.index(chosen(self.held_by(group), functools.partial(self.key, group), rooms))

    def fill_empty(self, splits: np.ndarray, alone: np.ndarray, wanted: list[Split]) -> None:
        """Gives a class its missing split by moving its smallest group, where another split can spare it."""
        held = np.zeros((int(self.labels.max()) + 1, len(SPLITS)), np.int64)  # groups, one of a sample alone too
        np.add.at(held, (self.labels[alone], splits[alone]), 1)
        np.add.at(held, (self.classes, self.chosen[self.groups]), 1)
        numbers = [SPLITS.index(split) for split in reversed(wanted)]
        for label in np.flatnonzero(held.any(axis=1) & (held[:, numbers] == 0).any(axis=1)).tolist():
            for split in numbers:
                if not held[label, split] and not self.move_one(label, split, held, splits, alone):
                    self.move_group(label, split, held)

    def move_one(self, label: int, split: int, held: np.ndarray, splits: np.ndarray, alone: np.ndarray) -> bool:
        """The last sample alone that its split can spare; whether there is one."""
        members = self.order.sort(alone[self.labels[alone] == label])
        spare = members[held[label, splits[members]] > 1]
        if not len(spare):
            return False
        held[label, splits[spare[-1]]] -= 1
        held[label, split] += 1
        splits[spare[-1]] = split
        return True

    def move_group(self, label: int, split: int, held: np.ndarray) -> None:
        """The smallest group that its split can spare, of equal ones the last."""
        turn_of = np.empty(len(self), np.int64)
        turn_of[self.turn] = np.arange(len(self))
        groups = self.groups[self.classes == label]
        for group in groups[np.lexsort((-turn_of[groups], self.sizes[groups]))].tolist():
            others, donor = list(self.held_by(group)), self.chosen[group]
            if (held[others, donor] > 1).all():
                held[others, split] += 1
                held[others, donor] -= 1
                self.chosen[group] = split
                return

    def write(self, splits: np.ndarray) -> None:
        splits[self.members] = np.repeat(self.chosen, self.sizes)


def chosen(needed: Mapping[int, int], key: Callable[[], bytes], left: Rooms) -> Split:
    """A split with room for the whole group ({class: samples of it}), else the one with most room; takes the room.

    Where several have room it is drawn by the room that is left in each, so that large groups are no rarer in train, and no commoner in
    the splits that judge, than others.
    """
    rooms = {split: [left[label][split] for label in needed] for split in CUT_ORDER if split in next(iter(left.values()))}
    roomy = {split: sum(room) for split, room in rooms.items() if all(has >= n for has, n in zip(room, needed.values(), strict=True))}
    found = drawn(key(), roomy) if roomy else max(rooms, key=lambda split: sum(rooms[split]))
    for label, n in needed.items():
        left[label][found] -= n
    return found


def drawn(key: bytes, rooms: Mapping[Split, int]) -> Split:
    """One of the splits, by the room in each. The key's end says which: its beginning says when the group's turn is."""
    number = int.from_bytes(key[-8:]) % sum(rooms.values())
    for split, room in rooms.items():
        number -= room
        if number < 0:
            return split
    raise AssertionError("a group fits where there is no room")
