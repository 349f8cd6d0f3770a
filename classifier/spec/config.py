"""The one training configuration: form, API, CLI and tests all build it with `TrainConfig.from_mapping`.

A wrong value never becomes a configuration: every wrong field is named at once in a `ConfigError`.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from classifier.spec.catalogue import MODELS
from classifier.spec.errors import ConfigError

OPTIMIZERS = ("sgd", "adamw")
PRECISIONS = ("auto", "fp32", "bf16")
ON_NAN = ("stop", "go_back")
DEVICES = ("auto", "cpu")  # and "0", "1", … or "cuda:0"
Check = Callable[[Any], Any]  # gives the clean value, or raises ValueError with a sentence


def said(value: Any) -> str:
    """The value as the user may recognise it, cut short."""
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def is_number(value: Any) -> bool:
    """A finite number. A whole one may be of any size, also one that no float can hold."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and math.isfinite(value))


def whole(low: int, high: int, usual: str = "") -> Check:
    """A whole number from low to high, both included."""

    def check(value: Any) -> int:
        wrong = not is_number(value) or value != int(value)
        if wrong or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low:,} to {high:,}{usual and f'; usual are {usual}'}; {said(value)} came")
        return int(value)

    return check


def number(low: float, high: float, usual: str = "", *, above: bool = False) -> Check:
    """A number from low (above it, when `above`) to high."""

    def check(value: Any) -> float:
        wrong = not is_number(value)
        if wrong or not low <= value <= high or (above and value == low):
            bounds = f"above {low:g} and at most {high:g}" if above else f"from {low:g} to {high:g}"
            raise ValueError(f"must be a number {bounds}{usual and f'; usual are {usual}'}; {said(value)} came")
        return float(value)

    return check


def truth(value: Any) -> bool:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false; {said(value)} came")
    return value


def one_of(*choices: str) -> Check:
    """One of a few words."""

    def check(value: Any) -> str:
        if value not in choices or not isinstance(value, str):
            raise ValueError(f"must be one of {', '.join(choices)}; {said(value)} came")
        return value

    return check


def or_null(check: Check) -> Check:
    """What `check` takes, or null."""
    return lambda value: None if value is None else check(value)


def model_name(value: Any) -> str:
    """A name of the catalogue."""
    if isinstance(value, str) and value in MODELS:
        return value
    near = difflib.get_close_matches(str(value)[:60], MODELS, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`python -m classifier models` lists them"
    raise ValueError(f"is no model of the catalogue: {said(value)}; {hint}")


def weights_source(value: Any) -> str:
    """ "default" (the published weights) or the path of a weights file."""
    if not isinstance(value, str) or not value or len(value) > 4096 or "\0" in value:
        raise ValueError(f"must be null, default or the path of a weights file; {said(value)} came")
    return value


def device_name(value: Any) -> str:
    """auto, cpu, mps, a GPU's number or cuda:N."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (text in ("auto", "cpu", "mps", "cuda") or text.removeprefix("cuda:").isdecimal()):
        raise ValueError(f"must be auto, cpu or a GPU's number; {said(value)} came")
    return text


AUGMENT_FIELDS: dict[str, Check] = {
    "flip": or_null(truth),
    "crop": or_null(number(0, 1, "0.08 to 0.9")),
    "rotate": or_null(number(0, 180, "0 to 15")),
    "color": or_null(number(0, 1, "0 to 0.4")),
    "erase": or_null(number(0, 1, "0 to 0.25")),
}


def augment_fields(value: Any) -> bool | dict[str, Any]:
    """True, false, or an object of AUGMENT_FIELDS (null there: picked by the data)."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, Mapping):
        raise ValueError(f"must be true, false or an object; {said(value)} came")
    clean: dict[str, Any] = {}
    for name, item in value.items():
        if name not in AUGMENT_FIELDS:
            raise ValueError(f"has no {said(name)}; it takes {', '.join(AUGMENT_FIELDS)}")
        try:
            clean[name] = AUGMENT_FIELDS[name](item)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
    return clean


@dataclass(frozen=True)
class Field:
    """One field as people meet it: what it is called, its unit, its usual range, and what it does."""

    label: str
    check: Check
    unit: str = ""
    usual: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


FIELDS: dict[str, Field] = {
    "model": Field("Model", model_name, help="the network to train"),
    "weights": Field("Weights", or_null(weights_source), help="what it starts from: nothing, the published weights, or a file"),
    "freeze": Field(
        "Freeze", or_null(one_of("backbone")), help="keep all but the last layer as the weights have it", choices=("backbone",)
    ),
    "image_size": Field(
        "Image size", or_null(whole(8, 1024, "32 to 384")), unit="pixels", usual="32 to 384", help="images are brought to this square"
    ),
    "most_images": Field(
        "Images, at most",
        or_null(whole(2, 10**9, "1,000 to 50,000")),
        unit="training images",
        usual="1,000 to 50,000",
        help="the same share of each class, and of validation and test images at least 500; empty: all",
    ),
    "epochs": Field("Epochs", whole(1, 100_000, "5 to 100"), usual="5 to 100", help="how often each training image is seen"),
    "batch_size": Field("Batch size", whole(1, 8192, "16 to 256"), unit="images", usual="16 to 256", help="images in one step"),
    "learning_rate": Field(
        "Learning rate",
        or_null(number(0, 100, "0.0001 to 0.1", above=True)),
        usual="0.0001 to 0.1",
        help="highest rate, after the warm-up; empty: picked by optimiser and batch size",
    ),
    "optimizer": Field("Optimiser", one_of(*OPTIMIZERS), help="AdamW forgives more, SGD can end higher", choices=OPTIMIZERS),
    "weight_decay": Field(
        "Weight decay",
        or_null(number(0, 10, "0.0001 to 0.05")),
        usual="0.0001 to 0.05",
        help="pulls weights to zero; never norms and biases",
    ),
    "momentum": Field("Momentum", number(0, 0.9999, "0.9"), usual="0.9", help="of SGD alone"),
    "warmup_epochs": Field(
        "Warm-up", or_null(number(0, 1000, "0 to 5")), unit="epochs", usual="0 to 5", help="the rate rises from zero over these"
    ),
    "label_smoothing": Field(
        "Label smoothing", number(0, 0.9, "0 to 0.1"), usual="0 to 0.1", help="takes this share of certainty from the true label"
    ),
    "augment": Field("Augmentation", augment_fields, help="random changes to training images; flips are off for small grey images"),
    "class_weights": Field(
        "Class weights", or_null(one_of("balanced")), help="balanced: rare classes count as much as common ones", choices=("balanced",)
    ),
    "early_stopping": Field(
        "Early stopping",
        or_null(whole(1, 10_000, "5 to 20")),
        unit="epochs",
        usual="5 to 20",
        help="stop after so many epochs without a better validation loss",
    ),
    "ema": Field(
        "Weight average",
        or_null(number(0, 0.99999, "0.99 to 0.9999", above=True)),
        usual="0.99 to 0.9999",
        help="validate and keep a moving average of the weights with this decay; empty: the weights themselves",
    ),
    "precision": Field(
        "Precision", one_of(*PRECISIONS), help="auto measures which is fastest; bf16 computes in half the bits", choices=PRECISIONS
    ),
    "on_nan": Field(
        "On divergence",
        one_of(*ON_NAN),
        help="when the loss is no number: stop, or go back to the last good checkpoint with half the rate, at most twice",
        choices=ON_NAN,
    ),
    "seed": Field("Seed", whole(0, 2**31 - 1), help="the same seed gives the same order and augmentation"),
    "device": Field("Device", device_name, help="auto takes a free GPU, else the processor"),
    "deterministic": Field("Deterministic", truth, help="bit for bit repeatable on one device; somewhat slower"),
}


@dataclass(frozen=True)
class TrainConfig:
    """What one training does. Null means: picked from model and data when it starts, and written into result.json."""

    model: str = "small_cnn"
    weights: str | None = None
    freeze: str | None = None
    image_size: int | None = None
    most_images: int | None = None
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float | None = None
    optimizer: str = "adamw"
    weight_decay: float | None = None
    momentum: float = 0.9
    warmup_epochs: float | None = None
    label_smoothing: float = 0.1
    augment: bool | dict[str, Any] = True
    class_weights: str | None = None
    early_stopping: int | None = None
    ema: float | None = None
    precision: str = "auto"
    on_nan: str = "stop"
    seed: int = 0
    device: str = "auto"
    deterministic: bool = False

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> TrainConfig:
        """The configuration of JSON values; raises ConfigError that names every wrong field."""
        wrong: dict[str, str] = {}
        clean: dict[str, Any] = {}
        for name, value in values.items():
            try:
                clean[name] = FIELDS[name].check(value)
            except KeyError:
                near = difflib.get_close_matches(str(name)[:60], FIELDS, n=1)
                wrong[str(name)[:60]] = f"is no field of the configuration{f'; did you mean {near[0]}?' if near else ''}"
            except ValueError as error:
                wrong[name] = str(error)
        config = cls(**clean)
        for name, text in together(config).items():
            wrong.setdefault(name, text)
        if wrong:
            raise ConfigError(wrong)
        return config

    def to_mapping(self) -> dict[str, Any]:
        """JSON values, every field."""
        return dataclasses.asdict(self)


def together(config: TrainConfig) -> dict[str, str]:
    """What is wrong with values that are right one by one: {field: sentence}."""
    wrong: dict[str, str] = {}
    entry = MODELS[config.model]
    if config.freeze and config.weights is None:
        wrong["freeze"] = "needs weights: a frozen backbone that never learnt anything cannot help; choose weights or freeze nothing"
    if config.image_size is not None and config.image_size < entry.min_size:
        wrong["image_size"] = f"must be at least {entry.min_size} for {config.model}; {config.image_size} came"
    if config.weights == "default" and entry.weights_file is None:
        wrong["weights"] = f"{config.model} has no published weights; choose null or a file"
    if config.batch_size == 1 and config.freeze is None:
        wrong["batch_size"] = "must be at least 2: batch normalisation needs more than one image a step; 1 came"
    if config.warmup_epochs is not None and config.warmup_epochs >= config.epochs:
        wrong["warmup_epochs"] = f"must be shorter than the training of {config.epochs} epochs; {config.warmup_epochs:g} came"
    return wrong
