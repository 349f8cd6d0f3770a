"""Which device trains, and in which number format and memory layout: measured, not assumed."""

from __future__ import annotations

import copy
import json
import math
import os
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from classifier.spec.errors import InputError, is_out_of_memory
from classifier.spec.events import OnEvent, ignore
from classifier.spec.words import plural
from classifier.training.files import read_json, write_json
from classifier.training.memory import copy_bytes, free_memory, size_words
from classifier.training.others import BUSY, OtherWork
from classifier.training.small_maps import SmallMaps, gains

PROBE_SECONDS = 2.0
PROBE_STEP_SECONDS = 0.2  # batches are cut to what takes about so long a step, so that two seconds hold several of each
PROBE_ROUNDS = 4  # at the least: the first steps of a format prepare its kernels
PROBE_WORTH = 0.1  # of the time that a training takes, the most that finding out how it goes fastest may cost it
PROBE_SHARE = 0.5  # of the free memory that its copies of a network may take: their steps need some too
CLEARLY = 0.95
SLIGHTLY = 0.98  # between two ways to compute the same in the same format, in turns
PROBE_FIRST = 8  # images of the steps that find that out
Precision = Literal["fp32", "bf16"]
Shape = tuple[int, int, int, int]  # N, 3, H, W


@dataclass(frozen=True)
class Plan:
    """How the arithmetic is done, and how fast the probe found it."""

    precision: Precision = "fp32"
    channels_last: bool = True
    images_per_second: float | None = None  # None where nothing was measured
    seconds: float = 0.0  # that measuring took
    threads: int | None = None  # of the processor; None: all
    compiled: bool = False  # by torch.compile: on a GPU alone
    products: bool = False  # of matrices, in place of some convolutions: on a processor alone

    @property
    def memory_format(self) -> torch.memory_format:
        """The layout of images and kernels."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @contextmanager
    def applied(self, device: torch.device) -> Iterator[None]:
        """What the forward pass runs under."""
        precision = nullcontext() if self.precision == "fp32" else torch.autocast(device.type, dtype=torch.bfloat16)
        with precision, SmallMaps() if self.products else nullcontext():
            yield


def choose_device(name: str) -> torch.device:
    """The device of a configuration's `device`; `auto` follows SYNSET_DEVICES, then takes a GPU where there is one.

    Raises InputError for a device that this machine has not.
    """
    wanted = (os.environ.get("SYNSET_DEVICES") or "auto").split(",")[0].strip() if name == "auto" else name
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted in ("cpu", "mps"):
        if wanted == "mps" and not torch.backends.mps.is_available():
            raise InputError("Device mps is not on this machine; choose auto or cpu.")
        return torch.device(wanted)
    number = wanted.removeprefix("cuda").removeprefix(":") or "0"
    if not number.isdecimal() or int(number) >= torch.cuda.device_count():
        raise InputError(f"Device {wanted} is not on this machine, which has {torch.cuda.device_count()} usable GPUs; choose auto or cpu.")
    return torch.device("cuda", int(number))


def processor_name() -> str:
    """The processor as Linux names it, or as Python does elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def describe(device: torch.device) -> str:
    """The device in words, for people and as a key of the cache."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{processor_name()}, {plural(torch.get_num_threads(), 'thread')}" if device.type == "cpu" else device.type


def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is computed by instructions of its own; emulated, it is many times slower and not worth a probe."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def candidates(device: torch.device) -> list[Plan]:
    """What the probe compares."""
    plans = [Plan("fp32", True), Plan("fp32", False)]
    if has_bfloat16(device):
        plans = [Plan("bf16", True), *plans]
        plans += [Plan("bf16", True, products=True)] if device.type == "cpu" else []
    return plans


def wanted(model: nn.Module, device: torch.device, precision: str) -> list[Plan]:
    """Those of them that a configuration's precision allows and that are of use to the model, the likeliest first."""
    plans = [plan for plan in candidates(device) if precision in ("auto", plan.precision)]
    return plans if gains(model) else [plan for plan in plans if not plan.products]


def synchronise(device: torch.device) -> None:
    """Waits until the device has done what it was given, so that a clock means something."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


class Trial:
    """One candidate plan with a copy of the model, to be timed step by step."""

    def __init__(self, plan: Plan, model: nn.Module, images: torch.Tensor, device: torch.device) -> None:
        self.plan, self.device = plan, device
        self.model = copy.deepcopy(model).to(device, memory_format=plan.memory_format).train()  # type: ignore[call-overload]
        self.network = torch.compile(self.model, dynamic=False) if plan.compiled else self.model
        self.images = images.to(device, memory_format=plan.memory_format)
        self.best = float("inf")  # seconds of the fastest step
        self.cost = float("inf")  # what candidates are compared by: on a processor the time it really worked

    def step(self) -> None:
        """Forward and backward once; the fastest of the steps so far counts, for others may load the machine."""
        started, worked = time.perf_counter(), time.process_time()
        self.model.zero_grad()
        with self.plan.applied(self.device):
            loss = self.network(self.images).float().logsumexp(1).mean()
        loss.backward()
        synchronise(self.device)
        seconds = time.perf_counter() - started
        self.best = min(self.best, seconds)
        self.cost = min(self.cost, time.process_time() - worked if self.device.type == "cpu" else seconds)

    @property
    def alone(self) -> float:
        """Seconds that the fastest step would take with no other work on the machine."""
        return min(self.best, self.cost / torch.get_num_threads()) if self.device.type == "cpu" else self.best


def fits(trial: Trial) -> bool:
    """Makes a step; whether the memory held it."""
    try:
        trial.step()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return False
    return True


def probe_images(model: nn.Module, shape: Shape, device: torch.device) -> int:
    """How many images a probe's step takes: the training's own batch, or fewer where that would take too long."""
    first = min(shape[0], PROBE_FIRST)
    trial = Trial(Plan(), model, torch.rand(first, *shape[1:]), device)
    if not (fits(trial) and fits(trial)):
        return first
    return max(first, min(shape[0], int(PROBE_STEP_SECONDS / trial.alone * first)))


def worth(images: float, images_per_second: float) -> float:
    """Seconds that measuring may take before a training of so many images at that speed; no more is needed, however long it is."""
    return min(PROBE_SECONDS, PROBE_WORTH * images / images_per_second)


def probe(model: nn.Module, shape: Shape, device: torch.device, precision: str = "auto", images: float = math.inf) -> Plan:
    """The fastest plan of that precision for training this model on batches of shape (N, 3, H, W), found in about two seconds, or
    sooner before a training of so few images that it would hardly take longer itself.

    The candidates take turns, so that whatever else runs on the machine slows all of them alike. One whose steps the memory does
    not hold is left aside: in half the bits a batch may fit that does not in fp32.
    """
    started = time.perf_counter()
    batch = torch.rand(probe_images(model, shape, device), *shape[1:])
    trials = [Trial(plan, model, batch, device) for plan in wanted(model, device, precision)]
    rounds, most = 0, PROBE_SECONDS
    while rounds < PROBE_ROUNDS or (time.perf_counter() - started < most and rounds < 50):
        trials = [trial for trial in trials if fits(trial)]
        rounds += 1
        most = max((worth(images, len(batch) / trial.best) for trial in trials), default=0.0)
    if not trials:
        return wanted(model, device, precision)[0]  # the check before the training says which batch fits
    winner = cheapest(trials)
    seconds = time.perf_counter() - started
    return replace(winner.plan, images_per_second=round(len(batch) / winner.best, 2), seconds=round(seconds, 2))


def cheapest(trials: Sequence[Trial]) -> Trial:
    """The trial of the least cost; a later one must be clearly cheaper than the one before it, for clocks are not exact."""
    winner = trials[0]
    for trial in trials[1:]:
        alike = trial.plan == replace(winner.plan, products=True)
        winner = trial if trial.cost < (SLIGHTLY if alike else CLEARLY) * winner.cost else winner
    return winner


def cache_file() -> Path:
    """Where measured plans are kept between runs."""
    home = os.environ.get("SYNSET_HOME")
    return Path(home) / "cache" / "plans.json" if home else Path.home() / ".cache" / "synset" / "plans.json"


def cached_plans() -> dict[str, Plan]:
    """All plans kept so far, but for those that know less than is measured now.

    A file that is not understood counts as none, for measuring again costs two seconds.
    """
    known = {field.name for field in fields(Plan)}
    try:
        return {key: Plan(**plan) for key, plan in read_json(cache_file()).items() if known <= plan.keys()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def remember(key: str, plan: Plan, on_event: OnEvent) -> None:
    """Adds a plan to the cache; a folder that cannot be written is no reason not to train."""
    try:
        cache_file().parent.mkdir(parents=True, exist_ok=True)
        write_json(cache_file(), {key: asdict(plan) for key, plan in {**cached_plans(), key: plan}.items()})
    except OSError as error:
        on_event({"event": "log", "level": "warning", "message": f"The measured plan could not be kept in {cache_file()}: {error}."})


def plan_for(
    name: str,
    model: nn.Module,
    shape: Shape,
    device: torch.device,
    *,
    precision: str = "auto",
    deterministic: bool,
    images: float = math.inf,
    on_event: OnEvent = ignore,
) -> Plan:
    """The plan of a training of so many images: the precision that was asked for, or what the cache says, or measured now and kept there.

    A deterministic training takes no measured plan, for a clock never gives the same answer twice.
    """
    tried = wanted(model, device, precision)
    if deterministic or (precision == "bf16" and len(tried) < 2):
        return Plan("bf16" if precision == "bf16" else "fp32")
    key = json.dumps(
        [describe(device), name, list(shape), any(not p.requires_grad for p in model.parameters()), torch.__version__, precision]
    )
    kept = cached_plans().get(key)
    if kept is not None:
        return kept
    taken, free = len(tried) * copy_bytes(model), free_memory(device)
    if free is not None and taken > PROBE_SHARE * free:
        why = f"{len(tried)} copies of {name} with their gradients take {size_words(taken)}, and {size_words(free)} are free"
        on_event({"event": "log", "level": "warning", "message": f"Which format is fastest was not measured: {why}."})
        return tried[0]
    on_event({"event": "stage", "stage": "probing", "message": f"Measuring which format is fastest on {describe(device)}"})
    others = OtherWork()
    plan = probe(model, shape, device, precision, images)
    whole = plan.images_per_second is not None and worth(images, plan.images_per_second) == PROBE_SECONDS
    if whole and (device.type != "cpu" or others.cores() < BUSY):
        remember(key, plan, on_event)  # what was measured in haste, or other work had a part in, is measured anew by the next training
    return plan


@contextmanager
def determinism(wanted: bool) -> Iterator[None]:
    """Within it, torch takes bit for bit repeatable algorithms where `wanted`."""
    if not wanted:
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode("warn")  # not use_deterministic_algorithms: it loads the compiler, which such a training never uses
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
