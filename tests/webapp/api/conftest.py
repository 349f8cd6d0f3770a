"""Callers of every kind with their tokens, and one of each thing to call about."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.webapp.api.kit import CLASSES, Answer, Things, answered, experiment_on, full
from webapp.accounts import actions as accounts
from webapp.accounts.models import Team, User
from webapp.datasets.models import Dataset, DatasetVersion, Problem
from webapp.evaluations.models import Evaluation
from webapp.jobs import actions as jobs
from webapp.reports.models import Report, ShareLink

TERM = timedelta(days=7)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    def make(name: str, team: str, role: str) -> User:
        return accounts.create_user(name, team, role, "a long enough passphrase 7")

    return make


@pytest.fixture
def tokens(person: Callable[..., User]) -> dict[str, str]:
    """Plain tokens by who calls: members of Botany with a write token, its owner with a read token, somebody of another team."""
    people = {role: person(role, "Botany", role) for role in ("owner", "editor", "viewer")}
    plain = {role: accounts.create_token(user, "write", None) for role, user in people.items()}
    plain["reader"] = accounts.create_token(people["owner"], "read", 30)
    plain["outsider"] = accounts.create_token(person("outsider", "Elsewhere", "owner"), "write", None)
    plain["nobody"] = ""
    return plain


@pytest.fixture
def things(tokens: dict[str, str]) -> Callable[..., Things]:
    """Makes things of a team."""

    def make(team: str = "Botany") -> Things:
        its = Team.objects.get(name=team)
        user = User.objects.filter(memberships__team=its).first()
        imported = jobs.submit(team=its, user=user, kind="import", title="flowers")
        mine = {"team": its, "created_by": user}
        dataset = Dataset.objects.create(name="flowers", job=imported, archive_name="flowers.zip", problem_count=1, **mine)
        jobs.finish(jobs.claim(imported.id, "host@here:1"))
        dataset.job.refresh_from_db()
        Problem.objects.create(dataset=dataset, file="a.jpg", rule="truncated", message="a.jpg is cut short.", taken=False)
        version = DatasetVersion.objects.create(dataset=dataset, number=1, fingerprint="f" * 64, images=20, classes=CLASSES)
        experiment = experiment_on(version, user)
        evaluation = Evaluation.objects.create(
            experiment=experiment, version=version, job=experiment.job, split="test", checkpoint="best", **mine
        )
        report = Report.objects.create(evaluation=evaluation, title="first on flowers", **mine)
        link = ShareLink.objects.create(report=report, digest=accounts.digest(report.id), expires_at=timezone.now() + TERM, **mine)
        return Things(its, dataset, version, experiment, evaluation, report, link)

    return make


@pytest.fixture
def call(tokens: dict[str, str]) -> Callable[..., Answer]:
    """call("GET", "/datasets", by="viewer") as a program would."""
    client = Client(raise_request_exception=False)

    def send(method: str, path: str, body: Any = None, *, form: dict[str, Any] | None = None, by: str = "owner", **headers: str) -> Answer:
        token = tokens.get(by, by)
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Authorization": f"Bearer {token}"} if token else {})
        if form is not None:
            response = client.post(full(path), form, headers=sent)
        else:
            text = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
            response = client.generic(method, full(path), text, content_type="application/json", headers=sent)
        return answered(response)

    return send
