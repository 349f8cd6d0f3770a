"""A draft becomes the next version of its dataset."""

from __future__ import annotations

import re
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from classifier.spec.events import Event
from classifier.spec.faults import fault
from webapp.datasets import actions, files, hooks, versioning
from webapp.datasets.drafts import adding, file
from webapp.datasets.models import CHANGES, Draft
from webapp.jobs import actions as jobs
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work
from worker.handlers.imports import FILE_RATIO, LEAST_FILE_BYTES, memory_limit

# of an attempt: its changes, its version in the making, or the engine's own folders beside that
IN_THE_MAKING = re.compile(r"\.?(?P<job>\w+)\.(?P<fence>\d+)(\.jsonl|\.importing-.*|(?P<read>\.adding-.*))?")


# What an image costs the command and its row the worker, and what the command reads of archives in a second; about, to say how far it is.
COMMAND_SECONDS, ROW_SECONDS, READ_BYTES = 1e-5, 4e-5, 1e7


class Made(NamedTuple):
    """Something that an attempt left in the folder of versions."""

    path: Path
    job: str
    fence: int
    is_read: bool  # whether it is what was read of added images


class Seal(Work):
    """`classifier revise BASE --changes FILE --out FOLDER`, into a folder of the attempt's own.

    It becomes `versions/N` inside the transaction that ends the job. So one who lost the job, but goes on without
    knowing, touches nothing of those who came later. What attempts had read of added images that were killed, or failed, the command
    takes over, those of earlier jobs of the draft too: it stays until the draft is closed.
    """

    noun, last_event = "sealing", "revised"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        rows = Draft.objects.select_related("dataset", "base__dataset", "job__created_by", "created_by")
        draft = rows.filter(job=job, closed_at__isnull=True, dataset__purging_at__isnull=True).first()
        if draft is None:
            raise Gone(f"The draft that was to become {job.title} was discarded or deleted before it was sealed.")
        self.draft = draft
        self.additions = adding.waiting(draft)
        self.problems: dict[int, Event] = {}  # of added images, by the event itself: a batch may be told twice
        self.versions = draft.dataset.folder / "versions"
        self.folder = self.versions / f"{claim.job_id}.{claim.fence}"
        self.changes = self.folder.with_name(f"{self.folder.name}.jsonl")
        command = COMMAND_SECONDS * draft.base.images + sum(addition.bytes for addition in self.additions) / READ_BYTES
        self.rows_seconds = ROW_SECONDS * draft.base.images
        self.share = command / max(1e-6, command + self.rows_seconds)

    @property
    def log(self) -> Path:
        return self.draft.dataset.folder / "seal.txt"

    def arguments(self) -> list[str]:
        words = ["revise", str(self.draft.base.folder), "--changes", str(self.changes), "--out", str(self.folder)]
        return [*words, "--keep", *(word for folder in self.earlier() for word in ("--earlier", str(folder)))] if self.additions else words

    def earlier(self) -> list[Path]:
        """Where attempts before were to make the version, and left what they had read of added images."""
        found = {(made.job, made.fence) for made in self.in_the_making() if made.is_read} - {(self.claim.job_id, self.claim.fence)}
        return [self.versions / f"{job}.{fence}" for job, fence in sorted(found)]

    def told(self, message: str) -> str:
        """In the terms of the draft, without this server's folder in front of a file's name."""
        base = f"version {self.draft.base.number}"
        for addition in self.additions:
            message = message.replace(addition.file, addition.name)
        said = message.replace(str(self.draft.base.folder), base).replace(f"{self.changes.name}, line", "the draft, change")
        return said.replace(f"{settings.SYNSET_HOME}/", "")

    def prepare(self) -> None:
        """Writes the changes; what earlier attempts left is nobody's any more."""
        self.versions.mkdir(parents=True, exist_ok=True)
        for made in self.in_the_making():
            if (made.job, made.fence) < (self.claim.job_id, self.claim.fence) and not made.is_read:
                remove(made.path)
        file.write(self.draft, self.changes)

    def in_the_making(self) -> Iterator[Made]:
        """What attempts left; jobs' ids sort by time."""
        for path in self.versions.glob("*.*"):
            name = IN_THE_MAKING.fullmatch(path.name)
            if name is not None:
                yield Made(path, name["job"], int(name["fence"]), bool(name["read"]))

    def clear(self) -> None:
        """What did not become a version is of no use."""
        self.remove_own(read=False)

    def make_room(self) -> None:
        """What was read takes room too."""
        self.remove_own(read=True)

    def remove_own(self, *, read: bool) -> None:
        for made in self.in_the_making():
            if (made.job, made.fence) == (self.claim.job_id, self.claim.fence) and (read or not made.is_read):
                remove(made.path)

    def limits(self) -> dict[int, int]:
        """Archives that are added are held as those of an import are; their images grow the files that the versions share."""
        if not self.additions:
            return super().limits()
        pack = self.draft.base.folder / "pack"
        there = max((path.stat().st_size for path in pack.iterdir()), default=0) if pack.is_dir() else 0
        file = there + max(LEAST_FILE_BYTES, FILE_RATIO * sum(addition.bytes for addition in self.additions))
        return super().limits() | {resource.RLIMIT_DATA: memory_limit(), resource.RLIMIT_FSIZE: file}

    def rows(self, events: list[Event]) -> None:
        """What was not added is kept until the end: an attempt that does not come there leaves nothing."""
        self.problems |= {id(event): event for event in events if event["event"] == "problem"}

    def told_of(self, problem: Event) -> Event:
        """Where several archives are added, with the name of the one that it came in: two may hold a file of the same name."""
        name = next((addition.name for addition in self.additions if addition.file == problem.get("source")), "")
        return problem | {"message": f"{problem['message']} It came in {name}."} if name and len(self.additions) > 1 else problem

    def before_end(self, last: Event) -> None:
        versioning.staged(self.draft, self.made(), lambda: jobs.fence(self.claim), self.counting())
        fault("staged")

    def end(self, last: Event) -> None:
        version = versioning.sealed(self.draft, self.made())
        actions.add_problems(self.draft.dataset_id, map(self.told_of, self.problems.values()))
        if self.folder.exists():  # else an end that was not committed has moved it there
            self.changes.rename(self.folder / CHANGES)  # with them anybody can make the version again
            target = self.versions / str(version.number)
            files.remove(target)
            self.folder.rename(target)
            files.sync(self.versions)
        hooks.tell_sealed(self.draft, version)
        fault("sealed")

    def made(self) -> Path:
        """Where the version lies: in its place already when an end that moved it there was not committed."""
        return self.folder if self.folder.exists() else self.versions / str(versioning.next_number(self.draft.dataset_id))


def remove(path: Path) -> None:
    """A file, or a folder with all that is in it; the pack behind a version's link stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
