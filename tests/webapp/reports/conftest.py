"""Reports of the tiny trained network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.webapp.evaluations.conftest import experiment, finish, source, trained  # noqa: F401 (fixtures)
from webapp.accounts.actor import actor_in
from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.evaluations import actions
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.reports.models import Report


@pytest.fixture
def report(experiment: Experiment, finish: Callable[[Experiment], Experiment]) -> Report:  # noqa: F811
    finish(experiment)
    return Report.objects.get()


@pytest.fixture
def elsewhere(report: Report, editor: User, trained: tuple[Path, dict, Path, dict]) -> Report:  # noqa: F811
    """The report on the same network's best checkpoint on another dataset's test split."""
    version, run = report.evaluation.version, trained[2]
    job = jobs.submit(team=report.team, user=editor, kind="import", title="Others")
    options = {"split": "70/15/15", "seed": 7}
    other = Dataset.objects.create(team=report.team, created_by=editor, name="Others", job=job, archive_name="others.zip", options=options)
    version.pk, version.dataset, version.test_opened = None, other, 0
    version.save()
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    other = Dataset.objects.get(id=other.id)  # with its job as it is now
    asked = actions.request(actor_in(editor, via="session"), report.evaluation.experiment, "test", "best", other)
    (run / "predictions-test-best-abc.csv").write_bytes((run / "predictions-test.csv").read_bytes())
    claim = jobs.claim(asked.job_id, "device@here:1")
    jobs.finish(claim, also=lambda: actions.finished(asked.id, report.evaluation.figures, run / "predictions-test-best-abc.csv"))
    return Report.objects.get(evaluation=asked)
