"""From files that were read to the rows of a dataset: label, split, and what is to be said about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from classifier.data.collect import Collected, Survey
from classifier.data.duplicates import Taken
from classifier.data.layout import Layout
from classifier.data.problems import Problem, left_out, warned
from classifier.data.split import Sample, cut, groups_of
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, Split

Shares = Mapping[Split, float]


class Placed(NamedTuple):
    """An image with its class, and its split where the source gives one."""

    path: str
    row: int  # of the pack
    label: str
    split: Split | None


def unplaced(layout: Layout | None, path: str) -> Problem | None:
    """The problem of a file that no class folder holds; None where it has its place or that cannot be known yet."""
    if layout is None or layout.place(path):
        return None
    return left_out(path, "no_class", "lies in no class folder, so nothing says what it shows")


def place(collected: Collected, layout: Layout) -> tuple[list[Placed], list[Problem]]:
    """The images in the order of their paths, and the files that lie in no class folder."""
    placed, problems = [], []
    for path, row in sorted(zip(collected.paths, collected.rows, strict=True)):
        if found := layout.place(path):
            placed.append(Placed(path, row, found.label, found.split))
        else:
            problems += [problem for problem in [unplaced(layout, path)] if problem]
    return placed, problems


def learnable(placed: Sequence[Placed]) -> tuple[list[Placed], list[Problem]]:
    """Without the classes that a given split has and train has not: nothing could learn them."""
    in_train = {image.label for image in placed if image.split in (None, "train")}
    if not in_train:
        return list(placed), []  # a set for evaluation alone
    rest = [image for image in placed if image.label not in in_train]
    message = "is of class '{}', which stands in {} but not in train, so nothing can learn it; add training images of it"
    problems = [left_out(image.path, "class_not_in_train", message.format(image.label, image.split)) for image in rest]
    return [image for image in placed if image.label in in_train], problems


def assign(placed: Sequence[Placed], digests: Sequence[bytes], shares: Shares, seed: int, group: re.Pattern[str] | None) -> list[Taken]:
    """Keeps the splits that the source gives, and cuts those it lacks from its train images."""
    given = {image.split for image in placed if image.split}
    open_positions = [position for position, image in enumerate(placed) if image.split in (None, "train")]
    groups = groups_of((placed[i].path for i in open_positions), group)
    samples = [Sample(placed[i].label, digests[placed[i].row], name) for i, name in zip(open_positions, groups, strict=True)]
    if group and not any(sample.group is not None for sample in samples):
        raise InputError(f"--group '{group.pattern[:60]}' matches no path, such as '{placed[0].path}'; nothing would be kept together.")
    cuts = cut(samples, {split: share for split, share in shares.items() if split == "train" or split not in given}, seed)
    splits: list[Split] = [image.split or "train" for image in placed]
    for position, split in zip(open_positions, cuts, strict=True):
        splits[position] = split
    return [Taken(image.path, image.row, image.label, split) for image, split in zip(placed, splits, strict=True)]


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
        found = layout.place(f"{folder}/x") if folder else None
        if found and found.label not in known:
            known.add(found.label)
            problems.append(left_out(folder, "empty_class", f"holds no image that could be taken, so there is no class '{found.label}'"))
    return problems


def group_warnings(samples: Sequence[Taken], group: re.Pattern[str] | None) -> list[Problem]:
    """Groups that the source itself has put on both sides."""
    if group is None:
        return []
    first: dict[str, Taken] = {}
    problems = []
    for sample, name in zip(samples, groups_of((sample.path for sample in samples), group), strict=True):
        if name is None:
            continue
        earlier = first.setdefault(name, sample)
        if earlier.split != sample.split:
            message = f"belongs to group '{name}' in {sample.split}, and {earlier.path} does in {earlier.split}; figures will flatter"
            problems.append(warned(sample.path, "leak", message))
    return problems


def require_classes(labels: Collection[str], problems: Sequence[Problem], source: str) -> None:
    """Raises InputError, with the first reason, where fewer than two classes are left."""
    if len(labels) > 1:
        return
    lost = [problem for problem in problems if not problem["taken"]]
    said = f" {len(lost):,} left out, the first: {lost[0]['file']}: {lost[0]['message']}" if lost else ""
    if not labels:
        raise InputError(f"No image could be taken from {source}; expected one folder of images a class.{said}")
    raise InputError(f"Only one class in {source}: '{min(labels)}'. A classifier needs at least two.{said}")
