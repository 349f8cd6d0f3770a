"""A network is looked at once more: by probes, or for which class needs more images."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from classifier.spec.events import Event
from webapp.evaluations.studies import actions
from webapp.evaluations.study_models import Study, What
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work

ENDS = {What.PROBES: "probed", What.GROWTH: "grown", What.FILTERS: "excited"}  # the kind of the command's last event


class Investigate(Work):
    """`classifier probe RUN …` or `classifier grow RUN`; it leaves nothing but its last event."""

    noun = "look at the network"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        related = ("experiment", "version__dataset", "evaluation")
        study = Study.everything.select_related(*related).filter(job=job).first()
        if study is None:
            raise Gone(f"What {job.title} was about was deleted before it began.")
        self.study = study
        self.run = study.experiment.folder
        self.last_event = ENDS[What(study.what)]

    @property
    def log(self) -> Path:
        return self.run / f"study-{self.study.id}.log"

    def arguments(self) -> list[str]:
        evaluation = self.study.evaluation
        if self.study.what == What.GROWTH or evaluation is None:
            return ["grow", str(self.run)]
        wanted = ["--split", evaluation.split, "--checkpoint", evaluation.checkpoint]
        other = ["--data", str(evaluation.version.folder)] if evaluation.of_other_data else []
        return ["probe", str(self.run), *wanted, *other, *(["--raw"] if evaluation.raw else [])]

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def end(self, last: Event) -> None:
        actions.finished(self.study, last)

    def clear(self) -> None:
        """Its sentence and what it found stand in rows."""
        self.log.unlink(missing_ok=True)
