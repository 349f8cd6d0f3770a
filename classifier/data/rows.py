"""From files that were read to the rows of a dataset: label, split, and what is to be said about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np

from classifier.data.collect import Collected
from classifier.data.cutting import split_up
from classifier.data.duplicates import repeat
from classifier.data.hashes import Hashes
from classifier.data.layouts.base import Layout, Place
from classifier.data.layouts.words import SAMPLES
from classifier.data.limits import Limit, beyond, told
from classifier.data.problems import Problem, left_out, warned
from classifier.data.samples import NO_GROUP, OPEN, TRAIN, Groups, Samples, first_of
from classifier.data.split import Ties, check_shares, joined, matched, order_of_rows, rooms_of
from classifier.data.survey import Survey
from classifier.data.texts import Listed
from classifier.data.told import Problems
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, Split

NOWHERE = (1 << 32) - 1  # in place of a number: a file of which nothing says what it shows

Shares = Mapping[Split, float]
Grouping = Callable[[Listed[str]], Groups]


def unplaced(layout: Layout | None, path: str) -> Problem | None:
    """The problem of a file of which nothing says what it shows; None where it has its place or that cannot be known yet."""
    return None if layout is None or layout.place(path) else layout.unplaced(path)


def place(collected: Collected, layout: Layout) -> tuple[Samples, Problems]:
    """The images in the order of their paths, and the files of which nothing says what they show."""
    texts, problems, number = collected.paths, Problems(), dict[Place, int]()
    order = texts.order()
    codes = np.full(len(order), NOWHERE, np.uint32)
    for at, one in enumerate(order.data):
        path = texts[one]
        if found := layout.place(path):
            codes[at] = number.setdefault(found, len(number))
        else:
            problems.append(layout.unplaced(path))
    there = codes != NOWHERE
    order, codes = order[there], codes[there]
    classes = sorted({found.label for found in number})
    label_of = {label: at for at, label in enumerate(classes)}
    labels = np.array([label_of[found.label] for found in number], np.uint32)
    splits = np.array([OPEN if found.split is None else SPLITS.index(found.split) for found in number], np.uint8)
    rows = np.array(collected.rows, np.uint32)[order]
    return Samples(texts, order, rows, labels[codes], splits[codes], classes), problems


def meet(problems: Iterable[Problem], layout: Layout) -> None:
    """Shows the layout the files that could not be read: their rows in a table name something that is there."""
    for problem in problems:
        layout.place(problem["file"])


def grouping(layout: Layout, pattern: re.Pattern[str] | None) -> Grouping:
    """What gives each path its group: the pattern that was asked for, else a column of the layout's."""
    if pattern is not None:
        return lambda paths: Groups.of(matched(paths, pattern))
    return lambda paths: Groups.of(map(layout.group, paths)) if layout.group_column else Groups.none(len(paths))


def without_samples(samples: Samples) -> tuple[Samples, Problems]:
    """Without a class whose every image stands in other classes too, where it is called "sample" or the like or holds all of several
    others: it shows what the set holds, and is no class."""
    sizes, shared = of_several_classes(samples)
    copies: set[str] = set()
    for label in sorted(shared, key=lambda label: (label.casefold() not in SAMPLES, label)):
        beside = [labels - copies - {label} for labels in shared[label]]
        met = Counter(name for labels in beside for name in labels)
        holds_all = len(met) > 1 and all(count == sizes[name] < sizes[label] for name, count in met.items())
        if all(beside) and (label.casefold() in SAMPLES or holds_all):
            copies.add(label)
    if not copies:
        return samples, Problems()
    gone = np.isin(samples.labels, [number for number, label in enumerate(samples.classes) if label in copies])
    message = "lies in '{}', which holds a part of the other folders once more"
    problems = (left_out(samples.paths[at], "sample_folder", message.format(samples.label(at))) for at in np.flatnonzero(gone).data)
    return samples.only(~gone), Problems(problems)


def of_several_classes(samples: Samples) -> tuple[dict[str, int], dict[str, list[set[str]]]]:
    """(how many images each class has; of each that has none to itself, the classes of each image of it)."""
    names = samples.classes
    row, label = np.divmod(np.unique(samples.rows.astype(np.int64) * len(names) + samples.labels), max(1, len(names)))
    _, place, times = np.unique(row, return_inverse=True, return_counts=True)
    once = times[place] == 1
    numbers, sizes = np.unique(label, return_counts=True)
    whole = set(numbers.tolist()) - set(label[once].tolist())
    classes: dict[int, set[str]] = {}
    for one, which in zip(row[~once].tolist(), label[~once].tolist(), strict=True) if whole else ():
        classes.setdefault(one, set()).add(names[which])
    shared: dict[str, list[set[str]]] = {names[which]: [] for which in whole}
    for labels in classes.values():
        for name in labels & shared.keys():
            shared[name].append(labels)
    return {names[which]: size for which, size in zip(numbers.tolist(), sizes.tolist(), strict=True)}, shared


def learnable(samples: Samples) -> tuple[Samples, Problems]:
    """Without the classes that a given split has and train has not: nothing could learn them."""
    in_train = np.asarray(samples.counts()[:, [TRAIN, OPEN]].any(axis=1))
    if not in_train.any():
        return samples, Problems()  # a set for evaluation alone
    kept = in_train[samples.labels]
    message = "is of class '{}', which stands in {} but not in train, so nothing can learn it; add training images of it"
    problems = (
        left_out(samples.paths[at], "class_not_in_train", message.format(samples.label(at), SPLITS[samples.splits[at]]))
        for at in np.flatnonzero(~kept).data
    )
    return samples.only(kept), Problems(problems)


def limited(samples: Samples, hashes: Hashes, limit: Limit) -> tuple[Samples, list[Problem]]:
    """Without classes that are too small, and with a part of those that are too large."""
    if limit.least is None and limit.most is None:
        return samples, []
    numbers = dict(zip(samples.classes, np.bincount(samples.labels, minlength=len(samples.classes)).tolist(), strict=True))
    gone = beyond(samples.labels.astype(np.int64), samples.splits, lambda at: hashes[int(samples.rows[at])], limit)
    return samples.only(~gone), told({label: count for label, count in numbers.items() if count}, limit)


def staying(samples: Samples, names: Groups, ties: Ties | None) -> np.ndarray | None:
    """For each image the first one that must stay with it, int64 [N]; None where neither groups nor ties (None: not asked for) are."""
    grouped = np.flatnonzero(names.numbers != NO_GROUP)
    if ties is None and not len(grouped):
        return None
    first = first_of(samples.rows)
    again = np.flatnonzero(first != np.arange(len(first)))
    pairs = np.array(list(ties or ()), np.int64).reshape(-1, 2)
    ones = np.concatenate((first[again], grouped[first_of(names.numbers[grouped])], pairs[:, 0]))
    return joined(len(samples), ones, np.concatenate((again, grouped, pairs[:, 1])))


def assign(samples: Samples, hashes: Hashes, shares: Shares, seed: int, stays: np.ndarray | None) -> Samples:
    """Keeps the splits that the source gives, and cuts those it lacks from its train images. `stays` as `staying` gives it."""
    given = samples.given()
    wanted = {split: share for split, share in shares.items() if split == "train" or split not in given}
    check_shares([wanted.get(split, 0.0) for split in SPLITS])
    places = open_places(samples)
    labels, rows = samples.labels[places], samples.rows[places]
    first = first_of(rows if stays is None else stays[places])
    apart = bool((first == np.arange(len(first))).all())
    splits = samples.splits.copy()
    splits[places] = split_up(labels, order_of_rows(hashes, rows, seed), rooms_of(labels, wanted), None if apart else first)
    return samples.with_splits(splits)


def open_places(samples: Samples) -> np.ndarray:
    """Of images whose split is still to be cut."""
    return np.flatnonzero((samples.splits == OPEN) | (samples.splits == TRAIN))


def require_groups(samples: Samples, names: Groups, asked: str) -> None:
    """Raises InputError where --group was `asked` for and groups nothing."""
    if asked and not names.any_of(open_places(samples)):
        raise InputError(f"--group '{asked[:60]}' matches no path, such as '{samples.paths[0]}'; nothing would be kept together.")


def counts_of(samples: Samples) -> dict[str, dict[Split, int]]:
    """{label: {split: images}}, labels sorted, every split named."""
    counts = zip(samples.classes, samples.counts().tolist(), strict=True)
    return {label: dict(zip(SPLITS, numbers, strict=False)) for label, numbers in counts if any(numbers)}


def short_classes(counts: Mapping[str, Mapping[Split, int]], wanted: Sequence[Split]) -> list[Problem]:
    """A warning for each class that is missing in a split, saying what it needs."""
    problems = []
    for label, count in counts.items():
        missing = [split for split in wanted if not count[split]]
        total = sum(count.values())
        if missing:
            have = f"has {total} image{'s' * (total != 1)}, none of them in {' and '.join(missing)}"
            message = f"is a class that {have}; each class needs at least {len(wanted)}, one a split. Add images"
            problems.append(warned(label, "too_few", message))
    return problems


def empty_classes(survey: Survey, layout: Layout, labels: Collection[str]) -> list[Problem]:
    """Class folders of which no image was taken: empty ones, and those in which nothing could be read."""
    problems, known = [], set(labels)
    for folder in sorted(survey.named | set(survey.folders)):
        found = layout.place(f"{folder}/x") if folder and layout.kind != "names" else None
        if found and found.label not in known:
            known.add(found.label)
            problems.append(left_out(folder, "empty_class", f"holds no image that could be taken, so there is no class '{found.label}'"))
    return problems


def repeats(samples: Samples) -> Problems:
    """A warning for each file whose very bytes another file, earlier in the order of `samples`, already has."""
    first = first_of(samples.rows)
    again = np.flatnonzero(first != np.arange(len(first)))
    return Problems(repeat(samples.taken(at), samples.taken(int(first[at]))) for at in again.data)


def group_warnings(samples: Samples, names: Groups) -> Problems:
    """Groups that the source itself has put on both sides."""
    grouped = np.flatnonzero(names.numbers != NO_GROUP)
    first = grouped[first_of(names.numbers[grouped])]
    problems, torn = Problems(), samples.splits[grouped] != samples.splits[first]
    for at, earlier in zip(grouped[torn].data, first[torn].data, strict=True):
        one, other = samples.taken(at), samples.taken(earlier)
        message = f"belongs to group '{names[at]}' in {one.split}, and {other.path} does in {other.split}; figures will flatter"
        problems.append(warned(one.path, "leak", message))
    return problems


def require_classes(labels: Collection[str], problems: Listed[Problem], source: str, fewest: int = 2, told: str = "") -> None:
    """Raises InputError, with the first reason, where too few classes are left; `told` is what the source holds in place of images."""
    if len(labels) >= fewest:
        return
    first = next((problem for problem in problems if not problem["taken"]), None)
    lost = sum(not problem["taken"] for problem in problems)
    said = f" {lost:,} left out, the first: {first['file']}: {first['message']}" if first else ""
    if not labels:
        raise InputError(f"No image could be taken from {source}; expected one folder of images a class.{told}{said}")
    raise InputError(f"Only one class in {source}: '{min(labels)}'. A classifier needs at least two.{said}")
