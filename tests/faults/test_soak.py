"""A minute of random faults; `make soak` throws them for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak.report import soak
from tests.faults.house import House

pytestmark = pytest.mark.faults


def test_a_minute_of_random_faults_loses_nothing_and_does_nothing_twice(house: House, tmp_path: Path):
    report = soak(house, tmp_path, seconds=30.0, seed=5, pause=(0.5, 2.0), most_waiting=2, least=5)
    assert report.good, "\n".join([*report.lines(), house.logs()])
    assert report.jobs.total() >= 5 and report.faults.total() >= 5
