"""An uploaded archive becomes a sealed dataset version."""

from __future__ import annotations

import shutil
from pathlib import Path

from classifier.spec.errors import InputError
from classifier.spec.events import Event
from webapp.datasets import actions
from webapp.datasets.files import archive_path
from webapp.datasets.models import Dataset
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class Import(Work):
    """`classifier import ARCHIVE --out DATASET`."""

    noun, last_event = "import", "imported"

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        dataset = Dataset.objects.filter(job=job).first()
        if dataset is None:
            raise Gone(f"The dataset {job.title} was deleted before its import began.")
        self.dataset = dataset
        self.folder = dataset.folder / "data"

    @property
    def log(self) -> Path:
        return self.dataset.folder / "log.txt"

    def arguments(self) -> list[str]:
        archive = archive_path(self.dataset.folder)
        if archive is None:
            raise InputError(f"The archive of {self.dataset.name} is gone; upload it again.", code="gone")
        options = self.dataset.options
        group = ["--group", options["group"]] if options.get("group") else []
        split = ["--split", options.get("split", "70/15/15"), "--seed", str(options.get("seed", 0))]
        return ["import", str(archive), "--out", str(self.folder), *split, *group]

    def told(self, message: str) -> str:
        """The archive as the user called it, in place of where it lies on this machine."""
        archive = archive_path(self.dataset.folder)
        for said in (str(archive), archive.name) if archive else ():
            message = message.replace(said, self.dataset.archive_name)
        return message

    def prepare(self) -> None:
        """A folder here belongs to an attempt that ended between its files and its rows."""
        shutil.rmtree(self.folder, ignore_errors=True)
        actions.forget_problems(self.dataset.id)

    def rows(self, events: list[Event]) -> None:
        actions.add_problems(self.dataset.id, [event for event in events if event["event"] == "problem"])

    def before_end(self, last: Event) -> None:
        actions.staged(self.dataset.id, self.folder, last)

    def end(self, last: Event) -> None:
        actions.sealed(self.dataset.id, self.folder, last)
