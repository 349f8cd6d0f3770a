"""A network looks at what it learnt from and what it was measured on, for a map of them."""

from __future__ import annotations

from pathlib import Path

from classifier.metrics import embedding
from classifier.spec.events import Event
from webapp.datasets import files
from webapp.evaluations.models import EmbeddingMap
from webapp.evaluations.space import actions
from webapp.jobs.actions import Claim
from webapp.jobs.models import Job, State
from worker.handlers.base import Gone, Work


class MapSpace(Work):
    """`classifier space RUN --out STEM --split SPLIT --checkpoint CHECKPOINT`, into files of the attempt's own."""

    noun, last_event = "look at the images", "mapped"

    def __init__(self, job: Job, claim: Claim) -> None:
        super().__init__(job, claim)
        related = ("experiment__version__dataset", "evaluation__version__dataset", "evaluation__experiment")
        row = EmbeddingMap.objects.select_related(*related).filter(job=job).first()
        if row is None:
            raise Gone(f"The evaluation was deleted before {job.title} began.")
        self.row, self.run = row, row.experiment.folder
        self.name = f"map-{row.pk}-{claim.fence}"

    @property
    def stem(self) -> Path:
        return self.run / self.name

    @property
    def log(self) -> Path:
        return self.run / f"{self.name}.log"

    def arguments(self) -> list[str]:
        evaluation = self.row.evaluation
        wanted = ["--out", str(self.stem), "--split", evaluation.split, "--checkpoint", evaluation.checkpoint]
        predictions = evaluation.predictions_file
        wanted += ["--predictions", str(predictions)] if predictions else []
        wanted += ["--data", str(evaluation.version.folder)] if evaluation.of_other_data else []
        wanted += ["--raw"] if evaluation.raw else []
        return ["space", str(self.run), *wanted]

    def prepare(self) -> None:
        """Files of attempts that were killed are nobody's any more."""
        for path in self.run.glob(f"*map-{self.row.pk}-*"):
            if not path.name.lstrip(".").startswith(f"{self.name}."):
                path.unlink(missing_ok=True)

    def before_end(self, last: Event) -> None:
        self.row.files = self.name
        actions.forget_erased(self.row)
        files.sync(self.run)

    def end(self, last: Event) -> None:
        actions.finished(self.row, last, self.name)

    def clear(self) -> None:
        """What is not the map is of no use; earlier maps make room for one that succeeded."""
        if Job.objects.filter(pk=self.job.pk, state=State.SUCCEEDED).exists():
            actions.forget_older(self.row)
        else:
            embedding.remove(self.stem)
            self.log.unlink(missing_ok=True)
