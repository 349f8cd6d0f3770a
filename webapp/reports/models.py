"""What is shared of an evaluation."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Owned
from webapp.evaluations.models import Evaluation


class Report(Owned):
    """A finished evaluation's page."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="reports")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    evaluation = models.OneToOneField(Evaluation, models.CASCADE, related_name="report")
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="report_team_newest")]

    def __str__(self) -> str:
        return self.title
