"""What the launch form shows of its images before a training: which values it asks for, and how the answer reads."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from classifier.spec.augment_fields import augment_fields
from classifier.spec.config import TrainConfig
from webapp.core.resident import Unavailable
from webapp.core.words import percent
from webapp.datasets.models import DatasetVersion
from webapp.experiments.entries import AUGMENTS, FIXED_CHOICES, described, sentence
from webapp.experiments.forms import LaunchForm, augment_of

SAMPLES = 16  # as the engine draws them: the page keeps their places
AT_ONCE = 4  # of all callers of a web process; others wait, for the worker draws one after another anyway
TURN_SECONDS = 12.0  # that one waits for others; a form that waits longer says more by giving up
MANY = "Others have waited for previews for {seconds:.0f} s already, so none is drawn here now. A training does not need it."
LEAST_SHARE = 0.005  # what rounds to no percent is not named
MOST_NUMBER = 1_000_000
SEEN = (
    "model",
    "weights",
    "freeze",
    "unfreeze",
    "finetune",
    "features",
    "image_size",
    "eval_size",
    "resize",
    "channels",
    "normalisation",
    "seed",
    "folds",
    "fold",
)  # what the images depend on
SHOWN = ("model", *SEEN[5:], "augment", *AUGMENTS)  # fields whose faults are told beside the images; the others say their own
TURNS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()


class Sample(NamedTuple):
    """One augmented image: a data URI, a line for each class in it, and what is read out."""

    image: str
    lines: list[str]
    words: str


class Side(NamedTuple):
    """One half of the example of resizing."""

    image: str
    title: str
    size: str
    words: str


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """What a caller holds while a preview is drawn for them; raises Unavailable where too many others wait for theirs."""
    turns = TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise Unavailable(MANY.format(seconds=TURN_SECONDS)) from None
    try:
        yield
    finally:
        turns.release()


def wrong(form: LaunchForm) -> str:
    """The first fault of a value that the images depend on, as a sentence; empty where they can be drawn."""
    form.check()
    name = next((name for name in SHOWN if name in form.errors), "")
    return f"{described(name)[0]}: {sentence(form.errors[name])}" if name else ""


def config_of(form: LaunchForm) -> TrainConfig:
    """What the form's values mean for its images; of the other fields nothing but their defaults."""
    values = form.understood(*SEEN)
    with suppress(ValueError):
        values["augment"] = augment_fields(augment_of(form.texts))
    return TrainConfig(**values)


def number_of(text: str) -> int:
    """Which draw is wanted; the first where no such number was sent."""
    return min(int(text), MOST_NUMBER) if text.isascii() and text.isdecimal() and len(text) < 8 else 0


def shown(told: Mapping[str, Any], version: DatasetVersion, config: TrainConfig) -> dict[str, Any]:
    """The answer as the page's parts draw it."""
    names = {entry["label"]: entry["name"] or entry["label"] for entry in version.classes}
    samples = [sample_of(sample, names) for sample in told["samples"]]
    return {
        "samples": samples,
        "places": range(len(samples), SAMPLES),
        "small": told["small"] or told["drawn"] <= 64,
        "caption": caption(told, config),
        "example": example_of(told["example"], told["seen"], config) if told["example"] else [],
    }


def sample_of(sample: Mapping[str, Any], names: Mapping[str, str]) -> Sample:
    """A sample under its class's name, or under both names with their shares."""
    shares = [(names.get(label, label), share) for label, share in sample["shares"].items() if share >= LEAST_SHARE]
    if len(shares) == 1:
        name = shares[0][0]
        return Sample(sample["image"], [name], f"{name}, as the network sees it")
    lines = [f"{percent(share, 0)} {name}" for name, share in shares]
    return Sample(sample["image"], lines, f"mixed of {' and '.join(lines)}")


def caption(told: Mapping[str, Any], config: TrainConfig) -> str:
    """What is seen here, in a sentence or two."""
    drawn = f", drawn at {told['drawn']}" if told["drawn"] < told["side"] else ""
    words = f"Training images at {told['side']} pixels{drawn}, as one step would see them."
    if told["still"]:
        return f"{words} Features are computed once, so nothing is changed at random."
    return words if config.augment is not False else f"{words} Augmentation is off."


def example_of(example: Mapping[str, Any], seen: int, config: TrainConfig) -> list[Side]:
    """One image as it is, and as validation, test and predictions see it."""
    before, after = example["before"], example["after"]
    size = f"{before['width']} × {before['height']}"
    mode = dict(FIXED_CHOICES["resize"])[config.resize or ""]
    how = "as suits it by itself" if config.resize is None else mode
    return [
        Side(before["image"], "As it is", f"{size} pixels", f"an image of the dataset, {size} pixels"),
        Side(after["image"], "As evaluated", f"{seen} × {seen} pixels · {how}", f"the same image brought to {seen} × {seen} pixels: {how}"),
    ]
