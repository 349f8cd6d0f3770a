"""While the rows of an import or a sealing go into the database, its page says how many are in."""

from __future__ import annotations

import pytest

from webapp.datasets.sealing import CHUNK_ROWS
from webapp.jobs import actions
from webapp.jobs.actions import LostClaim
from webapp.jobs.models import Job, JobEvent
from worker.handlers import saving
from worker.handlers.saving import Saving

pytestmark = pytest.mark.django_db
ROWS = 3 * CHUNK_ROWS + 7


class Clock:
    """A second passes at each look at it."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def fence(claim: actions.Claim, monkeypatch: pytest.MonkeyPatch) -> Saving:
    monkeypatch.setattr(saving, "time", Clock())
    return Saving(claim, ROWS)


def test_it_tells_how_many_rows_are_in_and_the_time_left(fence: Saving, claim: actions.Claim) -> None:
    for _ in range(4):  # the version itself, then three chunks
        fence()
    job = Job.objects.get(pk=claim.job_id)
    assert job.stage == f"saving: 10,000 of {ROWS:,} images" and job.eta_seconds > 0 and job.progress < 1
    told = [event.data for event in JobEvent.objects.filter(job=job, kind="progress").order_by("seq")]
    assert [event["done"] for event in told] == [CHUNK_ROWS, 2 * CHUNK_ROWS] and told[-1]["total"] == ROWS and told[-1]["rate"] > 0


def test_what_is_in_at_once_is_not_told(claim: actions.Claim) -> None:
    fence = Saving(claim, ROWS)
    for _ in range(4):
        fence()
    assert not JobEvent.objects.filter(job=claim.job_id, kind="progress").exists()


def test_who_lost_the_job_writes_nothing(fence: Saving, claim: actions.Claim) -> None:
    Job.objects.filter(pk=claim.job_id).update(fence=claim.fence + 1)
    with pytest.raises(LostClaim):
        fence()
