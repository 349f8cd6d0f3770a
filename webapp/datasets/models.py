"""Datasets, their sealed versions, and the rows of a version. Pixels lie in the pack of the dataset's folder."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now

from webapp.accounts.models import Team
from webapp.core.models import Owned, Trashable
from webapp.datasets.connection_models import Connection
from webapp.datasets.draft_models import Addition, Draft, DraftSample, Edit, EditSample, WaitingImage
from webapp.datasets.erasure_models import Erasure
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound, RoundKind, Suggesting
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.jobs.models import Job

__all__ = ["CHANGES", "Addition", "Connection", "Dataset", "DatasetVersion", "Draft", "DraftSample", "Edit", "EditSample"]
__all__ += ["Erasure", "Finding", "ItemState", "LabelItem", "LabelRound", "Problem", "QualityCheck", "RoundKind", "Sample", "Split"]
__all__ += ["Suggesting", "Upload", "WaitingImage"]


CHANGES = "changes.jsonl"  # in a version's folder: what `python -m classifier revise` made it with


class Dataset(Trashable):
    """A named set of images; its state is its newest import job's."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="datasets")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)
    job = models.OneToOneField(Job, models.PROTECT, related_name="dataset")
    archive_name = models.CharField(max_length=255)  # as the user's file was called
    archive_bytes = models.PositiveBigIntegerField(default=0)
    archive_file = models.CharField(max_length=64, default="")  # its name in upload/; empty: the newest there
    options = models.JSONField(default=dict)  # {"split": "70/15/15", "seed": 0, "group": null, …}, see webapp.datasets.options
    origin = models.JSONField(null=True)  # where its archive is fetched from (webapp.datasets.origins); null: it was sent
    inspection = models.JSONField(null=True)  # how its archive is understood, while somebody is to say whether that is right
    problem_count = models.PositiveIntegerField(default=0)
    problem_rules = models.JSONField(default=dict)  # {rule: number}, counted as they are added
    ignored_count = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField(null=True)  # when somebody saw its findings and left them as they are
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    left_count = models.PositiveIntegerField(null=True)  # how many there were then; another number is news
    description = models.TextField(blank=True, default="")  # Markdown that the team writes, for the data card
    licence = models.CharField(max_length=200, blank=True, default="")  # what may be done with its images, in the team's words
    archived_at = models.DateTimeField(null=True)  # out of the lists, since runs that used it keep it
    upload_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null: no key; the same form sent twice makes one)

    class Meta(Trashable.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["team", "-id"], name="dataset_team_newest"),
            models.Index("team", Lower("name"), name="dataset_team_name"),
            models.Index(fields=["team", "-trashed_at", "-id"], name="dataset_trash", condition=models.Q(trashed_at__isnull=False)),
            models.Index(fields=["purging_at", "id"], name="dataset_purging", condition=models.Q(purging_at__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["created_by", "team", "upload_key"], name="one_dataset_an_upload")]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> bool:
        """Whether somebody saw the findings that it has now, and left them."""
        return self.left_count is not None and self.left_count == self.problem_count

    @property
    def folder(self) -> Path:
        """SYNSET_HOME/datasets/ID: `upload/` (the archive until it is imported), `data/` (the DATASET folder) and `versions/N/`."""
        return Path(settings.SYNSET_HOME) / "datasets" / self.id


class Upload(Owned):
    """An archive that comes in parts (webapp.datasets.uploads). `offset` is what the sender was told has arrived: so much is on disk.

    Once it is whole, `dataset` is what was made of it; before, it is the dataset whose archive it replaces, if any.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)  # of the dataset to be
    options = models.JSONField(default=dict)  # of its import
    archive_name = models.CharField(max_length=255)
    modified = models.CharField(
        max_length=20, blank=True
    )  # of the sender's file, in ms: with name and length it tells one file from another
    metadata = models.TextField(blank=True)  # as it was sent, for who asks
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    touched_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    dataset = models.ForeignKey(Dataset, models.CASCADE, null=True, related_name="uploads")
    adds = models.JSONField(
        null=True
    )  # {"label", "encoding", "exif"}: its images go into that dataset's draft; null: it makes or replaces a dataset
    purpose = models.JSONField(null=True)  # {"becomes": a key of `webapp.datasets.hooks.takers`, …, "made": id}; null: a dataset

    class Meta:
        indexes = [
            models.Index(fields=["team", "finished_at", "-id"], name="upload_of_team"),
            models.Index(fields=["touched_at"], name="upload_by_age"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """SYNSET_HOME/uploads/ID: the bytes so far; gone once it is whole."""
        return Path(settings.SYNSET_HOME) / "uploads" / self.id

    @property
    def made(self) -> str:
        """The id of what became of it, where that is no dataset; empty until it is whole."""
        return str((self.purpose or {}).get("made", ""))

    @property
    def is_folder(self) -> bool:
        """Whether the browser makes the archive of a folder while it sends, so that a folder is to be picked again."""
        return any(pair.strip().startswith("folder ") for pair in self.metadata.split(","))

    @property
    def fraction(self) -> float:
        """How much of it is here, of 1."""
        return self.offset / self.length

    @property
    def percent(self) -> int:
        """Whole percent; never 100 of what is not whole."""
        return 100 * self.offset // self.length

    @property
    def expires_at(self) -> datetime:
        """When it is removed, unless more of it comes before."""
        return self.touched_at + timedelta(days=max(0, settings.UPLOAD_DAYS))


class DatasetVersion(models.Model):
    """A sealed, immutable list of samples, named by the hash of its rows."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)  # sha256 over the sorted (content hash, label, split) rows
    images = models.PositiveIntegerField()
    classes = models.JSONField()  # [{"label", "name", "train", "validation", "test"}] in class order: stored aggregates
    bytes = models.PositiveBigIntegerField(default=0)
    small = models.BooleanField(default=False)  # small images, shown pixelated at whole multiples
    sealed_at = models.DateTimeField(db_default=Now())
    ready = models.BooleanField(default=True)  # False while the rows of one that a draft becomes are written
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")  # what it was made from; None: an import
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # who sealed the draft
    changes = models.JSONField(default=dict)  # against the version before it: {"removed", "relabelled", "moved", "added", "renamed"}
    erased = models.PositiveIntegerField(default=0)  # samples whose image was erased: they keep their rows, and nothing uses them
    # Results on its test split that somebody was shown, also of what was deleted since: never counted down (webapp.experiments.openings).
    test_opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="one_version_a_number")]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    @property
    def folder(self) -> Path:
        """The DATASET folder that the engine reads; those after the first share its pack."""
        return self.dataset.folder / "data" if self.number == 1 else self.dataset.folder / "versions" / str(self.number)


class Split(models.IntegerChoices):
    """In the order of `classifier.spec.events.SPLITS`, as samples.bin stores them."""

    TRAIN = 0, "train"
    VALIDATION = 1, "validation"
    TEST = 2, "test"


class Sample(models.Model):
    """One image of a version: `position` in samples.bin, `image` its row in the pack. A position is the same image in every version."""

    version = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="samples")
    position = models.PositiveIntegerField()
    image = models.PositiveIntegerField()
    label = models.PositiveIntegerField()  # index into version.classes
    split = models.PositiveSmallIntegerField(choices=Split)
    path = models.TextField()  # inside what was uploaded

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_sample_a_position")]
        indexes = [
            models.Index(fields=["version", "label", "position"], name="sample_by_class"),
            models.Index(fields=["version", "split", "position"], name="sample_by_split"),
            models.Index(fields=["version", "label", "split", "position"], name="sample_by_both"),
        ]

    def __str__(self) -> str:
        return self.path


class Problem(models.Model):
    """A file that was left out, or a warning about one that was taken."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="problems")
    file = models.TextField()
    rule = models.CharField(max_length=40)
    message = models.TextField()
    taken = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["dataset", "taken", "id"], name="problem_by_taken"),
            models.Index(fields=["dataset", "id"], name="problem_in_order"),
            models.Index(fields=["dataset", "rule", "id"], name="problem_by_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}"
