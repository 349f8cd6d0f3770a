"""What is shared of an evaluation."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Living, Owned
from webapp.evaluations.models import Evaluation


class LivingReports(Living["Report"]):
    """Those whose experiment is not in the trash."""

    through = "evaluation__experiment__"


class Report(Owned):
    """A finished evaluation's page."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="reports")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    evaluation = models.OneToOneField(Evaluation, models.CASCADE, related_name="report")
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True)

    objects: ClassVar[LivingReports] = LivingReports()
    everything: ClassVar[models.Manager[Report]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [models.Index(fields=["team", "-id"], name="report_team_newest")]

    def __str__(self) -> str:
        return self.title
