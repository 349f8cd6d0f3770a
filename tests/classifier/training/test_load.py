"""Images brought to size for training and for evaluation."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from classifier.data import load
from classifier.data.dataset import Dataset
from classifier.spec.errors import ClassifierError, Interrupted

CPU = torch.device("cpu")


@pytest.fixture
def photos(photographs):
    return Dataset.open(photographs)


def test_evaluation_batches_hold_every_row_in_order(photos):
    batches = list(load.eval_batches(photos.pack, photos.images[:10], 32, 4))
    assert [tuple(batch.shape) for batch in batches] == [(4, 3, 32, 32), (4, 3, 32, 32), (2, 3, 32, 32)]
    alone = load.evaluated(photos.pack, int(photos.images[9]), 32)
    assert torch.equal(batches[2][1], alone)


def test_evaluation_sees_the_middle_of_a_photograph(photos):
    seen = load.evaluated(photos.pack, 0, 84).float()  # 96 × 128 pixels: the short side is kept, the middle cut out
    whole = photos.pack.image(0)[:, 6:90, 22:106].float()
    assert (seen - whole).abs().mean() < 1


def test_small_images_are_seen_whole(digits):
    data = Dataset.open(digits)
    assert torch.equal(load.evaluated(data.pack, 0, 8), data.pack.image(0))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_held_and_streamed_batches_are_equal_and_in_the_same_layout(photos, layout):
    rows = photos.images[photos.indices("train")]
    held, streamed = (load.Images(photos.pack, rows, 40, load.squeezed, CPU, layout) for _ in range(2))
    held.hold()
    order = [torch.tensor([3, 0]), torch.tensor([1, 2, 4])]
    for first, second in zip(held.batches(order), streamed.batches(order), strict=True):
        assert torch.equal(first, second) and first.is_contiguous(memory_format=layout) and first.stride() == second.stride()


def test_the_budget_decides_what_is_held(photos, monkeypatch):
    monkeypatch.setenv("SYNSET_RESIDENT_MB", "0.1")
    first, second = (load.Images(photos.pack, photos.images[:16], 40, load.squeezed, CPU) for _ in range(2))
    load.hold_what_fits([first, second])
    assert first.resident is not None and second.resident is None


def test_decoding_stops_when_asked(photos):
    images = load.Images(photos.pack, photos.images, 40, load.squeezed, CPU)
    with pytest.raises(Interrupted):
        images.hold(lambda: True)


def test_threads_give_results_in_order_and_never_run_far_ahead():
    started = []
    results = load.in_threads(lambda n: started.append(n) or n * n, range(100), threads=3, ahead=4)
    assert [next(results) for _ in range(5)] == [0, 1, 4, 9, 16]
    assert len(started) <= 9
    results.close()


@pytest.fixture
def two_threads():
    """However many the tests run with, torch has two here."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_thread_that_decodes_brings_none_of_torchs_along(two_threads):
    assert list(load.in_threads(lambda _: torch.get_num_threads(), range(8), threads=2, ahead=4)) == [1] * 8


def test_after_decoding_this_thread_and_those_to_come_have_as_many_of_torchs_as_before(two_threads):
    list(load.in_threads(lambda n: torch.ones(n), range(8), threads=2, ahead=4))
    with ThreadPoolExecutor(1) as later:
        assert (torch.get_num_threads(), later.submit(torch.get_num_threads).result()) == (2, 2)


def test_decoding_is_not_what_settles_how_many_threads_torch_has():
    """In a process of its own, whose first word to torch it is."""
    words = """
import torch
from classifier.data.load import in_threads
list(in_threads(lambda n: torch.ones(4, 3, 64, 64).sum(), range(8), 2, 4))
print(torch.get_num_threads())
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    assert subprocess.run([sys.executable, "-c", words], env=environment, check=True, capture_output=True, text=True).stdout == "2\n"


def test_an_error_in_a_thread_reaches_the_reader_and_leaves_no_thread():
    def fail(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ClassifierError, match="ended unexpectedly .ValueError: 0") as caught:
        list(load.in_threads(fail, range(10), threads=2, ahead=2))
    assert (caught.value.code, caught.value.retry) == ("loader", True)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_sizes_are_heights_and_widths(photos):
    assert load.sizes_of(photos.pack, np.array([0])).tolist() == [[96.0, 128.0]]
