"""What an erasure does not reach and may show the same: archives nobody has looked into yet, and images that look nearly the same."""

from __future__ import annotations

from typing import NamedTuple

from classifier.spec.packfile import ERASED_PATH
from webapp.accounts.models import Team
from webapp.datasets import hooks
from webapp.datasets.erasing.places import Place
from webapp.datasets.files import shown_name
from webapp.datasets.models import Addition, Dataset, Finding, QualityCheck, Sample, Upload
from webapp.jobs.models import State

MOST_TWINS = 20  # that are named of a dataset
NEARLY = ("near_leak", "near_two_labels", "near_duplicate")


class Archive(NamedTuple):
    """A file that came and lies here as it was sent."""

    name: str
    words: str  # where it waits


class Twin(NamedTuple):
    """An image that a check found to be nearly the same."""

    dataset: Dataset
    position: int
    path: str


def archives(team: Team) -> list[Archive]:
    """Of the whole team: what of them holds the image is known only once they are read. Of corrections' archives it is known before."""
    rows = Addition.objects.filter(draft__dataset__team=team, draft__closed_at__isnull=True, corrected=False)
    rows = rows.select_related("draft__dataset").order_by("pk")
    found = [Archive(row.name, f"waits in the draft of {row.draft.dataset.name}") for row in rows]
    unread = Dataset.everything.filter(team=team, purging_at__isnull=True).exclude(job__state=State.SUCCEEDED).order_by("pk")
    lying = (dataset for dataset in unread if (dataset.folder / "upload").exists())
    found += [Archive(shown_name(dataset.archive_name), f"waits for the import of {dataset.name}") for dataset in lying]
    uploads = Upload.objects.filter(team=team, finished_at__isnull=True).order_by("pk")
    found += [Archive(shown_name(upload.archive_name), "is being uploaded") for upload in uploads]
    return found + [Archive(*told) for told in hooks.unread(team)]


def twins(places: list[Place]) -> list[Twin]:
    """As the newest checks of their versions have them; those are not erased with the image, for their bytes are others."""
    here = {place.dataset.pk: set[int]() for place in places}
    for place in places:
        here[place.dataset.pk] |= {*place.positions}
    found = {place.dataset.pk: twins_in(place, here[place.dataset.pk]) for place in places}
    return [twin for twins in found.values() for twin in twins]


def twins_in(place: Place, here: set[int]) -> list[Twin]:
    """Each once, by position; `here` are all positions of the dataset from which it goes."""
    check = checked(place)
    if check is None:
        return []
    found = Finding.objects.filter(of=check, kind__in=NEARLY)
    seconds, firsts = found.filter(position__in=here), found.filter(other__in=here)
    beside = {*seconds.values_list("other", flat=True), *firsts.values_list("position", flat=True)}
    others = [position for position in beside - here if position is not None]
    named = Sample.objects.filter(version=check.version_id, position__in=others).exclude(path=ERASED_PATH)
    return [Twin(place.dataset, sample.position, sample.path) for sample in named.order_by("position")[:MOST_TWINS]]


def checked(place: Place) -> QualityCheck | None:
    """The newest check of one of its versions."""
    done = QualityCheck.objects.filter(version__in=place.versions, job__state=State.SUCCEEDED)
    return done.defer("means").order_by("-id").first()


def unchecked(places: list[Place]) -> list[str]:
    """Datasets in which nobody looked for twins."""
    return list(dict.fromkeys(place.dataset.name for place in places if checked(place) is None))
