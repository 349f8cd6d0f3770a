"""What the API's tests send and get."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone

from webapp.accounts import actions as accounts
from webapp.accounts.models import Team, Token, User
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from webapp.reports.models import Report, ShareLink

CLASSES = [{"label": name, "name": name, "train": 7, "validation": 2, "test": 1} for name in ("cat", "dog")]
TEST = {"n": 2, "top1": 0.5, "top5": 1.0, "loss": 0.7, "ece": 0.1, "confusion": [[1, 0], [1, 0]], "per_class": []}


class Answer(NamedTuple):
    """A status and the JSON that came with it."""

    status: int
    body: Any
    response: HttpResponse

    @property
    def error(self) -> dict[str, Any]:
        return self.body["error"]


class Things(NamedTuple):
    """One dataset with a version, an experiment on it, an evaluation of it with a shared report, and their jobs."""

    team: Team
    dataset: Dataset
    version: DatasetVersion
    experiment: Experiment
    evaluation: Evaluation
    report: Report
    link: ShareLink

    @property
    def job(self) -> Job:
        return self.experiment.job

    def end(self, state: str = "succeeded") -> None:
        """Bring the training's job to its end by the worker's own verbs."""
        claim = jobs.claim(self.job.id, "device@here:1")
        {
            "succeeded": lambda: jobs.finish(claim),
            "failed": lambda: jobs.fail(claim, "It stopped.", "failure", retry=False),
            "cancelled": lambda: jobs.cancelled(claim),
        }[state]()
        self.experiment.job.refresh_from_db()


def experiment_on(version: DatasetVersion, user: User | None = None, name: str = "first") -> Experiment:
    """An experiment that waits."""
    team = version.dataset.team
    job = jobs.submit(team=team, user=user, kind="train", title=name)
    return Experiment.objects.create(team=team, created_by=user, name=name, dataset=version.dataset, version=version, config={}, job=job)


def full(path: str) -> str:
    return path if path.startswith("/api") else f"/api/v1{path}"


def answered(response: Any) -> Answer:
    assert "html" not in response.get("Content-Type", "") or response.status_code < 300
    is_json = response.get("Content-Type", "").split(";")[0] == "application/json"
    return Answer(response.status_code, json.loads(response.content) if is_json else None, response)


def archive(content: bytes = b"PK not really an archive", name: str = "flowers.zip") -> SimpleUploadedFile:
    """Something to upload; the import, not the upload, looks inside."""
    return SimpleUploadedFile(name, content)


def expired(user: User) -> str:
    """A token whose time is over."""
    plain = accounts.create_token(user, "write", 1)
    Token.objects.filter(digest=accounts.digest(plain)).update(expires_at=timezone.now() - timedelta(seconds=1))
    return plain
