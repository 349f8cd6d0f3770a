"""What is changed and not sealed yet: a draft over a sealed version, its edits, and the samples that each of them touched."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from webapp.core.models import Owned
from webapp.jobs.models import Job


class Draft(Owned):
    """Changes over `base`, which is the newest version, or an older one that is brought back. A dataset has one open draft at most.

    open ──seal──▶ its job waits and runs ──finish──▶ sealed: `version` is what was made of it
     │ ▲                    │
     │ └──job fails, is cancelled
     └──discard──▶ discarded: closed, without a version
    """

    dataset = models.ForeignKey("datasets.Dataset", models.CASCADE, related_name="drafts")
    base = models.ForeignKey("datasets.DatasetVersion", models.CASCADE, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="draft")  # the newest that was to seal it
    version = models.OneToOneField("datasets.DatasetVersion", models.CASCADE, null=True, related_name="draft")
    closed_at = models.DateTimeField(null=True)
    classes = models.JSONField(default=dict)  # what became of classes, see webapp.datasets.drafts.classes
    resplit = models.JSONField(null=True)  # see webapp.datasets.drafts.cutting: the splits are cut anew when it is sealed
    edits_made = models.PositiveIntegerField(default=0)  # the number of its newest edit
    # Samples that it changes, counted as they change.
    relabelled = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)  # archives whose images its sealing adds

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset"], condition=models.Q(closed_at__isnull=True), name="one_open_draft")]

    def __str__(self) -> str:
        return f"draft of {self.dataset_id}"

    @property
    def sealing(self) -> bool:
        """Whether its job waits or runs, so that nothing may change."""
        return self.closed_at is None and self.job is not None and not self.job.is_final

    @property
    def is_empty(self) -> bool:
        """Whether it says the same as its base."""
        return not (self.relabelled or self.moved or self.removed or self.added or self.classes or self.resplit)


class Addition(models.Model):
    """An archive whose images a draft gains when it is sealed; it waits in the dataset's folder `additions`."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="additions")
    file = models.CharField(max_length=64)
    name = models.CharField(max_length=255)  # as the user's file or folder was called
    bytes = models.PositiveBigIntegerField()
    label = models.CharField(max_length=200, blank=True)  # of all its images; empty: as its folders or its table say
    taken_back = models.BooleanField(default=False)
    encoding = models.CharField(max_length=20, blank=True, default="")  # of names that do not say theirs; empty: as they read best
    exif = models.CharField(max_length=40, blank=True, default="")  # "date,camera", "none"; empty: what the dataset's import keeps
    corrected = models.BooleanField(default=False)  # images that a network named wrongly: see webapp.datasets.drafts.corrections

    def __str__(self) -> str:
        return self.name


class WaitingImage(models.Model):
    """What a draft says of one image of an addition; what is null is as of all its images. One of which it says nothing has no row."""

    addition = models.ForeignKey(Addition, models.CASCADE, related_name="images")
    digest = models.CharField(max_length=64)  # the hash of its content, in hex: no file is named here
    label = models.PositiveIntegerField(null=True)  # a number of the draft's classes
    removed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["addition", "digest"], name="one_waiting_image_a_digest")]

    def __str__(self) -> str:
        return f"{self.digest} of {self.addition_id}"


class DraftSample(models.Model):
    """What a draft says of one sample of its base; what is null is as there. A sample that is as there has no row."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="samples")
    position = models.PositiveIntegerField()
    label = models.PositiveIntegerField(null=True)  # a number of the draft's classes
    split = models.PositiveSmallIntegerField(null=True)
    removed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "position"], name="one_draft_sample_a_position")]

    def __str__(self) -> str:
        return f"{self.position} of {self.draft_id}"


class Edit(models.Model):
    """One thing that somebody did to a draft, to be undone as one. It stays when the draft is sealed: the history of its samples."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    # {"label", "split", "removed"} of samples; {"class", "to"} of a class ("classes" of several); {"resplit"};
    # {"add", "label" or "read"}; {"waiting", "of", …}; {"corrected", "label"}: how many that a network named wrongly
    did = models.JSONField()
    samples = models.PositiveIntegerField(default=0)  # that it changed
    before = models.JSONField(
        default=dict
    )  # of the draft's "classes" (by number) and "resplit", where it changed those; "addition"; "was" of one; "images" of one
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="one_edit_a_number")]
        indexes = [  # of few among as many as there are labelled images
            models.Index(fields=["draft", "number"], condition=models.Q(samples=0), name="edit_of_no_sample"),
            models.Index(fields=["draft", "undone_at"], condition=models.Q(undone_at__isnull=False), name="edit_taken_back"),
        ]

    def __str__(self) -> str:
        return f"edit {self.number} of {self.draft_id}"


class EditSample(models.Model):
    """What the draft said of a sample before that edit, as a DraftSample does."""

    edit = models.ForeignKey(Edit, models.CASCADE, related_name="rows")
    dataset = models.ForeignKey("datasets.Dataset", models.CASCADE, related_name="+")  # to find a sample's edits
    position = models.PositiveIntegerField()
    label = models.PositiveIntegerField(null=True)
    split = models.PositiveSmallIntegerField(null=True)
    removed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edit", "position"], name="one_edit_sample_a_position")]
        indexes = [models.Index(fields=["dataset", "position"], name="edit_of_sample")]

    def __str__(self) -> str:
        return f"{self.position} of edit {self.edit_id}"
