"""An uploaded archive becomes a sealed dataset version."""

from __future__ import annotations

import json
import re
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from django.conf import settings
from django.db import transaction

from classifier.spec.errors import InputError
from classifier.spec.events import Event
from classifier.spec.packfile import JOURNAL_FILE
from webapp.datasets import actions, files, origins
from webapp.datasets.models import Dataset
from webapp.jobs import actions as jobs
from webapp.jobs.actions import Claim
from webapp.jobs.actions.ending import PASSING
from webapp.jobs.models import FINAL, Job, State
from worker.claim import DATABASE_AWAY
from worker.handlers.base import Gone, Work

# a DATASET folder in the making, or the engine's own beside it: data.JOB.FENCE, .data.JOB.FENCE.importing-…
IN_THE_MAKING = re.compile(r"\.?data\.(?P<job>\w+)\.(?P<fence>\d+)(\.importing-.*)?")
# what the command tells people at a terminal; in a browser the preview offers it
TO_CHOOSE = re.compile(r" (Images without labels can be imported to be labelled|Their names seem to say it): --choose '[^']*'\.$")
FLAGS = {"alike": "--alike", "blur_faces": "--blur-faces"}
GIGABYTE = 1 << 30
LEAST_MEMORY_BYTES = 4 * GIGABYTE  # enough for the largest pictures that are taken
MEMORY_SHARE = 0.5  # of the machine's, for two imports may run at the same time
LEAST_FILE_BYTES = 64 * GIGABYTE
FILE_RATIO = 50  # small pictures are kept as raw pixels, which take several times the bytes of the archive


class Import(Work):
    """`classifier import ARCHIVE --out DATASET`, into a folder of the attempt's own.

    It takes the place of the dataset's `data` inside the transaction that ends the job. So one who lost the job, but
    goes on without knowing, touches nothing of those who came later. What attempts had read that were killed or sent away
    the command takes over: their folders stay for as long as the job may be tried again, also by somebody who has it tried again after
    it failed for what may not come again.
    """

    noun, last_event = "import", "imported"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        dataset = Dataset.objects.filter(job=job).first()
        if dataset is None:
            raise Gone(f"The dataset {job.title} was deleted before its import began.")
        self.dataset = dataset
        self.read: Path | None = None  # what the command reads, once it is known
        self.data = dataset.folder / "data"
        self.folder = dataset.folder / f"data.{claim.job_id}.{claim.fence}"

    @property
    def log(self) -> Path:
        return self.dataset.folder / "log.txt"

    def arguments(self) -> list[str]:
        options = self.dataset.options
        group = ["--group", options["group"]] if options.get("group") else []
        group += [flag for name, flag in FLAGS.items() if options.get(name)]
        group += ["--exif", options["exif"]] if options.get("exif") else []
        limit = [word for name in ("least", "most") if options.get(name) for word in (f"--{name}", str(options[name]))]
        split = ["--split", options.get("split", "70/15/15"), "--seed", str(options.get("seed", 0))]
        choose = ["--choose", json.dumps(options["choose"])] if options.get("choose") else []
        earlier = [word for folder in self.earlier() for word in ("--earlier", str(folder))]
        words = ["import", str(self.archive()), "--out", str(self.folder), *split, *group, *limit, *choose]
        return [*words, "--keep", *earlier, "--brief", *self.fetch()]

    def earlier(self) -> list[Path]:
        """Where attempts before were to make the dataset, and left something; of this job, and of those that failed before it."""
        found = {(job, fence) for _, job, fence in self.in_the_making() if (job, fence) < (self.claim.job_id, self.claim.fence)}
        return [self.dataset.folder / f"data.{job}.{fence}" for job, fence in sorted(found)]

    def fetch(self) -> list[str]:
        """The flag of a command that downloads its archive first."""
        return ["--fetch"] if self.environment() else []

    def environment(self) -> dict[str, str]:
        return origins.to_fetch(self.dataset)

    def archive(self) -> Path:
        """What was uploaded, or where it is to be read or downloaded to; raises InputError where it is not kept any more."""
        archive = origins.source(self.dataset)
        if archive is None:
            raise InputError(f"The archive of {self.dataset.name} is gone; upload it again.", code="gone")
        self.read = archive
        return archive

    def limits(self) -> dict[int, int]:
        """No archive, however it was made, takes the machine's memory or its whole disk."""
        known = self.dataset.archive_bytes if self.dataset.origin is None else shutil.disk_usage(settings.SYNSET_HOME).total
        file = max(LEAST_FILE_BYTES, FILE_RATIO * known)
        return super().limits() | {resource.RLIMIT_DATA: memory_limit(), resource.RLIMIT_FSIZE: file}

    def told(self, message: str) -> str:
        """The archive as the user called it, in place of where it lies on this machine; nor is told where the dataset will."""
        message = message.replace(str(self.folder), "the dataset")
        archive = self.read
        for said in (str(archive), archive.name) if archive else ():
            message = message.replace(said, self.dataset.archive_name)
        message = TO_CHOOSE.sub("", message).replace(f"{settings.SYNSET_HOME}/", "")
        return re.sub(r"^--choose", "Your correction", message).replace("--choose", "your correction")

    def downloaded(self) -> None:
        """Tells how large the archive is that the command has downloaded."""
        if self.dataset.origin and self.read and self.read.is_file():
            Dataset.everything.filter(pk=self.dataset.pk).update(archive_bytes=self.read.stat().st_size)

    def prepare(self) -> None:
        """Whole datasets of earlier jobs are nobody's any more: their layout may be corrected since. What they had read is gone on with."""
        for folder, job, _ in list(self.in_the_making()):
            if job < self.claim.job_id and not (folder / "pack" / JOURNAL_FILE).exists():
                shutil.rmtree(folder, ignore_errors=True)
        if self.environment():
            (self.dataset.folder / "upload").mkdir(mode=0o700, parents=True, exist_ok=True)
        with transaction.atomic():
            jobs.fence(self.claim)
            actions.forget_problems(self.dataset.id)

    def in_the_making(self) -> Iterator[tuple[Path, str, int]]:
        """(folder, job, fence) of each attempt's folders; jobs' ids sort by time."""
        for folder in self.dataset.folder.glob("*data.*"):  # none once the dataset was removed
            name = IN_THE_MAKING.fullmatch(folder.name)
            if name is not None:
                yield folder, name["job"], int(name["fence"])

    def remove(self, which: Callable[[str, int], bool]) -> None:
        """Folders in the making, by job and fence."""
        for folder, job, fence in self.in_the_making():
            if which(job, fence):
                shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """What did not become the dataset's is of no use, once no later attempt can go on from there."""
        try:
            job = Job.objects.filter(pk=self.claim.job_id).values("state", "error_code").first()
        except DATABASE_AWAY:
            return  # the next attempt takes it, or the keeper
        if job is None or (job["state"] in FINAL and not (job["state"] == State.FAILED and job["error_code"] in PASSING)):
            self.make_room()

    def make_room(self) -> None:
        self.remove(lambda job, fence: (job, fence) <= (self.claim.job_id, self.claim.fence))

    def rows(self, events: list[Event]) -> None:
        actions.add_problems(self.dataset.id, [event for event in events if event["event"] == "problem"])

    def before_end(self, last: Event) -> None:
        actions.staged(self.dataset.id, self.made(), lambda: jobs.fence(self.claim), self.counting())

    def end(self, last: Event) -> None:
        self.downloaded()
        actions.sealed(self.dataset.id, self.made())
        self.move_in()

    def made(self) -> Path:
        """Where the import lies: `data` already when an end that moved it there was not committed."""
        return self.folder if self.folder.exists() else self.data

    def move_in(self) -> None:
        """Becomes the dataset's, in place of what an end that was not committed had left there."""
        if self.folder.exists():
            files.remove(self.data)
            self.folder.rename(self.data)
            files.sync(self.data.parent)


def child_limits(file_bytes: int) -> dict[int, int]:
    """What a command may use that decodes what somebody sent, and writes no file larger than that."""
    return {resource.RLIMIT_CORE: 0, resource.RLIMIT_DATA: memory_limit(), resource.RLIMIT_FSIZE: file_bytes}


def memory_limit() -> int:
    """Bytes that a command may take which decodes what somebody sent."""
    return max(LEAST_MEMORY_BYTES, int(MEMORY_SHARE * psutil.virtual_memory().total))
