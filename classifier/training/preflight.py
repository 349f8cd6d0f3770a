"""Two batches before the long run: what cannot end well fails within seconds, with the reason, and nothing of it stays.

The steps are those of the training, with its own images, chance and learning rate. Weights, statistics, optimiser and
random states are put back afterwards, bit for bit; what is kept is RUN/preflight.json and pictures of the first batch.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from classifier.data.load import Images, readable
from classifier.spec.errors import ClassifierError, InputError, is_out_of_memory
from classifier.spec.events import Event
from classifier.spec.faults import fault
from classifier.spec.sizes import growing_size
from classifier.spec.words import plural
from classifier.training.divergence import refuse_no_number, went_wrong
from classifier.training.features import Features, compute, tail_of
from classifier.training.files import write_json
from classifier.training.memory import free_memory, memory_words, peak_memory, size_words
from classifier.training.optim import set_learning_rate
from classifier.training.order import derived_seed, generator
from classifier.training.rates import learning_rate
from classifier.training.rehearsing import refuse_what_cannot_fit, too_large
from classifier.training.setup import Training
from classifier.training.step import FEWEST, augmented, learn, steps_of
from classifier.training.thawing import thaw

STEPS = 2
FEATURES = 8  # images of a step of a head alone: that the backbone computes more of them once is all that such a training costs
SHOWN = 16  # images of the first batch that are kept
FILE = "preflight.json"
PICTURES = "first-batch"
LEAST_SHARE = 0.01  # of a mixed label that is worth a name


class Step(NamedTuple):
    """What one of the two came to."""

    loss: float
    images: int
    pictures: list[Event]  # that were kept of it


def preflight(training: Training) -> None:
    """Checks labels, inputs, targets, outputs and losses, and measures memory; a training that goes on has been checked before."""
    t = training
    if t.step or (t.folder / FILE).exists():
        return
    t.watch.on_event({"event": "stage", "stage": "preflight", "message": f"Checking {STEPS} batches before the training begins"})
    started = time.monotonic()
    refuse_labels(t)
    try:
        with untouched(t):
            later = refuse_what_cannot_fit(t)
            fault("preflight")
        with untouched(t), peak_memory(t.device) as peak:
            seen = [stepped(t, *step) for step in first_steps(t)]
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise too_large(t) from None
    if seen:
        told = measured(t, seen, peak.bytes, later, time.monotonic() - started)
        write_json(t.folder / FILE, told | {"pictures": seen[0].pictures})
        t.watch.on_event({"event": "preflight", **told})


def refuse_labels(training: Training) -> None:
    """Raises InputError where a label is no class."""
    classes = len(training.dataset.classes)
    for split, labels in (("training", training.labels), ("validation", training.validation_labels)):
        if not len(labels):
            continue
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= classes:
            raise InputError(
                f"The {split} labels go from {low} to {high}, where {classes} classes have those from 0 to {classes - 1}: "
                "the dataset's files are damaged. Import its source again."
            )


@contextmanager
def untouched(training: Training) -> Iterator[None]:
    """What runs inside leaves weights, statistics, optimiser and all random states as they were, also where it fails."""
    t = training
    tensors = list(chain(t.model.parameters(), t.model.buffers()))
    kept = [tensor.detach().to("cpu", copy=True) for tensor in tensors]
    modes = [(module, module.training) for module in t.model.modules()]
    optimizer, chance = copy.deepcopy(t.optimizer.state_dict()), (random.getstate(), np.random.get_state())
    try:
        with torch.random.fork_rng([t.device] if t.device.type == "cuda" else []):
            yield
    finally:
        t.optimizer.zero_grad()
        t.optimizer.load_state_dict(optimizer)
        with torch.no_grad():
            for tensor, before in zip(tensors, kept, strict=True):
                tensor.copy_(before)
        for module, mode in modes:
            module.training = mode
        random.setstate(chance[0])
        np.random.set_state(chance[1])


def first_steps(training: Training) -> Iterator[tuple[int, Tensor, Tensor, int]]:
    """(number, positions, batch, side) of the first two steps; the second in full size where images are still growing."""
    t, c = training, training.config
    steps = [positions[: FEATURES if c.features else None] for positions in [*steps_of(t, 1), *steps_of(t, 2)][:STEPS]]
    side = growing_size(1, c.epochs, c.first_size, t.side) if c.first_size else 0
    thaw(t, 1)
    for number, (positions, raw) in enumerate(zip(steps, batches(t, steps), strict=True)):
        positions, raw = readable(t.images, positions, raw)
        if len(positions) >= FEWEST:
            yield number, positions, raw, side if number == 0 else 0


def batches(training: Training, steps: list[Tensor]) -> Iterator[Tensor]:
    """Their images, or what a frozen backbone makes of them where the head alone is trained."""
    t = training
    images = before_features(t)
    if images is None:
        yield from t.images.batches(steps)
        return
    for positions in steps:
        part = Images(images.pack, images.rows[positions.numpy()], images.side, images.prepare, t.device)
        yield from compute(t.model, part, t.normalisation, t.folder).batches([torch.arange(len(positions))])


def before_features(training: Training) -> Images | None:
    """The images whose features are computed after this check, for the head to learn from; None where it learns from images."""
    return training.images if training.config.on_features and isinstance(training.images, Images) else None


def stepped(training: Training, number: int, positions: Tensor, raw: Tensor, side: int) -> Step:
    """One step as the training makes it."""
    t, c = training, training.config
    chance = generator(c.seed, "augment", number)
    torch.manual_seed(derived_seed(c.seed, "dropout", number))
    awaited = before_features(t)
    if awaited:
        images, target = raw.contiguous(memory_format=t.plan.memory_format), t.labels[positions.to(t.device)]
    else:
        images, target = augmented(t, positions, raw, chance, side)
    refuse_inputs(t, images, target)
    pictures = keep_pictures(t, positions, images, target) if number == 0 else []
    t.model.train()
    set_learning_rate(t.optimizer, learning_rate(t, number))
    network = tail_of(t.model) if awaited else t.stepped(t.model)
    with shape_of(network) as shapes:
        loss, _, count, _ = learn(t, network, images, target).tolist()
    refuse_outputs(t, shapes)
    if number == 0 and not np.isfinite(loss):
        raise ClassifierError(
            "The loss of the very first batch is infinite or not a number, before anything was learnt: the weights or the "
            "normalisation do not suit these images. Choose other weights, or precision fp32.",
            code="nan_loss",
        )
    refuse_no_number(t, loss, 1)
    return Step(loss / count, len(images), pictures)


def refuse_inputs(training: Training, images: Tensor, target: Tensor) -> None:
    """Raises ClassifierError where what goes into the network and the loss is not what they take."""
    count, classes = len(images), len(training.dataset.classes)
    if not bool(images.isfinite().all()):
        raise went_wrong(training, 1, "input")
    if tuple(target.shape) not in ((count,), (count, classes)):
        raise ClassifierError(f"{count} images of {classes} classes came with targets of shape {tuple(target.shape)}.", code="shapes")


def refuse_outputs(training: Training, shapes: list[tuple[int, ...]]) -> None:
    """Raises ClassifierError where the network tells other classes than the dataset has."""
    classes = len(training.dataset.classes)
    for shape in shapes:
        if len(shape) != 2 or shape[1] != classes:
            raise ClassifierError(f"The network gives {shape} for a batch, where {classes} classes are to be told apart.", code="shapes")


@contextmanager
def shape_of(network: nn.Module) -> Iterator[list[tuple[int, ...]]]:
    """The shapes of what the network gives while this lasts."""
    shapes: list[tuple[int, ...]] = []
    handle = network.register_forward_hook(lambda *passed: shapes.append(tuple(passed[2].shape)))
    try:
        yield shapes
    finally:
        handle.remove()


def measured(training: Training, seen: list[Step], peak: int, later: int | None, seconds: float) -> dict[str, Any]:
    """What is told of the two batches, and of the memory: peak: bytes of theirs; later: of the fine-tuning after them, if one was tried."""
    t, c, losses = training, training.config, [step.loss for step in seen]
    free, batch = free_memory(t.device), c.batch * c.accumulate
    left = "" if free is None else f", {size_words(free)} are free"
    memory = later if c.features else max(peak, later or 0)
    counted = memory_words(t.device) if memory is None or memory != later else "of the fine-tuning"
    taken = "" if memory is None else f"{size_words(memory)} of memory ({counted}){left}; "
    most = plural(min(batch, FEATURES) if c.features else batch, "image")
    said = (
        f"{plural(len(losses), 'batch')} of up to {most} at {t.side} px went well: "
        f"loss {' and '.join(f'{loss:.3f}' for loss in losses)}; {taken}took {seconds:.1f} s."
    )
    return {
        "message": said, "images": sum(step.images for step in seen), "batch_size": c.batch, "accumulate": c.accumulate,
        "image_size": t.side, "losses": losses, "classes": len(t.dataset.classes),
        "memory_bytes": memory, "memory": counted, "free_bytes": free,
        "seconds": round(seconds, 3),
    }  # fmt: skip


def keep_pictures(training: Training, positions: Tensor, images: Tensor, target: Tensor) -> list[Event]:
    """The first images of the batch as PNG files, as the network sees them; [{"file", "classes": [[name, share], …]}, …]."""
    t = training
    folder = t.folder / PICTURES
    folder.mkdir(exist_ok=True)
    shown = shown_pixels(t, positions, images)
    told: list[Event] = []
    for place, pixels in enumerate(shown):
        name = f"{place:02}.png"
        Image.fromarray(pixels).save(folder / name)
        told.append({"file": name, "classes": named(t, target[place])})
    return told


def shown_pixels(training: Training, positions: Tensor, images: Tensor) -> np.ndarray:
    """uint8 [up to 16, side, side, 3]: colours before they were normalised; where features go in, the images that they are of."""
    t = training
    if awaited := before_features(t):
        return awaited.decode(positions[:SHOWN].tolist()).permute(0, 2, 3, 1).numpy()
    if isinstance(t.images, Features):
        return np.zeros((0, 1, 1, 3), np.uint8)
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in t.normalisation)
    colours = images[:SHOWN].float().cpu() * deviation + mean
    return (255 * colours.clamp(0, 1)).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


def named(training: Training, target: Tensor) -> list[tuple[str, float]]:
    """The classes of one image by their readable names, the largest share first; one alone unless images are mixed."""
    dataset = training.dataset
    shares = {int(target): 1.0} if target.ndim == 0 else dict(enumerate(target.tolist()))
    most = sorted(((share, label) for label, share in shares.items() if share > LEAST_SHARE), reverse=True)
    return [(dataset.names.get(dataset.classes[label], dataset.classes[label]), round(share, 3)) for share, label in most[:3]]
