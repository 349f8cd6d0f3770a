"""torch.compile, on a GPU alone, and only where the probe says that it pays: kernels are fused, after up to a minute of compiling.

On a processor it was measured to be slower, or to save less than it costs (docs/performance.md), so that it is never tried there.
"""

from __future__ import annotations

import dataclasses
import time
from typing import cast

import torch
from torch import nn

from classifier.spec.config import TrainConfig
from classifier.spec.events import OnEvent
from classifier.spec.words import shortened
from classifier.training.devices import CLEARLY, Plan, Shape, Trial, cached_plans, remember
from classifier.training.memory import copy_bytes, free_memory

LONG_SECONDS = 180.0  # of a training as it is; a shorter one would not win back what compiling takes
STEPS = 10  # after the first one, which compiles
SHARE = 0.5  # of the free memory that the copy may take


def with_compiling(
    plan: Plan, config: TrainConfig, model: nn.Module, shape: Shape, device: torch.device, images: int, on_event: OnEvent
) -> Plan:
    """The plan, compiled where that pays for a training that sees so many images; else as it was."""
    if not suits(plan, config, device) or images / (plan.images_per_second or 1.0) < LONG_SECONDS:
        return plan
    key = f"compiled {config.model} {list(shape)} {plan.precision} {torch.cuda.get_device_name(device)} {torch.__version__}"
    kept = cached_plans().get(key)
    if kept is not None:
        return chosen(plan, kept, images)
    free = free_memory(device)
    if free is not None and copy_bytes(model, whole=True) > SHARE * free:
        return plan
    on_event({"event": "stage", "stage": "probing", "message": f"Measuring whether compiling {config.model} pays"})
    try:
        tried = measured(plan, model, shape, device)
    except (RuntimeError, ImportError, OSError) as error:  # no compiler here, or it does not understand the network: on without it
        said = shortened(str(error).splitlines()[0], 200) if str(error) else ""
        message = f"torch.compile was tried and left aside: {type(error).__name__}: {said}"
        on_event({"event": "log", "level": "warning", "message": message})
        return plan
    remember(key, tried, on_event)
    return chosen(plan, tried, images)


def suits(plan: Plan, config: TrainConfig, device: torch.device) -> bool:
    """Whether compiling is worth a thought: on a GPU, of a measured plan, where neither shapes nor what learns change on the way."""
    changing = config.first_size is not None or config.unfreeze is not None or config.on_features
    return device.type == "cuda" and plan.images_per_second is not None and not changing and not config.deterministic


def measured(plan: Plan, model: nn.Module, shape: Shape, device: torch.device) -> Plan:
    """The compiled plan with its images a second and the seconds that compiling took. Raises whatever the compiler does."""
    trial = Trial(dataclasses.replace(plan, compiled=True), model, torch.rand(shape), device)
    started = time.perf_counter()
    trial.step()
    compiling = time.perf_counter() - started
    for _ in range(STEPS):
        trial.step()
    return dataclasses.replace(plan, compiled=True, images_per_second=round(shape[0] / trial.best, 2), seconds=round(compiling, 2))


def chosen(plan: Plan, compiled: Plan, images: int) -> Plan:
    """The compiled plan where it is clearly faster and so many images win back what compiling takes."""
    before, after = plan.images_per_second or 0.0, compiled.images_per_second or 0.0
    if not before or before > CLEARLY * after:
        return plan
    return compiled if images / before - images / after > compiled.seconds else plan


def compiled(model: nn.Module) -> nn.Module:
    """The network as torch compiles it at its first step: the same weights under the same names, for batches of one size."""
    return cast(nn.Module, torch.compile(model, dynamic=False))
