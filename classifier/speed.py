"""How long a network takes for a batch on this machine, alone: without reading or decoding images."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from classifier.data.augment.views import viewed
from classifier.inference import full_precision
from classifier.spec.errors import is_out_of_memory
from classifier.spec.events import ShouldStop, never
from classifier.training.devices import describe

BATCHES = (1, 4, 16, 64)  # images
SECONDS = 0.25  # a batch size
LONGEST_SECONDS = 1.0  # that one batch may take; larger ones are left out, the first never; so are those that the memory does not hold
FEWEST, MOST = 3, 30  # timed runs


def speeds(model: nn.Module, side: int, device: torch.device, *, tta: str | None = None, should_stop: ShouldStop = never) -> dict[str, Any]:
    """{"device", "precision", "image_size", "batches": [{"batch", "milliseconds", "p90_milliseconds", "images_per_second", "runs"}]}.

    The model in eval mode and fp32 on the device, as it predicts; milliseconds are the median of the runs of a batch.
    """
    rows: list[dict[str, Any]] = []
    with torch.inference_mode(), full_precision():
        for batch in BATCHES:
            if should_stop() or (rows and rows[-1]["milliseconds"] / 1000 * batch / rows[-1]["batch"] > LONGEST_SECONDS):
                break
            try:
                images = torch.zeros(batch, 3, side, side, device=device).contiguous(memory_format=torch.channels_last)
                rows.append(row(batch, list(timed(partial(viewed, model, images, tta), device))))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                break
    return {"device": describe(device), "precision": "fp32", "image_size": side, "batches": rows}


def timed(work: Callable[[], Any], device: torch.device) -> Iterator[float]:
    """Seconds of each run, after one that warms up; it ends after MOST runs, or after SECONDS and FEWEST of them."""
    finish(work, device)
    began = time.perf_counter()
    for run in range(MOST):
        if run >= FEWEST and time.perf_counter() - began > SECONDS:
            return
        before = time.perf_counter()
        finish(work, device)
        yield time.perf_counter() - before


def finish(work: Callable[[], Any], device: torch.device) -> None:
    """Runs it until the device has done it, too."""
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def row(batch: int, seconds: list[float]) -> dict[str, Any]:
    """What is told of one batch size."""
    median, slow = float(np.median(seconds)), float(np.quantile(seconds, 0.9))
    told = {"milliseconds": round(1000 * median, 3), "p90_milliseconds": round(1000 * slow, 3)}
    return {"batch": batch, **told, "images_per_second": round(batch / median, 2), "runs": len(seconds)}
