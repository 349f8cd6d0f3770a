"""The queue's rows. All writes go through `actions.py`; nothing else saves a Job."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from webapp.accounts.models import Team
from webapp.core.models import Owned


class State(models.TextChoices):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Kind(models.TextChoices):
    """What a job does, and so which queue it waits in."""

    IMPORT = "import"
    TRAIN = "train"
    EVALUATE = "evaluate"
    WEIGHTS = "weights"
    FIND_LR = "find_lr"
    SEAL = "seal"
    INSPECT = "inspect"
    QUALITY = "quality"
    SUGGEST = "suggest"
    ERASE = "erase"
    STUDY = "study"
    SPACE = "space"
    CLASSIFY = "classify"


class Queue(models.TextChoices):
    """Who serves: `device` slots train and evaluate, `host` slots read and write files."""

    DEVICE = "device"
    HOST = "host"


# Of a job whose dataset, experiment or classification lies in the trash, by the names that those apps gave their way back.
IN_TRASH = (
    models.Q(dataset__trashed_at__isnull=False)
    | models.Q(experiment__trashed_at__isnull=False)
    | models.Q(evaluations__experiment__trashed_at__isnull=False)
    | models.Q(rate_search__version__dataset__trashed_at__isnull=False)
    | models.Q(draft__dataset__trashed_at__isnull=False)
    | models.Q(quality_check__version__dataset__trashed_at__isnull=False)
    | models.Q(suggesting__version__dataset__trashed_at__isnull=False)
    | models.Q(erasure__dataset__trashed_at__isnull=False)
    | models.Q(study__experiment__trashed_at__isnull=False)
    | models.Q(embedding_map__experiment__trashed_at__isnull=False)
    | models.Q(classification__trashed_at__isnull=False)
)
PAUSABLE = (Kind.TRAIN,)  # kinds whose work goes on where it was left
QUEUE_OF = {
    Kind.IMPORT: Queue.HOST,
    Kind.TRAIN: Queue.DEVICE,
    Kind.EVALUATE: Queue.DEVICE,
    Kind.WEIGHTS: Queue.HOST,
    Kind.FIND_LR: Queue.DEVICE,
    Kind.SEAL: Queue.HOST,
    Kind.INSPECT: Queue.HOST,
    Kind.QUALITY: Queue.HOST,
    Kind.SUGGEST: Queue.DEVICE,
    Kind.ERASE: Queue.HOST,
    Kind.STUDY: Queue.DEVICE,
    Kind.SPACE: Queue.DEVICE,
    Kind.CLASSIFY: Queue.DEVICE,
}


class Job(Owned):
    """One unit of queued work.

        queued ──claim──▶ running ──finish──▶ succeeded
          │  ▲               │ ├────fail────▶ failed
          │  └─release, reap─┘ └───cancel───▶ cancelled
          ├──────cancel─────────────────────▶ cancelled
          └─pause─▶ paused ─cancel──────────▶ cancelled

    A running job that is asked to pause keeps a checkpoint and is paused then; resumed, it is queued again.

    The row is the truth: a claim is a compare-and-set that raises `fence`, and every write of the claimer
    carries `owner` and `fence`, so that one who lost the job writes nothing. Times are the database's.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="jobs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    kind = models.CharField(max_length=10, choices=Kind)
    queue = models.CharField(max_length=10, choices=Queue)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    priority = models.SmallIntegerField(default=0)  # higher goes first
    owner = models.CharField(max_length=200, blank=True)  # the worker that holds it
    fence = models.PositiveIntegerField(default=0)  # rises with each claim
    attempt = models.PositiveSmallIntegerField(default=0)  # claims that counted; 1 while it runs the first time
    max_attempts = models.PositiveSmallIntegerField(default=3)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    pause_requested_at = models.DateTimeField(null=True)
    finish_requested_at = models.DateTimeField(null=True)  # after the epoch under way
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)  # of the newest attempt
    finished_at = models.DateTimeField(null=True)
    progress = models.FloatField(default=0.0)  # 0..1, never falling within an attempt
    eta_seconds = models.FloatField(null=True)
    stage = models.CharField(max_length=200, blank=True)  # "epoch 3 of 10", in words
    error = models.TextField(blank=True)  # a sentence for the user
    error_code = models.CharField(max_length=40, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0)  # of its newest event

    class Meta:
        indexes = [
            models.Index(fields=["queue", "state", "-priority", "queued_at", "id"], name="job_queue_order"),
            models.Index(fields=["team", "-id"], name="job_team_newest"),
            models.Index(fields=["team", "state", "-finished_at"], name="job_team_ended"),
            models.Index(fields=["state", "lease_until"], name="job_leases"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def asked_words(self) -> str:
        """What a running job is about to do, in a word; empty where nothing was asked of it."""
        asked = {"Cancelling": self.cancel_requested_at, "Pausing": self.pause_requested_at, "Finishing": self.finish_requested_at}
        return next((word for word, time in asked.items() if time is not None), "") if self.state == State.RUNNING else ""

    @property
    def pausable(self) -> bool:
        """Whether its work goes on where it was left."""
        return self.kind in PAUSABLE

    @property
    def in_trash(self) -> bool:
        """Whether what it made lies in the trash; then its address is as unknown as that thing's own."""
        return Job.objects.filter(IN_TRASH, pk=self.pk).exists()


class Attempt(models.Model):
    """One claim of a job."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    fence = models.PositiveIntegerField()
    owner = models.CharField(max_length=200)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)  # "succeeded", "lost: its lease expired", …

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "fence"], name="one_attempt_a_fence")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"

    @property
    def finished_at(self) -> datetime.datetime | None:
        """Called as a job's end is, for what tells how long either took."""
        return self.ended_at


class JobEvent(models.Model):
    """What a job told, numbered from 1 without gaps; the socket sends the same numbers."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10)  # state, progress, epoch, log, problem, preflight, validation
    data = models.JSONField()
    time = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "seq"], name="one_event_a_number")]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of {self.job_id}"


class Node(models.Model):
    """A process that serves jobs or keeps the queue, as it last reported itself."""

    name = models.CharField(max_length=200, primary_key=True)  # "device@host", "keeper@host", …
    role = models.CharField(max_length=20)  # a Queue, "keeper" or "interactive"
    host = models.CharField(max_length=100)
    beat_at = models.DateTimeField(db_default=Now())
    slots = models.PositiveSmallIntegerField(default=1)
    info = models.JSONField(default=dict)  # device, versions, load: what the queue page shows

    def __str__(self) -> str:
        return self.name
