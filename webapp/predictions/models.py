"""Many pictures that a network was asked about at once. What it said lies in files (`classifier.metrics.answers`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Trashable
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job
from webapp.predictions.client import PUBLISHED


class Classification(Trashable):
    """One that somebody asked for; its state is its job's. It outlives its network: what was said stays said."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="classifications")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    job = models.OneToOneField(Job, models.PROTECT, related_name="classification")
    name = models.CharField(max_length=255)  # as the archive or the folder was called
    archive_file = models.CharField(max_length=64, default="")  # its name in upload/, until it was read
    archive_bytes = models.PositiveBigIntegerField(default=0)
    source = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")  # whose pictures these are, where none were sent
    network = models.CharField(max_length=120)  # an experiment's id, or published:NAME; stays when that one is gone
    network_name = models.CharField(max_length=200)
    experiment = models.ForeignKey(Experiment, models.SET_NULL, null=True, related_name="classifications")
    unsure_below = models.FloatField(null=True)  # as it was for the network then; null: it is never unsure
    images = models.PositiveIntegerField(null=True)  # that were classified, unsure ones too; null until it is done
    unsure = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)  # files that could not be read
    erased = models.PositiveIntegerField(default=0)  # that somebody had erased since; in none of the other counts
    ignored = models.PositiveIntegerField(default=0)  # files that are no pictures
    classes = models.JSONField(default=list)  # [{"label", "name", "n"}] in the network's order; n: without those that are unsure
    files = models.CharField(max_length=100, default="")  # the folder of its answers, by its name
    send_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null: no key; the same form sent twice makes one)

    class Meta(Trashable.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["team", "-id"], name="classification_newest"),
            models.Index(fields=["team", "network", "-id"], name="classification_by_network"),
            models.Index(fields=["team", "-trashed_at", "-id"], name="classification_trash", condition=models.Q(trashed_at__isnull=False)),
            models.Index(fields=["purging_at", "id"], name="classification_purging", condition=models.Q(purging_at__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["created_by", "team", "send_key"], name="one_classification_a_form")]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """SYNSET_HOME/classifications/ID: `upload/` until it is read, then the ANSWERS folder."""
        return Path(settings.SYNSET_HOME) / "classifications" / self.id

    @property
    def answers(self) -> Path:
        """What `python -m classifier classify` made."""
        return self.folder / self.files

    @property
    def is_done(self) -> bool:
        return self.images is not None

    @property
    def is_published(self) -> bool:
        """Whether its network is one with ImageNet's own classes."""
        return self.network.startswith(PUBLISHED)

    @property
    def network_left(self) -> bool:
        """Whether its network is there no more: deleted for good, or in the trash."""
        return not self.is_published and (self.experiment is None or self.experiment.trashed_at is not None)

    @property
    def commonest(self) -> list[dict[str, Any]]:
        """The three classes of most pictures."""
        return sorted((one for one in self.classes if one["n"]), key=lambda one: -one["n"])[:3]


class Correction(models.Model):
    """What somebody said that a row of a classification is. It holds as long as the edit of a dataset's draft by which it was said."""

    classification = models.ForeignKey(Classification, models.CASCADE, related_name="corrections")
    row = models.PositiveIntegerField()
    sent = models.CharField(max_length=64, default="")  # the hash of the file that was sent, in hex
    digest = models.CharField(max_length=64, default="")  # that of the picture as it was handed to the dataset
    name = models.CharField(max_length=200)  # of the class, as people read it
    edit = models.ForeignKey("datasets.Edit", models.CASCADE, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["classification", "row"], name="correction_of_row"),
            models.Index(fields=["sent"], name="correction_by_sent"),
            models.Index(fields=["digest"], name="correction_by_digest"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of {self.classification_id}: {self.name}"
