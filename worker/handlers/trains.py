"""An experiment's configuration becomes a trained network."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from classifier.spec.events import Event
from webapp.experiments import actions, erasing
from webapp.experiments.models import Experiment
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class Train(Work):
    """`classifier train DATASET --out RUN --config FILE`; on the same RUN it goes on from the newest good checkpoint."""

    noun, last_event = "training", "finished"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        experiment = Experiment.objects.select_related("version__dataset").filter(job=job).first()
        if experiment is None:
            raise Gone(f"The experiment {job.title} was deleted before its training began.")
        self.experiment = experiment

    @property
    def log(self) -> Path:
        return self.experiment.folder / "log.txt"

    @property
    def config(self) -> Path:
        """Beside the RUN folder, which holds what the engine wrote."""
        return self.experiment.folder.with_suffix(".json")

    def arguments(self) -> list[str]:
        run = self.experiment.folder
        return ["train", str(self.experiment.version.folder), "--out", str(run), "--config", str(self.config)]

    def told(self, message: str) -> str:
        """Without this server's folder in front of a file's name."""
        return message.replace(f"{settings.SYNSET_HOME}/", "")

    def prepare(self) -> None:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(json.dumps(self.experiment.config, indent=1), encoding="utf-8")

    def rows(self, events: list[Event]) -> None:
        for event in events:
            if event["event"] == "epoch":
                actions.record_epoch(self.experiment.id, event)
            elif event["event"] == "progress":
                actions.record_steps(self.experiment.id, event)
            elif event["event"] == "validation":
                actions.record_validation(self.experiment.id, event)
            elif event["event"] == "preflight":
                actions.record_memory(self.experiment.id, event)

    def before_end(self, last: Event) -> None:
        erasing.forget_meanwhile(self.experiment, self.job.started_at)

    def end(self, last: Event) -> None:
        actions.finished(self.experiment.id, self.experiment.folder)
        self.config.unlink(missing_ok=True)
