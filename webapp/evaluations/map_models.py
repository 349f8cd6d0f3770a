"""A map of an evaluation's images among those that its network learnt from."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Owned
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job


class EmbeddingMap(Owned):
    """One look at all of them by a job of kind `space`; what it found lies in files of one stem in the RUN folder.

    An evaluation has at most one that is done: the newest.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="embedding_maps")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="maps")
    evaluation = models.ForeignKey("evaluations.Evaluation", models.CASCADE, related_name="maps")
    job = models.OneToOneField(Job, models.PROTECT, related_name="embedding_map")
    images = models.JSONField(default=dict)  # {split, or "evaluated" of other data: images}; empty until it is done
    checkpoint = models.CharField(max_length=64, blank=True)  # sha256 of the checkpoint's file, by which it is known again
    files = models.CharField(max_length=100, blank=True)  # the stem's name; empty until it is done

    class Meta:
        verbose_name = "map"
        indexes = [models.Index(fields=["evaluation", "-id"], name="map_of_evaluation")]

    def __str__(self) -> str:
        return f"map of {self.evaluation_id}"

    @property
    def stem(self) -> Path:
        """Of its files (classifier.metrics.embedding)."""
        return self.experiment.folder / self.files
