"""Trainings that cannot succeed: they fail after as many attempts as there are, with the reason, and make room."""

from __future__ import annotations

import pytest

from tests.faults.house import House
from tests.faults.processes import end
from tests.faults.trainings import wait_for_end

pytestmark = pytest.mark.faults

CRASH = (
    "import os, sys",
    "if 'SYNSET_JOB' in os.environ:",
    "    sys.stderr.write('ImportError: libcudart.so.13: cannot open shared object file\\n')",
    "    sys.stderr.flush()",
    "    os._exit(1)",
)


def test_a_training_that_the_kernel_kills_each_time_fails_as_out_of_memory_and_the_next_one_runs(house: House, settings):
    settings.JOB_MAX_ATTEMPTS = 2
    worker = house.worker(FAULT="step@2:kill")
    job = wait_for_end(house, house.train(epochs=1).job)
    assert (job.state, job.error_code, job.attempts.count()) == ("failed", "killed", job.max_attempts)
    assert job.error == ("The training process was killed by the system (signal 9), probably out of memory. It was tried 2 times.")
    end(worker)
    house.worker()
    house.wait_for_state(house.train(epochs=1).job, "succeeded")


def test_a_training_that_crashes_at_its_start_fails_with_the_reason(house: House, at_start):
    house.worker(**at_start(*CRASH))
    job = wait_for_end(house, house.train(epochs=1).job)
    assert (job.state, job.attempts.count()) == ("failed", job.max_attempts)
    assert "ImportError: libcudart.so.13" in job.error
    assert job.error.endswith("It was tried 3 times.")
