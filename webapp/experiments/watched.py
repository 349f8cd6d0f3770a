"""The same few validation images at every validation: what the network said of each, and how it came there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet

from classifier.spec.packfile import ERASED_PATH
from webapp.core.words import percent, plural
from webapp.datasets.addresses import links
from webapp.datasets.models import Dataset, Sample
from webapp.experiments import queries
from webapp.experiments.learning import learnt_classes
from webapp.experiments.models import EpochMatrix, Experiment

FORGOTTEN = -1  # in place of the position of an image that was erased


class Guess(NamedTuple):
    """A label with its probability in words."""

    name: str
    odds: str
    right: bool


class Watched(NamedTuple):
    """One image at one validation."""

    position: int
    thumb: str
    link: str
    name: str  # of its true class
    guesses: list[Guess]  # best first
    right: bool
    strip: list[tuple[int, int, bool]]  # (from, how many, right or not): validations of one kind together, in order
    words: str  # the strip in a sentence


class Shown(NamedTuple):
    """All of them."""

    at: float  # where the validation lies, in epochs
    place: int  # among the validations, from 0
    validations: int
    images: list[Watched]
    right: int


Told = list[tuple[float, dict[str, Any]]]


def told(experiment: Experiment) -> Told:
    """(place in epochs, what was said) of each validation that tells it, in order."""
    rows = experiment.matrices.filter(watched__isnull=False).values_list("epoch", "part", "watched")
    return sorted(((queries.place(epoch, part), said) for epoch, part, said in rows if said), key=lambda row: row[0])


def shown(experiment: Experiment, at: float | None = None) -> Shown | None:
    """The images as they stood after a validation, without one named the newest; None where nothing was told."""
    rows = told(experiment)
    if not rows:
        return None
    place = next((i for i, (where, _) in enumerate(rows) if where == at), len(rows) - 1)
    said = rows[place][1]
    found = samples(experiment, said["positions"])
    names = [entry["name"] or entry["label"] for entry in learnt_classes(experiment.version)]
    marks = verdicts(rows)
    known = [(i, position) for i, position in enumerate(said["positions"]) if position in found]
    images = [image(experiment, found[position], said, i, names, marks[position]) for i, position in known]
    return Shown(rows[place][0], place, len(rows), images, sum(one.right for one in images)) if images else None


def samples(experiment: Experiment, positions: Sequence[int]) -> dict[int, int]:
    """{position: image}, without those that were erased: also by an erasure that a training began beside, and named them after."""
    known = [position for position in positions if position != FORGOTTEN]
    rows = Sample.objects.filter(version_id=experiment.version_id, position__in=known).exclude(path=ERASED_PATH)
    return dict(rows.values_list("position", "image"))


def verdicts(rows: Told) -> dict[int, list[bool]]:
    """Of each image whether it was named rightly, validation after validation."""
    found: dict[int, list[bool]] = {}
    for _, said in rows:
        for position, label, best in zip(said["positions"], said["labels"], said["best"], strict=True):
            found.setdefault(position, []).append(best[0] == label)
    return found


def image(experiment: Experiment, stored: int, said: dict[str, Any], i: int, names: Sequence[str], marks: list[bool]) -> Watched:
    """One of them."""
    label, position = said["labels"][i], said["positions"][i]
    odds = zip(said["best"][i], said["probability"][i], strict=True)
    guesses = [Guess(name_of(names, best), percent(share, 0), best == label) for best, share in odds]
    thumb, link = links(experiment.version, stored).values()
    return Watched(position, thumb, link, name_of(names, label), guesses, guesses[0].right, strip(marks), words(marks))


def name_of(names: Sequence[str], label: int) -> str:
    return names[label] if label < len(names) else str(label)


def strip(marks: Sequence[bool]) -> list[tuple[int, int, bool]]:
    """Neighbours of one kind as one piece."""
    pieces, start = [], 0
    for right, group in groupby(marks):
        count = len(list(group))
        pieces.append((start, count, right))
        start += count
    return pieces


def words(marks: Sequence[bool]) -> str:
    """The strip for those who do not see it."""
    return f"right after {sum(marks)} of {plural(len(marks), 'validation')}"


def forget(dataset: Dataset, positions: Sequence[int]) -> None:
    """What was said of erased images is of no image any more. The figures stay."""
    forget_in(EpochMatrix.objects.filter(experiment__dataset=dataset), set(positions))


def forget_in(matrices: QuerySet[EpochMatrix], gone: set[int]) -> None:
    """The same of those validations."""
    for row in matrices.filter(watched__isnull=False).only("watched").iterator(chunk_size=200):
        said = row.watched or {}
        if gone.intersection(said.get("positions", [])):
            row.watched = without(said, gone)
            row.save(update_fields=["watched"])


def without(said: dict[str, Any], gone: set[int]) -> dict[str, Any]:
    """What is said of single images, no more by the place of those that are gone."""
    return said | {"positions": [FORGOTTEN if position in gone else position for position in said["positions"]]}


def erased(version: int | QuerySet[Any], positions: Collection[int]) -> set[int]:
    """Those of a few positions whose images were erased."""
    versions = {"version": version} if isinstance(version, int) else {"version__in": version}
    return set(Sample.objects.filter(**versions, position__in=positions, path=ERASED_PATH).values_list("position", flat=True))


def of_living(experiment_id: str, said: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a validation says, as it is to be kept: a training that began before an erasure goes on to tell of the image."""
    if not said:
        return said
    version = Experiment.everything.filter(pk=experiment_id).values("version")
    gone = erased(version, said["positions"])
    return without(said, gone) if gone else said


def forget_meanwhile(experiment: Experiment) -> None:
    """At the end of a training: images that were erased as it ran are of no validation any more."""
    rows = experiment.matrices.filter(watched__isnull=False).values_list("watched", flat=True)
    positions = {position for said in rows.iterator(chunk_size=200) if said for position in said["positions"]}
    if gone := erased(experiment.version_id, positions):
        forget_in(experiment.matrices.all(), gone)
