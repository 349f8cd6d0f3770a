"""How many of torch's threads a training uses on a processor: all, unless other work holds cores and fewer are measured to be faster.

A step ends with its slowest thread. Where one waits for a core that other work holds, all the others wait with it.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from classifier.models.freezing import freeze_stages
from classifier.spec.config import TrainConfig
from classifier.spec.events import OnEvent
from classifier.training.devices import CLEARLY, PROBE_FIRST, PROBE_SECONDS, PROBE_SHARE, Plan, Trial
from classifier.training.memory import copy_bytes, free_memory
from classifier.training.others import BUSY, others_busy

LOOK_SECONDS = 0.3
MOST_TURNS = 20
USUAL_SIDE = 128  # pixels


@contextmanager
def own_threads() -> Iterator[None]:
    """What runs inside may change the number of threads; afterwards it is as it was."""
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


def with_threads(
    plan: Plan, config: TrainConfig, model: nn.Module, device: torch.device, on_event: OnEvent, *, begun: bool, later: Plan | None = None
) -> Plan:
    """The plan with its number of threads, which this process uses from here on; a training that goes on keeps what it began with.

    Nothing is chosen where the user did (OMP_NUM_THREADS), where there is one thread, where a training is to repeat bit for bit, and
    for a head alone on features. Where a fine-tuning follows it (`later` is its plan), that is what takes long, and what is measured.
    """
    most, light = torch.get_num_threads(), config.on_features and not config.finetune
    fixed = device.type != "cpu" or most == 1 or config.deterministic or light or "OMP_NUM_THREADS" in os.environ
    if not begun and not fixed and (busy := others_busy(LOOK_SECONDS)) >= BUSY and fits(model, config, device):
        plan = dataclasses.replace(plan, threads=measured(later or plan, config, model, device, busy, on_event))
    if plan.threads and device.type == "cpu":
        torch.set_num_threads(plan.threads)
    return plan


def fits(model: nn.Module, config: TrainConfig, device: torch.device) -> bool:
    """Whether the memory holds the copy of the network that is timed."""
    free = free_memory(device)
    return free is None or copy_bytes(model, whole=bool(config.finetune)) <= PROBE_SHARE * free


def measured(plan: Plan, config: TrainConfig, model: nn.Module, device: torch.device, busy: float, on_event: OnEvent) -> int:
    """The fewest threads that are about as fast as any, by the clock on the wall; which is said."""
    most, side = torch.get_num_threads(), config.image_size or 0
    on_event({"event": "stage", "stage": "probing", "message": f"Measuring how many threads are fastest beside {busy:.1f} busy cores"})
    images = torch.rand(min(config.batch, few(side)), 3, side, side)
    trial = Trial(plan, model, images, device)
    if config.finetune:
        freeze_stages(trial.model, 0)
    speed = speeds(trial, counts(most, busy))
    threads = chosen(speed)
    told = ", ".join(f"{found:.3g} images/s with {count}" for count, found in sorted(speed.items()))
    message = f"{threads} of {most} threads: other work holds about {busy:.1f} cores, and {told} were measured."
    tried = [{"threads": count, "images_per_second": round(found, 1)} for count, found in speed.items()]
    on_event({"event": "picked", "field": "threads", "value": threads, "message": message, "tried": tried})
    return threads


def few(side: int) -> int:
    """Images of a step that is short also where the cores are busy."""
    return max(2, min(PROBE_FIRST, PROBE_FIRST * USUAL_SIDE**2 // max(1, side**2)))


def counts(most: int, busy: float) -> list[int]:
    """What is worth trying: all, as many as other work leaves, and one."""
    return sorted({most, max(1, min(most, round(most - busy))), 1}, reverse=True)


def speeds(trial: Trial, threads: list[int]) -> dict[int, float]:
    """{threads: images a second}, the mean of a few steps each; they take turns, so that the load is the same for all."""
    took, turns, began = dict.fromkeys(threads, 0.0), 0, time.perf_counter()
    with own_threads():
        trial.step()  # the first one warms up
        while turns < 1 or (turns < MOST_TURNS and time.perf_counter() - began < PROBE_SECONDS):
            for count in threads:
                torch.set_num_threads(count)
                started = time.perf_counter()
                trial.step()
                took[count] += time.perf_counter() - started
            turns += 1
    return {count: turns * len(trial.images) / max(seconds, 1e-9) for count, seconds in took.items()}


def chosen(speed: dict[int, float]) -> int:
    """The fewest that come near the fastest: a thread that brings nothing is better left to others."""
    return min(count for count, found in speed.items() if found >= CLEARLY * max(speed.values()))
