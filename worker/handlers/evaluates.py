"""One checkpoint is measured on one split."""

from __future__ import annotations

from pathlib import Path

from classifier.spec.events import Event
from webapp.evaluations import actions
from webapp.evaluations.models import Evaluation
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class Evaluate(Work):
    """`classifier evaluate RUN --split SPLIT --checkpoint CHECKPOINT [--data DATASET]`."""

    noun, last_event = "evaluation", "evaluated"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        related = ("experiment", "version__dataset")
        evaluation = Evaluation.objects.select_related(*related).filter(job=job).first()
        if evaluation is None:
            raise Gone(f"The evaluation {job.title} was deleted before it began.")
        self.evaluation = evaluation
        self.run = evaluation.experiment.folder

    @property
    def log(self) -> Path:
        return self.run / f"evaluation-{self.evaluation.id}.log"

    def arguments(self) -> list[str]:
        wanted = ["--split", self.evaluation.split, "--checkpoint", self.evaluation.checkpoint]
        other = ["--data", str(self.evaluation.version.folder)] if self.evaluation.of_other_data else []
        return ["evaluate", str(self.run), *wanted, *other]

    def end(self, last: Event) -> None:
        actions.finished(self.evaluation.id, last, self.run / last["predictions"])
