"""A network looks at its validation images, for which of them excite each of its filters."""

from __future__ import annotations

from pathlib import Path

from classifier.metrics import excited
from classifier.spec.events import Event
from webapp.datasets import files
from webapp.evaluations.exciting import erasing
from webapp.evaluations.studies import actions
from webapp.jobs.models import Job, State
from worker.handlers.studies import Investigate


class LookAtFilters(Investigate):
    """`classifier filters RUN --out STEM --checkpoint CHECKPOINT [--raw]`, into files of the attempt's own."""

    @property
    def name(self) -> str:
        return f"filters-{self.study.pk}-{self.claim.fence}"

    @property
    def stem(self) -> Path:
        return self.run / self.name

    def arguments(self) -> list[str]:
        wanted = ["--out", str(self.stem), "--checkpoint", self.study.checkpoint]
        return ["filters", str(self.run), *wanted, *(["--raw"] if self.study.raw else [])]

    def prepare(self) -> None:
        """Files of attempts that were killed are nobody's any more."""
        for path in self.run.glob(f"*filters-{self.study.pk}-*"):
            if not path.name.lstrip(".").startswith(f"{self.name}."):
                path.unlink(missing_ok=True)

    def before_end(self, last: Event) -> None:
        self.study.files = self.name
        erasing.forget_erased(self.study)
        files.sync(self.run)

    def end(self, last: Event) -> None:
        told = {name: value for name, value in last.items() if name != "file"}
        actions.finished(self.study, told, self.name)

    def clear(self) -> None:
        """Earlier looks at the same network make room for one that succeeded; what is none is of no use."""
        super().clear()
        if Job.objects.filter(pk=self.job.pk, state=State.SUCCEEDED).exists():
            actions.forget_older(self.study)
        else:
            excited.remove(self.stem)
