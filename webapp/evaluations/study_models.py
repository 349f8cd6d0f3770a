"""What is found of a network by looking at it once more."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Living, Owned
from webapp.datasets.models import DatasetVersion
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job


class What(models.TextChoices):
    """What is looked for."""

    PROBES = "probes"  # what an evaluated network tells of images with parts hidden (classifier.probes)
    GROWTH = "growth"  # which class needs more images (classifier.growing)
    FILTERS = "filters"  # which validation images excite each filter the most (classifier.explain.exciting)


class LivingStudies(Living["Study"]):
    """Those whose experiment is not in the trash."""

    through = "experiment__"


class Study(Owned):
    """One that somebody asked for; its state is its job's. Of a thing the newest is shown."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="studies")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    what = models.CharField(max_length=10, choices=What)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="studies")
    version = models.ForeignKey(DatasetVersion, models.PROTECT)  # whose images are looked at
    evaluation = models.ForeignKey("evaluations.Evaluation", models.CASCADE, null=True, related_name="studies")  # of probes
    checkpoint = models.CharField(max_length=20, blank=True, default="")  # of FILTERS: best, last or an epoch's number
    raw = models.BooleanField(default=False)  # of FILTERS: the weights themselves, where the checkpoint keeps an average of them
    job = models.OneToOneField(Job, models.PROTECT, related_name="study")
    result = models.JSONField(null=True)  # the engine's last event but for its name; null until it is done
    files = models.CharField(max_length=100, blank=True, default="")  # of FILTERS: the stem's name in the RUN folder

    objects: ClassVar[LivingStudies] = LivingStudies()
    everything: ClassVar[models.Manager[Study]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [models.Index(fields=["experiment", "what", "-id"], name="study_of_experiment")]

    def __str__(self) -> str:
        return f"{self.what} of {self.experiment_id}"

    @property
    def stem(self) -> Path:
        """Of its files (classifier.metrics.excited)."""
        return self.experiment.folder / self.files
