"""A dataset version is checked; what is found becomes rows."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from django.conf import settings

from classifier.spec.events import Event
from classifier.spec.faults import fault
from classifier.spec.quality import LOOKS
from webapp.datasets.browsing import looks
from webapp.datasets.quality import actions, queries
from webapp.datasets.quality_models import QualityCheck
from webapp.jobs import actions as jobs
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job, State
from worker.handlers.base import Gone, Work


class CheckQuality(Work):
    """`classifier check DATASET --out FILE.json`, into a file of the attempt's own, which is gone once its content stands in rows."""

    noun, last_event = "check", "quality"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        check = QualityCheck.objects.select_related("version__dataset").filter(job=job).first()
        if check is None:
            raise Gone("The dataset was deleted before its check began.")
        self.check = check
        self.file = check.folder / f"{claim.job_id}.{claim.fence}.json"

    @property
    def log(self) -> Path:
        return self.file.with_suffix(".log")

    def arguments(self) -> list[str]:
        return ["check", str(self.check.version.folder), "--out", str(self.file)]

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def prepare(self) -> None:
        """Files and rows of attempts that were killed are nobody's any more."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        for path in self.file.parent.glob(f"*{self.claim.job_id}.*"):
            if path != self.file:
                path.unlink(missing_ok=True)
        actions.forget_rows(self.check, self.fence)

    def fence(self) -> None:
        jobs.fence(self.claim)

    @functools.cached_property
    def found(self) -> dict[str, Any]:
        """The engine's file."""
        return actions.described(self.file)

    def before_end(self, last: Event) -> None:
        actions.staged(self.check, self.found, self.fence)
        fault("staged")
        looks.keep(self.check.version, self.check.pk, self.file.with_suffix(LOOKS))

    def end(self, last: Event) -> None:
        actions.finished(self.check, self.found)

    def clear(self) -> None:
        """Its findings stand in rows by now; earlier checks of the version make room for one that succeeded."""
        for path in self.file.parent.glob(f"*{self.claim.job_id}.{self.claim.fence}.*"):
            path.unlink(missing_ok=True)
        if Job.objects.filter(pk=self.job.pk, state=State.SUCCEEDED).exists():
            actions.forget_older(self.check)
        newest = queries.newest_done(self.check.version)
        looks.forget(self.check.version, but=newest.pk if newest else "")
