"""From files that were read to the rows of a dataset: label, split, and what is to be said about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from classifier.data.collect import Collected
from classifier.data.duplicates import Taken
from classifier.data.layouts.base import Layout
from classifier.data.layouts.words import SAMPLES
from classifier.data.limits import Limit, beyond, told
from classifier.data.problems import Problem, left_out, warned
from classifier.data.split import Sample, Ties, cut, groups_of, roots
from classifier.data.survey import Survey
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, Split

Shares = Mapping[Split, float]
Groups = Callable[[Sequence[str]], list[str | None]]


class Placed(NamedTuple):
    """An image with its class, and its split where the source gives one."""

    path: str
    row: int  # of the pack
    label: str
    split: Split | None


def unplaced(layout: Layout | None, path: str) -> Problem | None:
    """The problem of a file of which nothing says what it shows; None where it has its place or that cannot be known yet."""
    return None if layout is None or layout.place(path) else layout.unplaced(path)


def place(collected: Collected, layout: Layout) -> tuple[list[Placed], list[Problem]]:
    """The images in the order of their paths, and the files of which nothing says what they show."""
    placed, problems = [], []
    for path, row in sorted(zip(collected.paths, collected.rows, strict=True)):
        if found := layout.place(path):
            placed.append(Placed(path, row, found.label, found.split))
        else:
            problems.append(layout.unplaced(path))
    return placed, problems


def meet(problems: Sequence[Problem], layout: Layout) -> None:
    """Shows the layout the files that could not be read: their rows in a table name something that is there."""
    for problem in problems:
        layout.place(problem["file"])


def grouping(layout: Layout, pattern: re.Pattern[str] | None) -> Groups:
    """What gives each path its group: the pattern that was asked for, else a column of the layout's."""
    if pattern is not None:
        return lambda paths: groups_of(paths, pattern)
    return lambda paths: [layout.group(path) for path in paths]


def without_samples(placed: Sequence[Placed]) -> tuple[list[Placed], list[Problem]]:
    """Without a class whose every image stands in other classes too, where it is called "sample" or the like or takes from at least half
    of them: it shows what the set holds, and is no class."""
    every, shared = of_several_classes(placed)
    copies: set[str] = set()
    for label in sorted(shared, key=lambda label: (label.casefold() not in SAMPLES, label)):
        beside = [labels - copies - {label} for labels in shared[label]]
        met = set().union(*beside)
        if all(beside) and (label.casefold() in SAMPLES or (len(met) > 1 and 2 * len(met) >= len(every - copies) - 1)):
            copies.add(label)
    if not copies:
        return list(placed), []
    message = "lies in '{}', which holds a part of the other folders once more"
    problems = [left_out(image.path, "sample_folder", message.format(image.label)) for image in placed if image.label in copies]
    return [image for image in placed if image.label not in copies], problems


def of_several_classes(placed: Sequence[Placed]) -> tuple[set[str], dict[str, list[set[str]]]]:
    """(all classes; of each that has no image to itself, the classes of each image of it)."""
    names = sorted({image.label for image in placed})
    number = {label: place for place, label in enumerate(names)}
    rows = np.fromiter((image.row for image in placed), np.int64, len(placed))
    pairs = np.unique(rows * len(names) + np.fromiter((number[image.label] for image in placed), np.int64, len(placed)))
    row, label = np.divmod(pairs, max(1, len(names)))
    _, place, times = np.unique(row, return_inverse=True, return_counts=True)
    once = times[place] == 1
    whole = set(range(len(names))) - set(label[once].tolist())
    classes: dict[int, set[str]] = {}
    for one, which in zip(row[~once].tolist(), label[~once].tolist(), strict=True) if whole else ():
        classes.setdefault(one, set()).add(names[which])
    shared: dict[str, list[set[str]]] = {names[which]: [] for which in whole}
    for labels in classes.values():
        for name in labels & shared.keys():
            shared[name].append(labels)
    return set(names), shared


def learnable(placed: Sequence[Placed]) -> tuple[list[Placed], list[Problem]]:
    """Without the classes that a given split has and train has not: nothing could learn them."""
    in_train = {image.label for image in placed if image.split in (None, "train")}
    if not in_train:
        return list(placed), []  # a set for evaluation alone
    rest = [image for image in placed if image.label not in in_train]
    message = "is of class '{}', which stands in {} but not in train, so nothing can learn it; add training images of it"
    problems = [left_out(image.path, "class_not_in_train", message.format(image.label, image.split)) for image in rest]
    return [image for image in placed if image.label in in_train], problems


def limited(placed: Sequence[Placed], digests: Sequence[bytes], limit: Limit) -> tuple[list[Placed], list[Problem]]:
    """Without classes that are too small, and with a part of those that are too large."""
    if limit.least is None and limit.most is None:
        return list(placed), []
    numbers = Counter(image.label for image in placed)
    number = {label: place for place, label in enumerate(sorted(numbers))}
    labels = np.array([number[image.label] for image in placed], np.int64)
    parts = np.array([-1 if image.split is None else SPLITS.index(image.split) for image in placed], np.int64)
    gone = beyond(labels, parts, lambda place: digests[placed[place].row], limit)
    return [image for image, leaves in zip(placed, gone.tolist(), strict=True) if not leaves], told(numbers, limit)


def staying(placed: Sequence[Placed], digests: Sequence[bytes], names: Sequence[str | None], ties: Ties | None) -> list[int] | None:
    """For each image the first one that must stay with it; None where neither `names`, their groups, nor ties (None: not asked for) are."""
    if ties is None and not any(name is not None for name in names):
        return None
    return roots([Sample(image.label, digests[image.row], name) for image, name in zip(placed, names, strict=True)], ties or ())


def assign(placed: Sequence[Placed], digests: Sequence[bytes], shares: Shares, seed: int, stays: Sequence[int] | None) -> list[Taken]:
    """Keeps the splits that the source gives, and cuts those it lacks from its train images. `stays` as `staying` gives it."""
    given = {image.split for image in placed if image.split}
    open_positions = open_places(placed)
    samples = [Sample(placed[i].label, digests[placed[i].row], None if stays is None else stays[i]) for i in open_positions]
    cuts = cut(samples, {split: share for split, share in shares.items() if split == "train" or split not in given}, seed)
    splits: list[Split] = [image.split or "train" for image in placed]
    for position, split in zip(open_positions, cuts, strict=True):
        splits[position] = split
    return [Taken(image.path, image.row, image.label, split) for image, split in zip(placed, splits, strict=True)]


def open_places(placed: Sequence[Placed]) -> list[int]:
    """Of images whose split is still to be cut."""
    return [place for place, image in enumerate(placed) if image.split in (None, "train")]


def require_groups(placed: Sequence[Placed], names: Sequence[str | None], asked: str) -> None:
    """Raises InputError where --group was `asked` for and groups nothing."""
    if asked and not any(names[place] is not None for place in open_places(placed)):
        raise InputError(f"--group '{asked[:60]}' matches no path, such as '{placed[0].path}'; nothing would be kept together.")


def counts_of(samples: Sequence[Taken]) -> dict[str, dict[Split, int]]:
    """{label: {split: images}}, labels sorted, every split named."""
    counted = Counter((sample.label, sample.split) for sample in samples)
    labels = sorted({sample.label for sample in samples})
    return {label: {split: counted[label, split] for split in SPLITS} for label in labels}


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


def group_warnings(samples: Sequence[Taken], names: Sequence[str | None]) -> list[Problem]:
    """Groups that the source itself has put on both sides."""
    first: dict[str, Taken] = {}
    problems = []
    for sample, name in zip(samples, names, strict=True):
        if name is None:
            continue
        earlier = first.setdefault(name, sample)
        if earlier.split != sample.split:
            message = f"belongs to group '{name}' in {sample.split}, and {earlier.path} does in {earlier.split}; figures will flatter"
            problems.append(warned(sample.path, "leak", message))
    return problems


def require_classes(labels: Collection[str], problems: Sequence[Problem], source: str, fewest: int = 2, told: str = "") -> None:
    """Raises InputError, with the first reason, where too few classes are left; `told` is what the source holds in place of images."""
    if len(labels) >= fewest:
        return
    lost = [problem for problem in problems if not problem["taken"]]
    said = f" {len(lost):,} left out, the first: {lost[0]['file']}: {lost[0]['message']}" if lost else ""
    if not labels:
        raise InputError(f"No image could be taken from {source}; expected one folder of images a class.{told}{said}")
    raise InputError(f"Only one class in {source}: '{min(labels)}'. A classifier needs at least two.{said}")
