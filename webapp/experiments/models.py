"""One configuration on one dataset version, and what its training told."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now

from webapp.accounts.models import Team
from webapp.core.models import Owned, Trashable
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.jobs.models import Job


class Experiment(Trashable):
    """A training; its state is its job's."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="experiments")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="experiments")
    version = models.ForeignKey(DatasetVersion, models.PROTECT, related_name="experiments")
    config = models.JSONField()  # as asked for (validated by classifier.spec.config)
    resolved = models.JSONField(null=True)  # as it ran
    job = models.OneToOneField(Job, models.PROTECT, related_name="experiment")
    best_epoch = models.PositiveIntegerField(null=True)
    best_top1 = models.FloatField(null=True)  # validation, of the best epoch so far
    test_top1 = models.FloatField(null=True)  # the training's own test evaluation, in figures that lists sort by
    test_images = models.PositiveIntegerField(null=True)
    test_f1 = models.FloatField(null=True)  # macro
    curves = models.JSONField(null=True)  # {"train_loss", "val_top1"}: thinned, for the small lines of lists; null until it is done
    leaks = models.PositiveIntegerField(null=True)  # test images known to be learnt from when it was launched; null: before this was kept
    folds_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null: no cross-validation), see webapp.experiments.folds
    launch_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null: no key; the same form sent twice makes one)
    again_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="again")  # what it was trained as, on a later version

    class Meta(Trashable.Meta):
        abstract = False
        indexes = [
            models.Index("team", Lower("name"), name="experiment_team_name"),
            # with trashed_at, so that the side bar counts the living ones in the index alone
            models.Index(fields=["team", "-id", "trashed_at"], name="experiment_living", condition=models.Q(trashed_at__isnull=True)),
            models.Index(fields=["team", "-trashed_at", "-id"], name="experiment_trash", condition=models.Q(trashed_at__isnull=False)),
            models.Index(fields=["purging_at", "id"], name="experiment_purging", condition=models.Q(purging_at__isnull=False)),
            models.Index(fields=["team", "folds_key"], name="experiment_folds", condition=models.Q(folds_key__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["created_by", "launch_key"], name="one_experiment_a_launch")]

    def __str__(self) -> str:
        return self.name

    def folds_on(self, version: DatasetVersion) -> int:
        """Into how many folds train and validation of that version are cut for it; 0: they are as they are."""
        return int(self.config.get("folds") or 0) if version.pk == self.version_id else 0

    @property
    def folder(self) -> Path:
        """The RUN folder; its configuration waits beside it, as ID.json, until the training has succeeded."""
        return Path(settings.SYNSET_HOME) / "experiments" / self.id


class Waiting(Owned):
    """A training that begins once a draft is sealed: as `of` was trained, on the version that the draft becomes."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    of = models.ForeignKey(Experiment, models.CASCADE, related_name="waiting_again")
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="+")
    experiment = models.OneToOneField(Experiment, models.SET_NULL, null=True, related_name="+")  # what began; null: not yet
    trouble = models.TextField(blank=True, default="")  # why it did not begin

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "draft"], name="one_training_again_a_draft")]

    def __str__(self) -> str:
        return f"{self.of_id} again"


class OpenedTest(models.Model):
    """How often one experiment was measured on the test split of one dataset version."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="openings")
    version = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="+")
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "version"], name="one_count_of_openings")]

    def __str__(self) -> str:
        return f"opened {self.times} times by {self.experiment_id}"


class MetricPoint(models.Model):
    """One value at one step; `id` is the `seq` of the API. A repeat after a retry changes nothing."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="points")
    epoch = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    name = models.CharField(max_length=40)
    value = models.FloatField(null=True)  # null where it was not finite
    time = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "name", "step"], name="one_value_a_step")]
        indexes = [models.Index(fields=["experiment", "id"], name="metric_in_order")]

    def __str__(self) -> str:
        return f"{self.name} at {self.step}"


class EpochMatrix(models.Model):
    """What a validation after one epoch or inside it told of classes and images: the confusion matrix, without its zeros
    (classifier.spec.events.Sparse), and what was said of the images that are watched (Watched)."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="matrices")
    epoch = models.PositiveIntegerField()
    part = models.FloatField(default=0.0)  # of that epoch that was behind; 0: it had ended
    confusion = models.JSONField()
    watched = models.JSONField(null=True)  # of trainings of earlier releases, and where nothing is validated

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "epoch", "part"], name="one_matrix_a_validation")]

    def __str__(self) -> str:
        return f"matrix of epoch {self.epoch}"


class WeightsFile(Owned):
    """A weights file that somebody uploaded; its state is its check's. Kept as plain safetensors once that has succeeded."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="weights_files")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    name = models.CharField(max_length=120)
    file_name = models.CharField(max_length=255)  # as the user's file was called
    bytes = models.PositiveBigIntegerField()  # as uploaded
    job = models.OneToOneField(Job, models.PROTECT, related_name="weights_file")
    upload_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null: no key; the same form sent twice makes one)
    told = models.JSONField(null=True)  # what the check found: {"tensors", "parameters", "dtypes", "bytes", "fits", "keys"}

    class Meta:
        verbose_name = "weights file"
        indexes = [models.Index(fields=["team", "-id"], name="weights_team_newest")]
        constraints = [models.UniqueConstraint(fields=["created_by", "team", "upload_key"], name="one_weights_file_an_upload")]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """SYNSET_HOME/weights/ID: `upload` until its check has ended, `weights.safetensors` after one that succeeded."""
        return Path(settings.SYNSET_HOME) / "weights" / self.id

    @property
    def upload(self) -> Path:
        """The file as it was sent."""
        return self.folder / "upload"

    @property
    def path(self) -> Path:
        """What a training reads."""
        return self.folder / "weights.safetensors"


class RateSearch(Owned):
    """A search for a learning rate that somebody asked for in the launch form; its state is its job's. A person's newest are kept."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="rate_searches")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    version = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="+")
    config = models.JSONField()
    job = models.OneToOneField(Job, models.PROTECT, related_name="rate_search")
    suggested = models.FloatField(null=True)
    curve = models.JSONField(default=list)  # [{"rate", "loss"}, …], the loss smoothed; empty until it is done

    class Meta:
        verbose_name = "search for a learning rate"
        indexes = [models.Index(fields=["team", "-id"], name="rate_search_team_newest")]

    def __str__(self) -> str:
        return f"learning rate of {self.config.get('model')}"

    @property
    def config_path(self) -> Path:
        """SYNSET_HOME/searches/ID.json while it runs; its log lies beside it."""
        return Path(settings.SYNSET_HOME) / "searches" / f"{self.id}.json"
