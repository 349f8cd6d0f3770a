"""One checkpoint on one split."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from django.conf import settings
from django.db import models

from classifier.metrics import Scored, curves_path, dense, read_curves, read_scored, scored_path, sparse
from classifier.metrics.counts import Counts
from webapp.accounts.models import Team
from webapp.core.models import Living, Owned
from webapp.datasets.models import DatasetVersion
from webapp.evaluations.map_models import EmbeddingMap as EmbeddingMap
from webapp.evaluations.study_models import Study as Study
from webapp.evaluations.study_models import What as What
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job

HEAVY = ("confusion", "mistakes")  # of a thousand classes and a million images megabytes: not for who shows a few images


class LivingEvaluations(Living["Evaluation"]):
    """Those whose experiment is not in the trash."""

    through = "experiment__"


class Evaluation(Owned):
    """Figures and predictions of one checkpoint on one split; a training makes its own on the test split."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="evaluations")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="evaluations")
    version = models.ForeignKey(DatasetVersion, models.PROTECT)
    job = models.ForeignKey(Job, models.PROTECT, related_name="evaluations")  # the training's, or its own
    split = models.CharField(max_length=10)
    checkpoint = models.CharField(max_length=20)  # best, last or an epoch's number
    views = models.CharField(max_length=12, blank=True, default="")  # that are averaged: none, flip, ten_crop; empty: as configured
    raw = models.BooleanField(default=False)  # the weights themselves, where the checkpoint keeps an average of them
    result = models.JSONField(null=True)  # the fields of `test` in result.json but for its matrix; null until it is done
    confusion = models.JSONField(null=True)  # that matrix (classifier.spec.events.Sparse)
    mistakes = models.JSONField(default=list)  # the worst by loss: [{"position", "image", "label", "predicted", "probability", "loss"}]
    predictions = models.CharField(max_length=200, blank=True)  # the file in the RUN folder; empty until it is done

    objects: ClassVar[LivingEvaluations] = LivingEvaluations()
    everything: ClassVar[models.Manager[Evaluation]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [models.Index(fields=["team", "-id"], name="evaluation_team_newest")]

    def __str__(self) -> str:
        return f"{self.checkpoint} on {self.split} of {self.experiment_id}"

    @property
    def counts(self) -> Counts | None:
        """The confusion matrix [C, C], true classes down; None until it is done."""
        return dense(self.confusion) if self.confusion else None

    @property
    def figures(self) -> dict[str, Any] | None:
        """`test` as result.json has it; None until it is done. Setting it does not save."""
        counts = self.counts
        return None if counts is None else (self.result or {}) | {"confusion": counts.tolist()}

    @figures.setter
    def figures(self, told: dict[str, Any]) -> None:
        self.result = {name: value for name, value in told.items() if name != "confusion"}
        self.confusion = sparse(np.array(told["confusion"], np.int64))

    @property
    def predictions_file(self) -> Path | None:
        """Every prediction as CSV, while that file is there."""
        path = self.experiment.folder / self.predictions
        return path if self.predictions and path.is_file() else None

    @property
    def scored(self) -> Scored | None:
        """Every prediction as columns (`classifier.metrics.scored`), in the order of `classes`; None while that file is not there."""
        return read_scored(scored_path(self.experiment.folder / self.predictions)) if self.predictions else None

    def curves(self, *names: str) -> dict[str, np.ndarray[Any, Any]] | None:
        """Arrays of what is drawn of it (`classifier.metrics.curves`); None where there are none, as of an earlier release's."""
        return read_curves(curves_path(self.experiment.folder / self.predictions), *names) if self.predictions else None

    @property
    def stem(self) -> Path:
        """Of the files beside its predictions (classifier.metrics.embedding)."""
        return (self.experiment.folder / self.predictions).with_suffix("")

    @property
    def classes(self) -> list[str]:
        """The network's labels, by whose places columns and matrix name them; empty until it is done."""
        return [row["label"] for row in (self.result or {}).get("per_class", ())]

    @property
    def of_other_data(self) -> bool:
        """Whether it was measured on another dataset version than the training's."""
        return self.version_id != self.experiment.version_id
