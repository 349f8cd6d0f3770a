"""How long an image may take in a network that never trained on this machine: a rough guess from its work.

A step costs an image's multiply-adds, once forward and twice backward, and something a pixel, which is what networks of few
operations spend their time on. The usual speed of a core is that of two cores in fp32, which trained 45 to 66 images/s of
ResNet-18 at 128 pixels, 94 to 130 of MobileNetV3-small at 224 and 930 to 1,500 of the small network at 32. Where other
networks were trained here, their speed beside that is this machine's.
"""

from __future__ import annotations

import os
import statistics
from typing import Any, NamedTuple

from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from webapp.core.words import plural
from webapp.datasets.models import DatasetVersion
from webapp.experiments.models import Experiment
from webapp.experiments.timings import by_run
from webapp.experiments.weights import side_behind
from webapp.jobs import queries as jobs
from webapp.jobs.models import Queue

STEP = 3  # times the multiply-adds of looking at an image: forward, and back for weights and for what goes on
RUNS_LOOKED_AT = 12
MOST_CORES = 16  # that a step keeps busy
BUSY = 2.0  # of a load a core, from which on times that were measured or guessed on a quiet machine mislead
SMALL_NETWORK_SIDE, SMALL_SIDE = 32, 64  # pixels that are picked for small images, by the small network and by others


class Speed(NamedTuple):
    """A usual machine's."""

    gflops: float  # multiply-adds a second, in units of 1e9
    pixel_seconds: float


CORE, GPU = Speed(50.0, 3.6e-7), Speed(6000.0, 1e-8)


class Guess(NamedTuple):
    """Seconds of one image in one epoch, and what that rests on, in words."""

    seconds: float
    basis: str


def an_image(version: DatasetVersion, config: TrainConfig) -> Guess | None:
    """None where the network's work is not known."""
    side, usual = side_of(version, config), speed_of(config)
    seconds = modelled(config.model, side, usual)
    if seconds is None:
        return None
    slower, trainings = beside_others(config, usual)
    pace = f"the speed of {plural(trainings, 'training')} of other networks here" if trainings else "a usual machine's speed"
    basis = f"a rough guess: {work(config.model, side):.2g} GFLOPs an image at {side} px, at {pace}; the first training measures it"
    return Guess(seconds * slower, basis)


def side_of(version: DatasetVersion, config: TrainConfig) -> int:
    """Pixels a side; where none is typed about what the training will pick."""
    if config.image_size or config.weights:
        return config.image_size or side_behind(config.weights, config.model) or MODELS[config.model].image_size
    if version.small:
        return SMALL_NETWORK_SIDE if config.model == "small_cnn" else SMALL_SIDE
    return SMALL_SIDE if config.model == "small_cnn" else MODELS[config.model].image_size


def work(model: str, side: int) -> float:
    """Multiply-adds of one image of that size, in units of 1e9; 0 where that is not known."""
    entry = MODELS[model]
    return (entry.gflops or 0.0) * (side / entry.image_size) ** 2


def modelled(model: str, side: int, speed: Speed) -> float | None:
    """Seconds of one image's step at that speed."""
    gflops = work(model, side)
    return STEP * gflops / speed.gflops + side**2 * speed.pixel_seconds if gflops else None


def told_by_workers() -> list[dict[str, Any]]:
    """What the hosts of the workers that train say of themselves."""
    return [node.info for node in jobs.nodes() if node.role == Queue.DEVICE]


def busy_words() -> str:
    """A sentence where other work fills every host that trains; else nothing. A training itself keeps all cores, which is no such load."""
    told = [(info["load"] / info["processors"], info) for info in told_by_workers() if info.get("processors") and "load" in info]
    share, info = min(told, key=lambda each: each[0], default=(0.0, {}))
    if share < BUSY:
        return ""
    load = f"a load of {info['load']:.0f} on {plural(info['processors'], 'core')}"
    return f"Other work fills the machine now ({load}): it takes longer beside it"


def on_gpu(config: TrainConfig) -> bool:
    """Whether a GPU is there that will train it."""
    return config.device != "cpu" and any(info.get("gpus") for info in told_by_workers())


def speed_of(config: TrainConfig) -> Speed:
    """That of the kind of device that will train."""
    if on_gpu(config):
        return GPU
    told = told_by_workers()
    cores = min(MOST_CORES, max([int(info.get("processors") or 0) for info in told] or [0]) or os.cpu_count() or 1)
    return Speed(cores * CORE.gflops, CORE.pixel_seconds / cores)


def beside_others(config: TrainConfig, speed: Speed) -> tuple[float, int]:
    """(how many times longer an image took than at that speed, in how many trainings of whole networks here); (1, 0) without any."""
    runs = Experiment.objects.filter(config__freeze=None, config__device=config.device).select_related("version").order_by("-id")
    known = {run.id: run for run in runs[:RUNS_LOOKED_AT]}
    shares = [
        statistics.median(timed) / expected
        for id, timed in by_run(list(known.values())).items()
        if (expected := modelled(known[id].config["model"], side_of(known[id].version, TrainConfig(**known[id].config)), speed))
    ]
    return (statistics.median(shares), len(shares)) if shares else (1.0, 0)
