"""An uploaded weights file becomes plain safetensors, or is refused and forgotten."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from pathlib import Path

import psutil

from classifier.spec.errors import InputError
from classifier.spec.events import Event
from webapp.datasets import files
from webapp.experiments import uploads
from webapp.experiments.models import WeightsFile
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job, State
from worker.handlers.base import Gone, Work

GIGABYTE = 1 << 30
LEAST_MEMORY_BYTES = 4 * GIGABYTE  # torch itself, and a network to compare with
COPIES = 5  # of the file's numbers: as they were mapped, as often as they may stand under other names
MEMORY_SHARE = 0.5  # of the machine's, for two checks may run at the same time
HEADER_BYTES = 128 << 20  # names and shapes in front of the numbers
IN_THE_MAKING = re.compile(r"\.?(?P<job>\w+)\.(?P<fence>\d+)\.safetensors(\..*)?")


class CheckWeights(Work):
    """`classifier check-weights FILE --out FILE.safetensors`, into a file of the attempt's own.

    That takes its place inside the transaction that ends the job; then the upload goes. What was refused is not kept at all.
    """

    noun, last_event = "weights check", "checked"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        file = WeightsFile.objects.filter(job=job).first()
        if file is None:
            raise Gone(f"The weights {job.title} were deleted before their check began.")
        self.file = file
        self.made = file.folder / f"{claim.job_id}.{claim.fence}.safetensors"

    @property
    def log(self) -> Path:
        return self.file.folder / "log.txt"

    def arguments(self) -> list[str]:
        if not self.file.upload.is_file():
            raise InputError(f"The file of {self.file.name} is gone; upload it again.", code="gone")
        return ["check-weights", str(self.file.upload), "--out", str(self.made)]

    def limits(self) -> dict[int, int]:
        """No file, however it was made, takes the machine's memory or its disk."""
        share = int(MEMORY_SHARE * psutil.virtual_memory().total)
        memory = max(LEAST_MEMORY_BYTES, min(LEAST_MEMORY_BYTES + COPIES * self.file.bytes, share))
        return super().limits() | {resource.RLIMIT_DATA: memory, resource.RLIMIT_FSIZE: COPIES * self.file.bytes + HEADER_BYTES}

    def told(self, message: str) -> str:
        """The file as the user called it, in place of where it lies on this machine."""
        said = message.replace(str(self.file.upload), self.file.file_name).removeprefix("weights: ")
        said = re.sub(rf"^{self.file.upload.name}\b", lambda _: self.file.file_name, said)
        return said if said.endswith((".", "?")) else f"{said}."

    def prepare(self) -> None:
        """Files of earlier attempts are nobody's any more."""
        for path, fence in self.in_the_making():
            if fence < self.claim.fence:
                path.unlink(missing_ok=True)

    def in_the_making(self) -> Iterator[tuple[Path, int]]:
        """(file, fence) of what attempts of this job wrote."""
        for path in self.file.folder.glob("*"):  # none once the file was removed
            name = IN_THE_MAKING.fullmatch(path.name)
            if name is not None and name["job"] == self.claim.job_id:
                yield path, int(name["fence"])

    def end(self, last: Event) -> None:
        uploads.passed(self.file.id, last)
        if self.made.exists():  # else an end that was not committed has moved it there
            self.made.replace(self.file.path)
            files.sync(self.file.folder)

    def clear(self) -> None:
        """The upload goes with the job's end, and all of it with a bad one; before that it waits for the next attempt."""
        state = Job.objects.filter(pk=self.job.pk).values_list("state", flat=True).first()
        if state in (State.FAILED, State.CANCELLED):
            files.remove(self.file.folder)
            return
        if state == State.SUCCEEDED:
            self.file.upload.unlink(missing_ok=True)
        for path, fence in self.in_the_making():
            if fence == self.claim.fence:
                path.unlink(missing_ok=True)
