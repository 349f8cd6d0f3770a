"""Rows of labelling by people: a round, each image of it that was handed out, and what a network suggested."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from webapp.accounts.models import Team
from webapp.core.models import Owned
from webapp.datasets.draft_models import Edit
from webapp.jobs.models import Job


class RoundKind(models.TextChoices):
    """Where the images of a round come from."""

    CHOSEN = "chosen"  # by class, splits and path, in order of position
    FINDINGS = "findings"  # of a quality check, the worst first
    SUGGESTED = "suggested"  # what a network says, the least certain first
    REVIEW = "review"  # a share of what another round was answered, labelled again blind


class Suggesting(Owned):
    """What a trained network says of every image of a version, to be looked at by people; its state is its job's."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="suggestings")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    version = models.ForeignKey("datasets.DatasetVersion", models.CASCADE, related_name="suggestings")
    job = models.OneToOneField(Job, models.PROTECT, related_name="suggesting")
    source = models.CharField(max_length=20)  # the id of the trained network, see webapp.datasets.hooks.networks
    source_name = models.CharField(max_length=120)  # as it was called then
    classes = models.JSONField(default=list)  # labels that it knows; empty until it is done
    images = models.PositiveIntegerField(default=0)  # of which it says something

    class Meta:
        indexes = [models.Index(fields=["version", "-id"], name="suggesting_of_version")]

    def __str__(self) -> str:
        return f"suggestions of {self.source_name}"

    @property
    def folder(self) -> Path:
        """Of the dataset."""
        return self.version.dataset.folder / "suggestions"

    @property
    def file(self) -> Path:
        """As classifier.spec.suggestions says; there once it is done."""
        return self.folder / f"{self.pk}.bin"


class LabelRound(Owned):
    """Images of a dataset that are labelled one by one, a few at a time handed to whoever asks; what is said goes into the draft.

    Nothing is listed beforehand: `cursor` is how far its source was handed out, so that a round over a million images costs a row.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="label_rounds")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    dataset = models.ForeignKey("datasets.Dataset", models.CASCADE, related_name="label_rounds")
    kind = models.CharField(max_length=12, choices=RoundKind)
    name = models.CharField(max_length=200)
    about = models.JSONField(default=dict)  # what picks the images, see webapp.datasets.labelling.sources
    reviewed = models.ForeignKey("self", models.CASCADE, null=True, related_name="reviews")  # whose answers a review looks at
    suggesting = models.ForeignKey(Suggesting, models.SET_NULL, null=True, related_name="rounds")  # whose suggestions it goes through
    cursor = models.BigIntegerField(default=-1)  # place in its source of the last image that was taken from it
    images = models.PositiveIntegerField(null=True)  # in its source when it began; null where that was not counted
    answered = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)  # taken out or labelled by others before their turn came
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "round of labelling"
        indexes = [models.Index(fields=["dataset", "-id"], name="round_of_dataset")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_review(self) -> bool:
        return self.kind == RoundKind.REVIEW

    @property
    def done(self) -> int:
        """Images that need nobody any more."""
        return self.answered + self.skipped + self.passed

    @property
    def left(self) -> int | None:
        """Images that wait; None where they were not counted."""
        return None if self.images is None else max(0, self.images - self.done)


class ItemState(models.IntegerChoices):
    """Where an image of a round stands."""

    WAITING = 0
    ANSWERED = 1
    SKIPPED = 2


class LabelItem(models.Model):
    """One image of a round that was handed out.

    waiting ──answer──▶ answered, by undo back; ──skip──▶ skipped, by undo or once more back.
    While it waits, `user` has it until `until`; then whoever asks next gets it.
    """

    round = models.ForeignKey(LabelRound, models.CASCADE, related_name="items")
    dataset = models.ForeignKey("datasets.Dataset", models.CASCADE, related_name="+")  # to find what was said of a sample
    position = models.PositiveIntegerField()
    state = models.PositiveSmallIntegerField(choices=ItemState, default=ItemState.WAITING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # has it, or said something
    until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # when it was answered or skipped
    # Labels as long as an import takes them.
    was = models.TextField()  # its label when it was handed out; in a review, what the first person said
    first = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # that person
    suggested = models.TextField(blank=True)  # a label that something proposed
    score = models.FloatField(null=True)  # how sure that was, of 1
    label = models.TextField(blank=True)  # the answer; empty where the image was taken out
    edit = models.ForeignKey(Edit, models.SET_NULL, null=True, related_name="+")  # none where the answer changed nothing
    agreed = models.BooleanField(null=True)  # in a review: whether both say the same
    settled = models.TextField(blank=True)  # what holds after the two disagreed
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "position"], name="one_item_an_image")]
        indexes = [
            models.Index(fields=["round", "id"], name="item_waiting", condition=Q(state=ItemState.WAITING)),
            models.Index(fields=["round", "-answered_at"], name="item_by_answer"),
            models.Index(fields=["round", "agreed", "id"], name="item_by_agreement"),
            models.Index(fields=["dataset", "position"], name="item_of_sample"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.round_id}"
