"""The batch size by measuring: the largest power of two whose steps fit the memory and, on a processor, are no slower an image."""

from __future__ import annotations

import copy
import dataclasses
import gc
import time
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.models.build import head_of
from classifier.models.freezing import freeze_stages
from classifier.spec.batches import MOST, SHARE, largest_for
from classifier.spec.config import USUAL_BATCH, TrainConfig
from classifier.spec.defaults import filled
from classifier.spec.errors import is_out_of_memory
from classifier.spec.events import OnEvent
from classifier.training.devices import Plan, synchronise
from classifier.training.memory import copy_bytes, free_memory, peak_memory, size_words
from classifier.training.optim import make_optimizer

SLOWER = 1.05  # an image may cost so much of what it cost in the best smaller batch
SLOW = 1.0  # seconds of a step, beyond which no larger batch is tried
FIRST = 8  # images
COPIES = 2  # of a network with its gradients: one, and the two figures that an optimiser keeps of each weight
FEW = 2  # images whose memory tells that of many, where many would take minutes


class Tried(NamedTuple):
    """What one size came to."""

    batch: int
    growth: int  # bytes over two steps
    cost: float  # seconds an image: on a processor those that it really worked
    seconds: float  # of a step

    @property
    def told(self) -> dict[str, float]:
        """As events have it."""
        return {"batch_size": self.batch, "memory_bytes": self.growth, "images_per_second": round(self.batch / max(self.seconds, 1e-9), 1)}


class Rehearsal:
    """Steps on a copy of the network, with random images: nothing of the training is touched."""

    def __init__(self, model: nn.Module, config: TrainConfig, plan: Plan, device: torch.device) -> None:
        self.plan, self.device, self.side = plan, device, config.image_size or 0
        self.model = copy.deepcopy(model).to(device, memory_format=plan.memory_format)  # type: ignore[call-overload]
        if config.freeze is None:
            freeze_stages(self.model, 0)  # before a fine-tuning the network is frozen still
        self.model.train()
        self.optimizer = make_optimizer(self.model, dataclasses.replace(filled(config), learning_rate=1e-6))
        self.fixed: int = sum(
            p.numel() * p.element_size() for p in self.model.parameters() if p.requires_grad
        )  # gradients, whatever the batch
        self.classes = int(head_of(self.model)[1].weight.shape[0])
        self.step(2)  # the optimiser's own memory is there from here on
        states = self.optimizer.state.values()
        self.held: int = sum(kept.numel() * kept.element_size() for state in states for kept in state.values() if isinstance(kept, Tensor))

    def step(self, batch: int) -> tuple[float, float]:
        """(seconds, seconds that were worked) of one step."""
        images = torch.rand(batch, 3, self.side, self.side, device=self.device).contiguous(memory_format=self.plan.memory_format)
        started, worked = time.perf_counter(), time.process_time()
        self.optimizer.zero_grad()
        with self.plan.applied(self.device):
            logits = self.model(images)
        functional.cross_entropy(logits.float(), torch.arange(batch, device=self.device) % self.classes).backward()
        self.optimizer.step()
        synchronise(self.device)
        seconds = time.perf_counter() - started
        return seconds, time.process_time() - worked if self.device.type == "cpu" else seconds

    def tried(self, batch: int) -> Tried | None:
        """Two steps of that size, the quicker one counts; None where the memory does not hold them."""
        self.optimizer.zero_grad()  # so that gradients are part of the growth
        try:
            with peak_memory(self.device) as peak:
                steps = [self.step(batch) for _ in range(2)]
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None
        finally:
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
        return Tried(batch, peak.growth, min(cost for _, cost in steps) / batch, min(seconds for seconds, _ in steps))

    def scaled(self, few: Tried, batch: int) -> int:
        """What that many images take, by what few took: gradients stay, all else grows with them."""
        return self.fixed + max(0, few.growth - self.fixed) * batch // few.batch


def sizes(largest: int) -> Iterator[int]:
    """Powers of two from 8, or from what is smaller, to the largest."""
    size = min(FIRST, largest)
    while size <= largest:
        yield size
        size *= 2


def fits(growth: float, device: torch.device) -> bool:
    """Whether steps that grow by so much leave enough of the memory."""
    free = free_memory(device)
    return free is None or growth <= SHARE * free


def climbed(rehearsal: Rehearsal, largest: int, *, by_speed: bool) -> list[Tried]:
    """The sizes that fit, smallest first; a size is not even tried where twice what half of it took would not fit."""
    device, found = rehearsal.device, list[Tried]()
    for size in sizes(largest):
        if found and not fits(2.0 * found[-1].growth, device):
            break
        tried = rehearsal.tried(size)
        if tried is None or not fits(tried.growth, device):
            break
        if by_speed and found and tried.cost > SLOWER * min(earlier.cost for earlier in found):
            break
        found.append(tried)
        if by_speed and tried.seconds > SLOW:
            break
    return found


def holds(model: nn.Module, config: TrainConfig, device: torch.device) -> bool:
    """Whether the memory holds a copy of the network at all, with its gradients and as much again for the optimiser."""
    free = free_memory(device)
    return free is None or COPIES * copy_bytes(model, whole=config.freeze is None) <= free


def fitting(model: nn.Module, config: TrainConfig, plan: Plan, device: torch.device, largest: int) -> Tried | None:
    """The largest size up to that one which fits the memory, however fast; None where nothing does.

    On a GPU by trying; a processor is too slow for that, so that there what few images took is multiplied.
    """
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    if not holds(model, config, device):
        return None
    try:
        rehearsal = Rehearsal(model, config, plan, device)
        found = scaled(rehearsal, largest) if device.type == "cpu" else climbed(rehearsal, largest, by_speed=False)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return None
    return found[-1] if found else None


def scaled(rehearsal: Rehearsal, largest: int) -> list[Tried]:
    """The sizes that fit by what few images took."""
    few = rehearsal.tried(FEW)
    if few is None:
        return []
    found = [few._replace(batch=size, growth=rehearsal.scaled(few, size)) for size in sizes(largest)]
    return [tried for tried in found if fits(tried.growth, rehearsal.device)]


def with_batch(config: TrainConfig, model: nn.Module, plan: Plan, device: torch.device, images: int, on_event: OnEvent) -> TrainConfig:
    """The configuration with a batch size, measured where it leaves that open, and the learning rate that goes with it."""
    if config.batch_size is not None:
        return config
    largest = largest_for(images, config.accumulate)
    if config.on_features:
        size = min(largest, USUAL_BATCH)
        why = "of a head alone, whose steps cost next to nothing"
        return told(config, size, f"Batches of {size} images, {why}.", [], on_event)
    on_event({"event": "stage", "stage": "probing", "message": f"Measuring how many images a batch may have, {largest} at most"})
    state = torch.random.get_rng_state()
    there = holds(model, config, device)
    found = climbed(Rehearsal(model, config, plan, device), largest, by_speed=device.type == "cpu") if there else []
    torch.random.set_rng_state(state)
    size = found[-1].batch if found else 2
    return told(config, size, words(found, size, largest, device), found, on_event)


def words(found: list[Tried], size: int, largest: int, device: torch.device) -> str:
    """What was picked, and why no more."""
    if not found:
        return f"Batches of {size} images: no larger ones fit the memory."
    best = found[-1]
    measured = f"{size_words(best.growth)} of memory for two of them, {best.told['images_per_second']:,.0f} images/s"
    if size == largest:
        why = f"the most for these data and {MOST} at most"
    else:
        why = "larger ones do not fit or are slower" if device.type == "cpu" else "larger ones do not fit"
    return f"Batches of {size} images, measured: {measured}; {why}."


def told(config: TrainConfig, size: int, message: str, found: list[Tried], on_event: OnEvent) -> TrainConfig:
    """The configuration with that size, which is said."""
    measured = [tried.told for tried in found]
    on_event({"event": "picked", "field": "batch_size", "value": size, "message": message, "tried": measured})
    return filled(dataclasses.replace(config, batch_size=size))
