"""An image that was erased, or is about to be."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Owned
from webapp.jobs.models import Job


class Erasure(Owned):
    """Somebody had an image erased, wherever the team has it; its state is its job's. Of the image its content hash is kept alone."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="erasures")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    dataset = models.ForeignKey("datasets.Dataset", models.CASCADE, related_name="erasures")  # where it was asked for
    digest = models.CharField(max_length=64)  # sha256 of its file, in hex
    also = models.JSONField(default=list)  # other hashes under which the team kept the same picture when it was asked for
    job = models.OneToOneField(Job, models.PROTECT, related_name="erasure")
    places = models.JSONField(default=list)  # [{"dataset", "name", "images": {version number: samples}}], once it is done
    elsewhere = models.JSONField(default=list)  # [{"address", "id", "name", "words"}]: what kept it outside of datasets
    saw = models.JSONField(default=list)  # [{"address", "id", "name", "words"}]: what had used it by then

    class Meta:
        indexes = [models.Index(fields=["dataset", "-id"], name="erasure_of_dataset")]

    @property
    def hashes(self) -> list[str]:
        """All of them."""
        return [self.digest, *self.also]

    def __str__(self) -> str:
        return f"erasure {self.id}"
