"""A GPU that has too little memory for a training."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tests.faults.house import House
from tests.faults.processes import end
from tests.faults.trainings import wait_for_end

pytestmark = [
    pytest.mark.faults,
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]
ON_GPU = {"device": "cuda", "deterministic": False}
DEVICE = {"SYNSET_DEVICES": "0"}
TOO_MUCH = (  # a training may have a hundredth of a percent of the device
    "import os, sys",
    "if 'SYNSET_JOB' in os.environ and os.environ.get('SYNSET_LITTLE'):",
    "    import torch",
    "    torch.cuda.set_per_process_memory_fraction(0.0001)",
)


def used_bytes() -> int:
    """Of the first device, as everybody sees it."""
    script = "import torch; free, total = torch.cuda.mem_get_info(0); print(total - free)"
    return int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


def test_a_training_that_needs_too_much_memory_says_what_to_do_and_leaves_the_device_free(house: House, at_start):
    before = used_bytes()
    worker = house.worker(**at_start(*TOO_MUCH), **DEVICE, SYNSET_LITTLE="1")
    job = wait_for_end(house, house.train(epochs=1, **ON_GPU).job)
    assert (job.state, job.error_code) == ("failed", "out_of_memory")
    assert "smaller batch_size or image_size" in job.error
    assert used_bytes() < before + 200_000_000
    end(worker)
    house.worker(**DEVICE)
    house.wait_for_state(house.train(epochs=1, **ON_GPU).job, "succeeded")
