"""What is shared of an evaluation: its report, what a team says about it, and the links that open it to others."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from webapp.accounts.models import Team
from webapp.core.models import Living, Owned
from webapp.evaluations.models import Evaluation
from webapp.reports.block_models import Block as Block
from webapp.reports.block_models import Kind as Kind


class LivingReports(Living["Report"]):
    """Those whose experiment is not in the trash."""

    through = "evaluation__experiment__"


class Report(Owned):
    """A finished evaluation's page."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="reports")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    evaluation = models.OneToOneField(Evaluation, models.CASCADE, related_name="report")
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True)  # Markdown
    html = models.TextField(blank=True, default="")  # the notes as markup, and who made it (webapp.core.markdown.RENDERER)
    renderer = models.CharField(max_length=16, blank=True, default="")
    intended = models.TextField(blank=True, default="")  # what it is for and what not, in the team's Markdown: for its model card
    # The list sorts by these, so they are columns; they repeat what evaluation and experiment say.
    model = models.CharField(max_length=80, default="")
    top1 = models.FloatField(null=True)
    # `revision` counts edits of title, notes and tags: who saves names the one they began from. `moves` counts every change
    # that a page shows, comments and links too: a browser asks whether it has moved.
    revision = models.PositiveIntegerField(default=0)
    moves = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)

    objects: ClassVar[LivingReports] = LivingReports()
    everything: ClassVar[models.Manager[Report]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [
            models.Index(fields=["team", "-id"], name="report_team_newest"),
            models.Index("team", Lower("title"), models.F("id").desc(), name="report_team_title"),
            models.Index(fields=["team", "model", "-id"], name="report_team_model"),
            models.Index(fields=["team", "-top1", "-id"], name="report_team_best"),
        ]

    def __str__(self) -> str:
        return self.title


class Tag(models.Model):
    """A word that a team puts on reports: lower case, single spaces."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="tags")
    report = models.ForeignKey(Report, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=30)

    class Meta:
        base_manager_name = "objects"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["report", "name"], name="one_tag_of_a_name")]
        indexes = [models.Index(fields=["team", "name", "report"], name="tag_of_team")]

    def __str__(self) -> str:
        return self.name


class LivingComments(Living["Comment"]):
    """Those whose report is not in the trash."""

    through = "report__evaluation__experiment__"


class Comment(Owned):
    """What somebody of the team says about a report."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150)  # then, so that a comment outlives its author's account
    text = models.TextField()  # Markdown
    html = models.TextField(blank=True, default="")  # and its markup, made once
    renderer = models.CharField(max_length=16, blank=True, default="")
    edited_at = models.DateTimeField(null=True)

    objects: ClassVar[LivingComments] = LivingComments()
    everything: ClassVar[models.Manager[Comment]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [models.Index(fields=["report", "id"], name="comment_in_order")]

    def __str__(self) -> str:
        return f"comment of {self.author_name}"


class LivingLinks(Living["ShareLink"]):
    """Those whose report is not in the trash."""

    through = "report__evaluation__experiment__"


class ShareLink(Owned):
    """Opens one report to whoever has the address. Its code has 192 random bits, is shown once and kept as a hash."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="links")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    with_model = models.BooleanField(default=False)  # offers the trained weights too
    with_groups = models.BooleanField(default=False)  # shows figures by what a table said of the images
    opened = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True)

    objects: ClassVar[LivingLinks] = LivingLinks()
    everything: ClassVar[models.Manager[ShareLink]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [models.Index(fields=["report", "-id"], name="link_of_report")]

    def __str__(self) -> str:
        return f"link to {self.report_id}"

    @property
    def is_live(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class LivingSnapshots(Living["Snapshot"]):
    """Those whose report is not in the trash."""

    through = "report__evaluation__experiment__"


class Snapshot(Owned):
    """A report as it stood once, with its run's manifest: later edits, figures and layouts change nothing of it.

    Pictures are drawn from the dataset when it is looked at, so that one that was erased is in no snapshot.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="snapshots")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    title = models.CharField(max_length=200)
    body = models.TextField()  # the markup of the page for others
    manifest = models.JSONField()
    pictures = models.JSONField(default=list)  # of its blocks: the pack's row of each image; null of one that was erased
    digest = models.CharField(max_length=64)  # sha256 of all three

    objects: ClassVar[LivingSnapshots] = LivingSnapshots()
    everything: ClassVar[models.Manager[Snapshot]] = models.Manager()

    class Meta:
        base_manager_name = "everything"
        indexes = [models.Index(fields=["report", "-id"], name="snapshot_of_report")]

    def __str__(self) -> str:
        return self.title
