"""Learning-rate schedules as plain functions, drawn in the form by the very code that trains.

Each gives the share (0..1] of the highest rate that a step has. They count in epochs, steps being fractions of them, so
that a curve of any number of points has the shape of the training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.spec.config import TrainConfig

SCHEDULES = ("cosine", "fixed", "step", "multi_step", "exponential", "inverse", "polynomial", "one_cycle", "plateau")
ONE_CYCLE_START, ONE_CYCLE_END = 1 / 25, 1 / 25e4  # of the highest rate; as torch has them
PLATEAU_CHANGE = 1e-4  # a loss counts as better when it is lower by this share of the best


def cosine_with_warmup(step: int, steps: int, warmup_steps: int) -> float:
    """The share (0..1] of the highest rate at `step`, from 0 to steps − 1.

    Rises in a straight line over warmup_steps, then falls by half a cosine to almost zero
    (Loshchilov and Hutter, "SGDR", 2017, with one cycle).
    """
    if step < warmup_steps:
        return warmup(step, warmup_steps)
    done = (step - warmup_steps) / max(1, steps - warmup_steps)
    return half_cosine(1.0, 0.0, min(1.0, done))


def warmup(step: int, warmup_steps: int) -> float:
    """A straight line from almost zero; the first step after it has the whole rate."""
    return (step + 1) / (warmup_steps + 1)


def half_cosine(start: float, end: float, done: float) -> float:
    """From start to end along half a cosine; done: 0..1."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * done))


def share(config: TrainConfig, step: int, steps_per_epoch: float, drops: int = 0) -> float:
    """The share of the highest rate at `step`, from 0, of a training whose fields of the schedule are filled in.

    drops: how often a plateau has lowered the rate so far.
    """
    steps = round(config.head_epochs * steps_per_epoch)
    if step >= steps and config.finetune:
        return finetuning(config, step - steps, round(config.finetune * steps_per_epoch))
    warmup_steps = round((config.warmup_epochs or 0.0) * steps_per_epoch)
    if config.schedule == "one_cycle":
        return one_cycle(step, steps, warmup_steps)
    if config.schedule == "cosine":
        return cosine_with_warmup(step, steps, warmup_steps)
    if step < warmup_steps:
        return warmup(step, warmup_steps)
    return falling(config, step, steps, warmup_steps, steps_per_epoch, drops)


def finetuning(config: TrainConfig, step: int, steps: int) -> float:
    """A cosine of its own, with a tenth of warm-up, up to the rate of fine-tuning, as a share of the head's."""
    highest = (config.finetune_rate or 0.0) / (config.learning_rate or 1.0)
    return highest * cosine_with_warmup(step, steps, round(0.1 * steps))


def falling(config: TrainConfig, step: int, steps: int, warmup_steps: int, steps_per_epoch: float, drops: int) -> float:
    """The schedules that have no more of their own than how they fall after the warm-up."""
    epoch, after = step / steps_per_epoch, (step - warmup_steps) / steps_per_epoch
    factor, power = config.decay_factor or 0.0, config.decay_power or 0.0
    match config.schedule:
        case "step":
            return math.pow(factor, math.floor(epoch / (config.decay_epochs or 1) + 1e-9))
        case "multi_step":
            return math.pow(factor, sum(epoch + 1e-9 >= milestone for milestone in config.milestones or ()))
        case "exponential":
            return math.pow(factor, after)
        case "inverse":
            return math.pow(1 + after, -power)
        case "polynomial":
            return math.pow(max(0.0, 1 - (step - warmup_steps) / max(1, steps - warmup_steps)), power)
        case "plateau":
            return math.pow(factor, drops)
    return 1.0


def one_cycle(step: int, steps: int, warmup_steps: int) -> float:
    """Up and down once, both along half a cosine, to far below where it began (Smith and Topin, "Super-convergence", 2018)."""
    peak = max(0, warmup_steps - 1)  # the last step of the rise has the whole rate
    if step <= peak:
        return half_cosine(ONE_CYCLE_START, 1.0, step / peak) if peak else 1.0
    return half_cosine(1.0, ONE_CYCLE_END, min(1.0, (step - peak) / max(1, steps - 1 - peak)))


def plateau_drops(losses: Sequence[float | None], patience: float) -> int:
    """How often the rate has fallen after these validation losses, one an epoch: each time that more than `patience` epochs
    brought none that is better. A function of the losses alone, so that a resumed training has the same rates."""
    best, waited, drops = math.inf, 0, 0
    for loss in losses:
        if loss is not None and loss < best * (1 - PLATEAU_CHANGE):
            best, waited = loss, 0
        else:
            waited += 1
        if waited > patience:
            waited, drops = 0, drops + 1
    return drops


def impossible(config: TrainConfig) -> dict[str, str]:
    """What of the schedule cannot be: {field: sentence}."""
    last, epochs = (config.milestones or [0.0])[-1], config.head_epochs
    whole = f"{in_epochs(epochs)} of the head, before the fine-tuning" if config.finetune else f"training of {in_epochs(epochs)}"
    if config.schedule == "multi_step" and last >= epochs:
        return {"milestones": f"must lie within the {whole}; {last:g} came"}
    if config.schedule in ("step", "plateau") and config.decay_epochs is not None and config.decay_epochs >= max(2, epochs):
        return {"decay_epochs": f"must be shorter than the {whole}; {config.decay_epochs:g} came"}
    return {}


def words(config: TrainConfig) -> str:
    """The shape in words, for a training whose fields of the schedule are filled in."""
    length = config.warmup_epochs or 0.0
    shape = shape_words(config)
    last = f"; all of the network for the last {in_epochs(config.finetune)}, up to {config.finetune_rate:.3g}" if config.finetune else ""
    if config.schedule == "one_cycle":
        return f"up for {in_epochs(length)}, then down to almost zero, both by half a cosine{last}"
    return (f"{in_epochs(length)} of warm-up, then {shape}" if length else f"{shape} from the first step") + last


def shape_words(config: TrainConfig) -> str:
    """What comes after the warm-up."""
    factor = f"times {config.decay_factor:g}" if config.decay_factor else ""
    match config.schedule:
        case "step":
            return f"{factor} every {in_epochs(config.decay_epochs or 1)}"
        case "multi_step":
            return f"{factor} at epoch {', '.join(f'{milestone:g}' for milestone in config.milestones or ())}"
        case "exponential":
            return f"{factor} each epoch"
        case "inverse":
            return f"one by the epochs so far to the power of {config.decay_power:g}"
        case "polynomial":
            return "a straight line to zero" if config.decay_power == 1 else f"a polynomial of power {config.decay_power:g} to zero"
        case "plateau":
            return f"{factor} whenever {in_epochs(config.decay_epochs or 0)} and one more bring no better validation loss"
    return config.schedule


def in_epochs(count: float) -> str:
    """ "1 epoch", "2.5 epochs"."""
    return f"{count:g} {'epoch' if count == 1 else 'epochs'}"
