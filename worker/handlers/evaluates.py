"""One checkpoint is measured on one split."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from classifier.metrics import curves_path, embedding, scored_path
from classifier.spec.events import Event
from webapp.datasets import files
from webapp.evaluations import actions
from webapp.evaluations.models import Evaluation
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job
from worker.handlers.base import Gone, Work


class Evaluate(Work):
    """`classifier evaluate RUN --split SPLIT --checkpoint CHECKPOINT [--data DATASET] [--tta VIEWS] [--raw]`."""

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
        views = ["--tta", self.evaluation.views] if self.evaluation.views else []
        return ["evaluate", str(self.run), *wanted, *other, *views, *(["--raw"] if self.evaluation.raw else [])]

    def predictions(self, last: Event) -> Path:
        """A name of the attempt's own: the engine's is written anew when the same is measured again, or by a training that went on."""
        return self.run / f"{Path(last['predictions']).stem}-{self.evaluation.id}-{self.claim.fence}.csv"

    def before_end(self, last: Event) -> None:
        file, own = self.run / last["predictions"], self.predictions(last)
        second_name(scored_path(file), scored_path(own))
        second_name(curves_path(file), curves_path(own))
        for ending in embedding.PARTS:
            if (beside := embedding.part(file.with_suffix(""), ending)).exists():
                second_name(beside, embedding.part(own.with_suffix(""), ending))
        second_name(file, own)

    def end(self, last: Event) -> None:
        actions.finished(self.evaluation.id, last, self.predictions(last))


def second_name(file: Path, name: Path) -> None:
    """The same bytes under a second name for good, whatever becomes of the first; a copy where the disk has no hard links."""
    name.unlink(missing_ok=True)
    try:
        os.link(file, name)
    except OSError:
        shutil.copyfile(file, name)
        files.sync(name)
    files.sync(name.parent)
