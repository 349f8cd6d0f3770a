"""One checkpoint on one split."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Owned
from webapp.datasets.models import DatasetVersion
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job


class Evaluation(Owned):
    """Figures and predictions of one checkpoint on one split; a training makes its own on the test split."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="evaluations")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="evaluations")
    version = models.ForeignKey(DatasetVersion, models.PROTECT)
    job = models.ForeignKey(Job, models.PROTECT, related_name="evaluations")  # the training's, or its own
    split = models.CharField(max_length=10)
    checkpoint = models.CharField(max_length=20)  # best, last or an epoch's number
    result = models.JSONField(null=True)  # the contract's `test` fields; null until it is done
    mistakes = models.JSONField(default=list)  # the worst by loss: [{"position", "image", "label", "predicted", "probability", "loss"}]

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="evaluation_team_newest")]

    def __str__(self) -> str:
        return f"{self.checkpoint} on {self.split} of {self.experiment_id}"
