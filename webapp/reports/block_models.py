"""What a team puts into a report beyond what every report shows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from webapp.accounts.models import Team
from webapp.core.models import Living, Owned


class Kind(models.TextChoices):
    TEXT = "text", "Text"
    CHART = "chart", "Chart"
    TABLE = "table", "Table"
    MATRIX = "matrix", "Matrix"
    GALLERY = "gallery", "Images"
    COMPARISON = "comparison", "Comparison"


class LivingBlocks(Living["Block"]):
    """Those whose report is not in the trash."""

    through = "report__evaluation__experiment__"


class Block(Owned):
    """One part of a report, with what was chosen for it (webapp.reports.blocks.choices). What it shows is drawn at each look."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="blocks")
    place = models.PositiveSmallIntegerField()  # in the report, from 0
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(blank=True, default="")  # Markdown: a text's own, and what stands below the others
    html = models.TextField(blank=True, default="")  # and its markup, made once
    renderer = models.CharField(max_length=16, blank=True, default="")
    options = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)  # counts edits: who saves names the one they began from

    objects: ClassVar[LivingBlocks] = LivingBlocks()
    everything: ClassVar[models.Manager[Block]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        ordering = ["place", "id"]
        indexes = [models.Index(fields=["report", "place"], name="block_in_order")]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()
