"""Many pictures that somebody sent, or that were classified before, are classified."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from classifier.many import erasing as answers
from classifier.metrics.answers import Answers
from classifier.spec.errors import InputError
from classifier.spec.events import Event
from classifier.spec.local_weights import local_file
from webapp.datasets import files
from webapp.jobs.actions import Claim
from webapp.jobs.models import FINAL, Job
from webapp.predictions import erasing
from webapp.predictions.client import PUBLISHED
from webapp.predictions.many import asking
from webapp.predictions.models import Classification
from worker.claim import DATABASE_AWAY
from worker.handlers.base import Gone, Work
from worker.handlers.imports import FILE_RATIO, IN_THE_MAKING, LEAST_FILE_BYTES


class Classify(Work):
    """`classifier classify RUN SOURCE --out ANSWERS`, into a folder of the attempt's own, which a row names once the job has succeeded.

    So one who lost the job, but goes on without knowing, touches nothing of those who came later. What attempts before had read and said
    the command takes over: their folders stay for as long as the job may be tried again.
    """

    noun, last_event = "classification", "classified"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        row = Classification.objects.select_related("experiment", "source").filter(job=job).first()
        if row is None:
            raise Gone(f"{job.title} was deleted before it began.")
        if row.network_left:
            raise Gone(f"The experiment {row.network_name}, which was to classify, was deleted. Choose another network.")
        self.row = row
        self.counts: dict[str, Any] = {}  # without what was erased meanwhile
        self.made = row.folder / f"data.{claim.job_id}.{claim.fence}"

    @property
    def log(self) -> Path:
        return self.row.folder / "log.txt"

    def arguments(self) -> list[str]:
        earlier = [word for folder in self.earlier() for word in ("--earlier", str(folder))]
        below = "never" if self.row.unsure_below is None else repr(self.row.unsure_below)
        return ["classify", *self.network(), str(self.source()), "--out", str(self.made), "--unsure-below", below, "--keep", *earlier]

    def network(self) -> list[str]:
        """The RUN, or the published network with its file on this machine."""
        if self.row.experiment is not None:
            return [str(self.row.experiment.folder)]
        name = self.row.network.removeprefix(PUBLISHED)
        file = local_file(name)
        if file is None:
            raise InputError(f"The published weights of {name} are not on this machine any more. Choose another network.", code="gone")
        return ["--model", name, "--weights", str(file)]

    def source(self) -> Path:
        """What was sent, or the answers whose pictures are classified anew; InputError where neither is kept any more."""
        if self.row.archive_file:
            found = files.archive_path(self.row.folder, self.row.archive_file)
        else:
            found = self.row.source.answers if self.row.source is not None and self.row.source.answers.is_dir() else None
        if found is None:
            raise InputError(f"The pictures of {self.row.name} are gone; send them again.", code="gone")
        return found

    def earlier(self) -> list[Path]:
        """Where attempts before were to make the answers, and left something."""
        mine = (self.claim.job_id, self.claim.fence)
        found = {(job, fence) for _, job, fence in self.in_the_making() if (job, fence) < mine}
        return [self.row.folder / f"data.{job}.{fence}" for job, fence in sorted(found)]

    def in_the_making(self) -> Iterator[tuple[Path, str, int]]:
        """(folder, job, fence) of each attempt's folders; jobs' ids sort by time."""
        for folder in self.row.folder.glob("*data.*"):
            name = IN_THE_MAKING.fullmatch(folder.name)
            if name is not None:
                yield folder, name["job"], int(name["fence"])

    def limits(self) -> dict[int, int]:
        """No archive, however it was made, takes the whole disk."""
        return super().limits() | {resource.RLIMIT_FSIZE: max(LEAST_FILE_BYTES, FILE_RATIO * self.row.archive_bytes)}

    def told(self, message: str) -> str:
        """What was sent as the user called it, in place of where it lies on this machine; nor is told where the answers will."""
        message = message.replace(str(self.made), "the answers")
        for place in self.places():
            message = message.replace(str(place), self.row.name).replace(place.name, self.row.name)
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def places(self) -> list[Path]:
        """Where what is classified lies."""
        if self.row.archive_file:
            return [self.row.folder / "upload" / self.row.archive_file]
        return [self.row.source.answers] if self.row.source is not None and self.row.source.files else []

    def before_end(self, last: Event) -> None:
        self.forget_erased()
        files.sync(self.row.folder)

    def forget_erased(self) -> None:
        """What the team had erased since these pictures were sent, while nobody could know that it is among them."""
        digests = erasing.meanwhile(self.row)
        held = erasing.held_by(self.row, self.made, digests) if digests else None
        if held is not None:
            erasing.forget_of(held)
            answers.forget(self.made, digests)
            about = Answers(self.made).about
            self.counts = {name: about[name] for name in ("images", "counts", "unsure", "erased")}

    def end(self, last: Event) -> None:
        asking.finished(self.row, last | self.counts, self.made.name)

    def clear(self) -> None:
        """What was sent is not needed once it is read; nor are tries once none comes after them."""
        try:
            job = Job.objects.filter(pk=self.claim.job_id).values("state").first()
            named = Classification.objects.filter(pk=self.row.pk).values_list("files", flat=True).first()
        except DATABASE_AWAY:
            return  # the keeper takes it
        if job is None or job["state"] in FINAL:
            self.remove(but=named or "")
        if named:
            shutil.rmtree(self.row.folder / "upload", ignore_errors=True)
            self.log.unlink(missing_ok=True)

    def make_room(self) -> None:
        self.remove(but=self.row.files)

    def remove(self, but: str) -> None:
        """Folders of this attempt and those before it, but the one that the row names."""
        for folder, job, fence in list(self.in_the_making()):
            if folder.name != but and (job, fence) <= (self.claim.job_id, self.claim.fence):
                shutil.rmtree(folder, ignore_errors=True)
