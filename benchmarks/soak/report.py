"""A soak from its beginning to its table."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from benchmarks.soak import checks
from benchmarks.soak.storm import Storm
from tests.faults.house import House
from tests.faults.trainings import undisturbed
from webapp.jobs.models import Attempt, Job

ATTEMPTS = 100  # a storm uses up more than three; each job is to come to its end all the same
CALM_SECONDS = 600.0


@dataclass
class Report:
    """What was done, and what does not hold."""

    seed: int
    seconds: float
    jobs: Counter[str] = field(default_factory=Counter)  # by kind and end
    claims: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing lost, nothing twice."""
        return not (self.losses or self.doubles)

    def lines(self) -> list[str]:
        """The table, then each loss and each double."""
        rows = [("seed", self.seed), ("seconds", round(self.seconds)), ("jobs", self.jobs.total()), ("claims", self.claims)]
        rows += [(f"  {name}", count) for name, count in sorted(self.jobs.items())]
        rows += [("faults", self.faults.total()), *((f"  {name}", count) for name, count in sorted(self.faults.items()))]
        rows += [("losses", len(self.losses)), ("doubles", len(self.doubles))]
        return [*(f"{name:34} {figure:>8,}" for name, figure in rows), *self.losses, *self.doubles]


def soak(
    house: House, scratch: Path, *, seconds: float, seed: int, pause: tuple[float, float] = (1.0, 6.0), most_waiting: int = 12,
    least: int = 0,
) -> Report:  # fmt: skip
    """Throws faults at the furnished house for so long, lets it come to rest and looks at what is there.

    `pause` is between two faults, in seconds; no more than `most_waiting` jobs wait, for all of them are done in the end. It goes on
    beyond the time until there were `least` jobs and as many faults.
    """
    began, wanted = time.monotonic(), undisturbed(house, scratch / "undisturbed")
    with override_settings(JOB_MAX_ATTEMPTS=max(ATTEMPTS, settings.JOB_MAX_ATTEMPTS)):
        storm = Storm(house, seed, most_waiting)
        try:
            storm.rage(seconds, pause, least)
            storm.calm(CALM_SECONDS)
        finally:
            storm.stop()
    jobs = list(Job.objects.filter(pk__in=storm.jobs).order_by("pk"))
    report = Report(seed, time.monotonic() - began, faults=storm.faults)
    report.jobs = Counter(f"{job.kind} {job.state}" for job in jobs)
    report.claims = Attempt.objects.filter(job__in=storm.jobs).count()
    report.losses = list(checks.losses(house, jobs, wanted))
    report.doubles = [*storm.doubles, *checks.doubles(jobs)]
    return report
