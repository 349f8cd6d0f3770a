"""How the arithmetic of one training is done, in each of its parts: kept from where it began, cached, or measured now."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import nn

from classifier.models.freezing import freeze_stages, frozen_count
from classifier.run import Run
from classifier.spec.config import TrainConfig
from classifier.spec.events import OnEvent
from classifier.training.compiling import with_compiling
from classifier.training.cores import with_threads
from classifier.training.devices import Plan, describe, plan_for


class Plans(NamedTuple):
    """Of the training, and of the fine-tuning that follows a head on features, which is computed otherwise."""

    plan: Plan
    later: Plan | None


def planned(run: Run | None, config: TrainConfig, model: nn.Module, device: torch.device, images: int, on_event: OnEvent) -> Plans:
    """The plans of a training of so many images an epoch; from here on this process uses their number of threads."""
    plan = plan_of(run, config, model, device, images, on_event)
    later = later_plan_of(run, config, model, device, images, on_event)
    return Plans(with_threads(plan, config, model, device, on_event, begun=run is not None, later=later), later)


def plan_of(run: Run | None, config: TrainConfig, model: nn.Module, device: torch.device, images: int, on_event: OnEvent) -> Plan:
    """The plan that the run began with, on the same device; else a cached or measured one."""
    if run is not None and run.about["device"] == describe(device):
        return Plan(**run.about["plan"])
    if config.on_features:
        return Plan("bf16" if config.precision == "bf16" else "fp32", channels_last=False)  # a head alone: nothing worth a probe
    side = config.image_size or 0
    shape = (config.batch, 3, side, side)
    wanted, repeatable = config.precision, config.deterministic
    seen = images * config.epochs
    plan = plan_for(config.model, model, shape, device, precision=wanted, deterministic=repeatable, images=seen, on_event=on_event)
    return with_compiling(plan, config, model, shape, device, seen, on_event)


def later_plan_of(
    run: Run | None, config: TrainConfig, model: nn.Module, device: torch.device, images: int, on_event: OnEvent
) -> Plan | None:
    """The plan of a fine-tuning that follows a head on features: the run's own on the same device, else as for any whole network."""
    if not (config.finetune and config.on_features):
        return None
    if run is not None and run.about["device"] == describe(device) and run.about.get("later_plan"):
        return Plan(**run.about["later_plan"])
    freeze_stages(model, 0)
    plan = plan_of(None, replace(config, features=None, epochs=config.finetune), model, device, images, on_event)
    freeze_stages(model, frozen_count(model, config.freeze))
    return plan
