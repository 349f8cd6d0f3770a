"""Two evaluations joined image by image: in whole for the two in front, in counts for all others."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.metrics import confusion, read_scored, scored_path
from classifier.metrics.comparison import Paired, matched, outcomes, paired
from classifier.metrics.counts import Counts
from classifier.metrics.scored import Scored
from webapp.evaluations.again.comparing import new_names
from webapp.evaluations.models import Evaluation

KEPT_PAIRS = 1024  # of counts: some hundred bytes each
KEPT_JOINS = 2  # of whole pairs, for who scrolls through their images: 21 bytes an image each, and 4 of each image that was looked for

Numbers = NDArray[np.int32]


class Source(NamedTuple):
    """The file of one evaluation's predictions as columns, and the classes that its numbers mean; equal while nothing is changed."""

    path: Path
    changed: int  # when, in nanoseconds: an erasure writes it anew
    file: int  # which of the disk's files it is: one that is written anew is another one
    classes: tuple[str, ...]

    @property
    def rows(self) -> Scored | None:
        return read_scored(self.path)


class Gone(Exception):
    """A file went while two were joined."""


@dataclass(frozen=True)
class Joined:
    """The images [N] that both judged, in the first one's order. Classes are those of the first, then what the second knows besides."""

    classes: list[str]
    first_rows: Numbers
    second_rows: Numbers
    labels: Numbers
    first: Numbers  # what the first says
    second: Numbers
    codes: NDArray[np.uint8]  # of classifier.metrics.comparison.OUTCOMES
    relabelled: int  # images whose class differs between the versions: left out
    orders: dict[tuple[str, int | None], Numbers] = field(default_factory=dict)  # places by outcome and class, as they are shown

    def matrices(self) -> tuple[Counts, Counts]:
        """Both confusion matrices [C, C] of these images."""
        size = len(self.classes)
        return confusion(self.labels, self.first, size), confusion(self.labels, self.second, size)


def source_of(evaluation: Evaluation) -> Source | None:
    """None where the columns are not kept: of an evaluation of an earlier release, or whose files are gone."""
    if not evaluation.predictions:
        return None
    path = scored_path(evaluation.experiment.folder / evaluation.predictions)
    try:
        told = path.stat()
    except OSError:
        return None
    return Source(path, told.st_mtime_ns, told.st_ino, tuple(evaluation.classes))


def why_not(first: Evaluation | None, second: Evaluation | None) -> str:
    """Why two evaluations cannot be joined, in a sentence; empty where they can."""
    if first is None or second is None:
        return "One of the two was not measured on these images."
    if first.version.dataset_id != second.version.dataset_id:
        return "They were measured on different datasets, so that no image is the same."
    if first.split != second.split:
        return "They were measured on different splits."
    for each in (first, second):
        if source_of(each) is None:
            return f"Of {each.experiment.name} single predictions are not kept in columns. Evaluate it again, and they are."
    return ""


def joined(first: Evaluation, second: Evaluation) -> Joined | None:
    """Every image that both judged under the same class; None where `why_not` says why. Kept for who looks at more of them."""
    sources = sources_of(first, second)
    try:
        return kept(*sources) if sources else None
    except Gone:
        return None


def counted(first: Evaluation, second: Evaluation) -> Paired | None:
    """The same in counts, kept for who asks again."""
    sources = sources_of(first, second)
    return count(*sources) if sources else None


def sources_of(first: Evaluation, second: Evaluation) -> tuple[Source, Source] | None:
    """Both, the second with the first one's names of classes that were renamed between their versions; None as `joined`."""
    one, other = source_of(first), source_of(second)
    if one is None or other is None or why_not(first, second):
        return None
    if first.version_id == second.version_id or set(one.classes) == set(other.classes):
        return one, other
    names = {now: before for before, now in new_names(first, second).items()}
    return one, other._replace(classes=tuple(names.get(label, label) for label in other.classes))


@lru_cache(maxsize=KEPT_PAIRS)
def count(one: Source, other: Source) -> Paired | None:
    found = join(one, other)
    return None if found is None else paired(found.codes)


@lru_cache(maxsize=KEPT_JOINS)
def kept(one: Source, other: Source) -> Joined:
    """The same of two files; raises Gone, which is not kept."""
    found = join(one, other)
    if found is None:
        raise Gone
    return found


def join(one: Source, other: Source) -> Joined | None:
    """None where a file went meanwhile."""
    first, second = one.rows, other.rows
    if first is None or second is None:
        return None
    classes = list(dict.fromkeys((*one.classes, *other.classes)))
    here, there = matched(np.ascontiguousarray(first["position"]), np.ascontiguousarray(second["position"]))
    place = {label: number for number, label in enumerate(classes)}
    known = np.array([place[label] for label in other.classes], np.int64)  # the second's numbers as the first's
    labels, others = first["label"][here].astype(np.int64), known[second["label"][there]]
    same = labels == others
    relabelled = int(len(same) - same.sum())
    if relabelled:
        here, there, labels = here[same], there[same], labels[same]
    said, says = first["predicted"][here].astype(np.int64), known[second["predicted"][there]]
    rows, names = (here.astype(np.int32), there.astype(np.int32)), (labels.astype(np.int32), said.astype(np.int32), says.astype(np.int32))
    return Joined(classes, *rows, *names, outcomes(labels, said, says), relabelled)
