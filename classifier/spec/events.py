"""What the engine tells while it works: one typed payload a kind, one JSON object a line.

Every event is a JSON object with "event" (its kind) first. NaN and infinities never stand in JSON:
`finite` turns them into null, and the payload names the field in "not_finite".
The engine reports through a plain callable `OnEvent`; the CLI's is `EventWriter`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NotRequired, TextIO, TypedDict

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class StageEvent(TypedDict):
    """A new stage of the work began: "reading", "decoding", "splitting", "probing", "preflight", "training", "testing", …"""

    event: Literal["stage"]
    stage: str
    message: str


class ProgressEvent(TypedDict):
    """How far the whole command is. At most four a second."""

    event: Literal["progress"]
    stage: str
    done: int  # units finished (files, steps, images)
    total: int | None  # None while it is not known
    unit: str  # "files", "steps", "images"
    fraction: float  # of the whole command, 0..1, never falling
    eta_seconds: float | None  # from measured work; None until enough was measured
    rate: float | None  # units a second, measured
    kept: NotRequired[int]  # of the units finished, those that an earlier try had read
    epoch: NotRequired[int]
    epochs: NotRequired[int]
    step: NotRequired[int]  # within the whole training, from 1
    steps: NotRequired[int]
    train_loss: NotRequired[float | None]  # of the last logged steps
    images_per_second: NotRequired[float | None]
    lr: NotRequired[float]


class Sparse(TypedDict):
    """A confusion matrix without its zeros: parallel lists; rows are true labels, columns predicted ones."""

    size: int
    rows: list[int]
    columns: list[int]
    counts: list[int]


class Watched(TypedDict):
    """What is said of the same few validation images after each validation: parallel lists; labels are places among the classes."""

    positions: list[int]  # of the samples, the same in every version of their dataset
    labels: list[int]  # true ones
    best: list[list[int]]  # the labels said first, best first
    probability: list[list[float]]


class EpochEvent(TypedDict):
    """An epoch ended, and was validated where that was due. Also sent again, from history, after a resume; repeats are equal."""

    event: Literal["epoch"]
    epoch: int  # from 1
    epochs: int
    step: int
    train_loss: float | None
    train_top1: float | None
    val_loss: float | None
    val_top1: float | None
    val_top5: float | None
    lr: float
    images_per_second: float
    seconds: float
    best: bool
    confusion: NotRequired[Sparse]  # of the validation split, after epochs that were validated
    watched: NotRequired[Watched]  # with it


class ValidationEvent(TypedDict):
    """The validation split was looked at inside an epoch. Also sent again after a resume; repeats are equal."""

    event: Literal["validation"]
    epoch: int  # that is under way, from 1
    epochs: int
    step: int
    part: float  # of the epoch that is behind, above 0 and below 1
    train_loss: float | None  # of the epoch so far
    val_loss: float | None
    val_top1: float | None
    val_top5: float | None
    confusion: NotRequired[Sparse]
    watched: NotRequired[Watched]


class LogEvent(TypedDict):
    event: Literal["log"]
    level: Literal["info", "warning", "error"]
    message: str


class WeightsEvent(TypedDict):
    """What a network took from the weights that it starts from."""

    event: Literal["weights"]
    message: str
    matched: int  # tensors that came from them
    tensors: int  # of the network in all
    fresh: list[str]  # those that begin anew


class PreflightEvent(TypedDict):
    """Two batches went through a training that is about to begin; nothing of them stays in it."""

    event: Literal["preflight"]
    message: str
    images: int  # that the two had together
    batch_size: int
    accumulate: int
    image_size: int
    losses: list[float]
    classes: int
    memory_bytes: int | None  # at the peak of the two steps; None of a head alone, which sees few images here
    memory: str  # what that counts: on a processor the growth of the process alone
    free_bytes: int | None  # None where nothing tells
    seconds: float


class PickedEvent(TypedDict):
    """A setting that was left open is decided by what was measured."""

    event: Literal["picked"]
    field: str
    value: int
    message: str
    tried: list[dict[str, float]]


class ProblemEvent(TypedDict):
    """A file that was left out (taken: false), or a warning about one that was taken."""

    event: Literal["problem"]
    file: str
    rule: str
    message: str
    taken: bool
    source: NotRequired[str]  # of images that a version gains: the file that it came in


class CheckpointEvent(TypedDict):
    event: Literal["checkpoint"]
    epoch: int
    step: int
    file: str
    sha256: str
    best: bool


class ErrorEvent(TypedDict):
    """The command's last line when it fails and --json is on; the sentence also stands on stderr."""

    event: Literal["error"]
    code: str
    message: str
    retry: bool
    fields: NotRequired[dict[str, str]]


Event = dict[str, Any]
OnEvent = Callable[[Event], None]
ShouldStop = Callable[[], bool]


def ignore(event: Event) -> None:
    """The listener that does not listen."""


def never() -> bool:
    """The stop signal that is never given."""
    return False


def finite(value: Any) -> Any:
    """The same value with NaN and infinities, at any depth, as None (JSON has neither)."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def to_line(event: Event) -> str:
    """One JSON object on one line, without NaN, in any script."""
    return as_json(finite(event))


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_pieces(event: Event) -> Iterator[str]:
    """The same line, a piece at a time: what is no list, and can be walked, may be a million long."""
    before = "{"
    for key, value in event.items():
        yield f"{before}{as_json(key)}:"
        if isinstance(value, Iterable) and not isinstance(value, str | dict | list | tuple):
            yield "["
            yield from (f"{',' * (place > 0)}{as_json(finite(item))}" for place, item in enumerate(value))
            yield "]"
        else:
            yield as_json(finite(value))
        before = ","
    yield "}"


class EventWriter:
    """Writes each event as a JSON line, flushed at once so that a reader on a pipe sees it in time."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout

    def __call__(self, event: Event) -> None:
        self.stream.write(to_line(event) + "\n")
        self.stream.flush()
