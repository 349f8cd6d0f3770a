"""A trained network says what every image of a dataset version shows, for people to label."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from classifier.spec.events import Event
from webapp.datasets import hooks, suggested
from webapp.datasets.labelling_models import Suggesting
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job, State
from worker.handlers.base import Gone, Work


class Suggest(Work):
    """`classifier suggest RUN --data DATASET --out FILE.bin`, into a file of the attempt's own.

    It takes its place inside the transaction that ends the job. So one who lost the job, but goes on without knowing,
    touches nothing of those who came later.
    """

    noun, last_event = "look at the images", "suggested"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        row = Suggesting.objects.select_related("version__dataset", "team").filter(job=job).first()
        if row is None:
            raise Gone("The dataset was deleted before labels were suggested for it.")
        network = hooks.network(row.team, row.source)
        if network is None:
            raise Gone(f"The experiment {row.source_name}, which was to suggest labels, was deleted or trains again.")
        self.row, self.run = row, network.folder
        self.made = row.folder / f"{claim.job_id}.{claim.fence}.bin"

    @property
    def log(self) -> Path:
        return self.made.with_suffix(".log")

    def arguments(self) -> list[str]:
        return ["suggest", str(self.run), "--data", str(self.row.version.folder), "--out", str(self.made)]

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def prepare(self) -> None:
        """Files of attempts that were killed are nobody's any more."""
        self.row.folder.mkdir(parents=True, exist_ok=True)
        for path in self.row.folder.glob(f"*{self.claim.job_id}.*"):
            if path.stem.rsplit(".", 1)[-1] != str(self.claim.fence):
                path.unlink(missing_ok=True)

    def end(self, last: Event) -> None:
        suggested.finished(self.row, last)
        suggested.move_in(self.row, self.made)

    def clear(self) -> None:
        """What did not take its place is of no use; older suggestions make room for those that came."""
        for path in self.row.folder.glob(f"*{self.claim.job_id}.{self.claim.fence}.*"):
            path.unlink(missing_ok=True)
        if Job.objects.filter(pk=self.job.pk, state=State.SUCCEEDED).exists():
            suggested.forget_older(self.row)
