"""What to erase an image would do, and the job that does it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.words import plural
from webapp.datasets import hooks
from webapp.datasets.erasing import corrected
from webapp.datasets.erasing.places import Place, digest_at, places_of
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Erasure
from webapp.datasets.removing import held
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Job, Kind, State

# From a job to the dataset that it reads, by the names that those apps gave their way back.
READS = (
    "experiment__dataset",
    "evaluations__version__dataset",
    "study__version__dataset",
    "rate_search__version__dataset",
    "draft__dataset",
    "quality_check__version__dataset",
    "suggesting__version__dataset",
    "embedding_map__experiment__dataset",
    "embedding_map__evaluation__version__dataset",
)


class Found(NamedTuple):
    """Where the image is, what learnt from it or was measured on it, and what reads its dataset at this moment."""

    digest: str
    also: list[str]  # other hashes under which the same picture is kept
    places: list[Place]
    elsewhere: list[hooks.Elsewhere]  # outside of datasets
    corrections: list[Addition]  # of open drafts
    saw: list[hooks.Saw]
    busy: Job | None

    @property
    def is_erased(self) -> bool:
        """Everywhere."""
        gone = [place.is_erased for place in self.places] + [kept.is_erased for kept in self.elsewhere]
        return bool(self.places) and all(gone) and not self.corrections

    @property
    def held_in(self) -> list[Dataset]:
        """The datasets that have it, each once: one may have the same picture under two hashes."""
        return list({place.dataset.pk: place.dataset for place in self.places}.values())

    @property
    def reads(self) -> str:
        """What `busy` does with it."""
        return doing(self.busy) if self.busy else ""

    @property
    def datasets(self) -> list[Dataset]:
        """Those whose drafts or versions have it."""
        return [*(place.dataset for place in self.places), *(row.draft.dataset for row in self.corrections)]


def look(version: DatasetVersion, position: int) -> Found:
    """InputError where the version has no such image."""
    digest, team = digest_at(version, position), version.dataset.team
    also = hooks.other_hashes(team, digest)
    hashes = [digest, *also]
    found, elsewhere, waits = places_of(team, hashes), hooks.elsewhere(team, hashes), corrected.holding(team, hashes)
    looked = Found(digest, also, found, elsewhere, waits, saw(found), busy(found, elsewhere, waits))
    return looked._replace(saw=by_then(version.dataset, looked)) if looked.is_erased else looked


def by_then(dataset: Dataset, found: Found) -> list[hooks.Saw]:
    """What had used the image when it was erased: whatever began later found a tombstone."""
    done = Erasure.objects.filter(team=dataset.team, digest=found.digest, job__state=State.SUCCEEDED).order_by("-id").first()
    if done is None:
        return found.saw
    known = {(use["address"], use["id"]) for use in done.saw}
    return [use for use in found.saw if (use.address, use.id) in known]


def meanwhile(dataset: Dataset, since: datetime | None) -> bool:
    """Whether an image of the team was being erased at some time from then on: what was read before may still hold its name."""
    ended = Q(job__finished_at__isnull=True) | Q(job__finished_at__gte=since)
    return since is None or Erasure.objects.filter(ended, team=dataset.team_id).exists()


def saw(found: list[Place]) -> list[hooks.Saw]:
    """What every app knows to have used it."""
    return [use for place in found for use in hooks.saw(place.dataset, place.positions)]


def reading(datasets: list[Dataset]) -> Job | None:
    """A job that reads images of these datasets just now: it would take the zeros for a picture, or tell the file's name.

    A version that is to be sealed counts while it waits, too: begun meanwhile, it would copy the name.
    """
    wanted = Q()
    for path in READS:
        wanted |= Q(**{f"{path}__in": datasets})
    wanted &= Q(state=State.RUNNING) | Q(kind=Kind.SEAL) & ~Q(state__in=FINAL)
    return Job.objects.filter(wanted).order_by("id").first() if datasets else None


def busy(found: list[Place], elsewhere: list[hooks.Elsewhere], waits: list[Addition]) -> Job | None:
    """What reads it anywhere."""
    reads = reading([place.dataset for place in found]) or corrected.sealed_by(waits)
    return reads or next((kept.busy for kept in elsewhere if kept.busy), None)


def doing(job: Job) -> str:
    """What such a job does with it."""
    return "classifies images among which it is" if job.kind == Kind.CLASSIFY else "reads its dataset"


def lock(datasets: list[Dataset]) -> None:
    """Until the transaction ends nobody begins to seal one of them."""
    list(Dataset.everything.select_for_update().filter(pk__in=[dataset.pk for dataset in datasets]).order_by("pk").values_list("pk"))


def ask(actor: Actor, version: DatasetVersion, position: int) -> Erasure:
    """Queues the job; one that waits or runs for the same image is given instead. InputError where it cannot be now."""
    actor.require("dataset.delete")
    found = look(version, position)
    with transaction.atomic():
        lock(found.datasets)
        dataset = held(version.dataset)
        asked = Erasure.objects.filter(team=actor.team, digest=found.digest)
        if living := asked.exclude(job__state__in=FINAL).first():
            return living
        if found.is_erased and asked.filter(job__state=State.SUCCEEDED).exists():
            raise InputError("This image is erased already.", code="nothing")
        waits = corrected.holding(actor.team, [found.digest, *found.also])
        if reads := busy(found.places, found.elsewhere, waits):  # what began since the look
            raise InputError(f"“{reads.title}” {doing(reads)} now. Wait for its end, or cancel it; then erase the image.", code="busy")
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.ERASE, title=f"An image of {dataset.name}")
        made = Erasure.objects.create(
            team=actor.team, created_by=actor.user, dataset=dataset, digest=found.digest, also=found.also, job=job
        )
        elsewhere = {"classifications": plural(len(found.elsewhere), "classification")} if found.elsewhere else {}
        record(actor, "dataset.erase", dataset, **elsewhere)
    return made
