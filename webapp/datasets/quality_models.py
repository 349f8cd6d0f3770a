"""Rows of the quality report: a check of a version, and what it found."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Owned
from webapp.jobs.models import Job


class QualityCheck(Owned):
    """A check of a version that somebody asked for; its state is its job's. Of a version the newest is shown, with its findings."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="quality_checks")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    version = models.ForeignKey("datasets.DatasetVersion", models.CASCADE, related_name="checks")
    job = models.OneToOneField(Job, models.PROTECT, related_name="quality_check")
    counts = models.JSONField(default=dict)  # {kind: findings} of classifier.spec.quality.KINDS; empty until it is done
    leaks = models.JSONField(default=dict)  # {"train-test": images, …}
    facts = models.JSONField(default=dict)  # the rest of the engine's file, but for the findings and the mean images
    means = models.JSONField(default=list)  # [{"class", "png"}]: apart, since few pages need these kilobytes

    class Meta:
        indexes = [models.Index(fields=["version", "-id"], name="check_of_version")]

    def __str__(self) -> str:
        return f"check {self.id}"

    @property
    def grouped(self) -> dict[str, int] | None:
        """{"train-test": images that belong with one there, and stand there neither exactly nor nearly}; None where no groups are known."""
        known: dict[str, int] | None = self.facts.get("grouped")
        return known

    @property
    def folder(self) -> Path:
        """Of the dataset: the engine's file and its log, until they are rows."""
        return self.version.dataset.folder / "quality"


class Finding(models.Model):
    """One image, or two, with something to look at; `rank` is its place among those of its kind, the worst first."""

    of = models.ForeignKey(QualityCheck, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=20)
    rank = models.PositiveIntegerField()
    position = models.PositiveIntegerField()  # of its sample
    label = models.PositiveIntegerField()  # that the sample has: to show one class alone
    other = models.PositiveIntegerField(null=True)  # position of the image that it repeats
    seems = models.PositiveIntegerField(null=True)  # class that it looks like
    score = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "kind", "rank"], name="one_finding_a_rank")]
        indexes = [models.Index(fields=["of", "kind", "label", "rank"], name="finding_by_class")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.position}"
