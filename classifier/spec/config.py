"""The one training configuration: form, API, CLI and tests all build it with `TrainConfig.from_mapping`.

A wrong value never becomes a configuration: every wrong field is named at once in a `ConfigError`.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.spec.augment_fields import AUGMENT_FIELDS
from classifier.spec.catalogue import MODELS
from classifier.spec.depth import frozen_of
from classifier.spec.errors import MOST_NAMED, ConfigError
from classifier.spec.fields import DEPTHS, FIELDS
from classifier.spec.folds import of_folds
from classifier.spec.growing import evaluation_size, size_of_the_first_epoch
from classifier.spec.schedules import impossible
from classifier.spec.sizes import in_broken_parts, too_small
from classifier.spec.stages import STAGES
from classifier.spec.words import plural

NOTHING_TO_GO_BY = "goes by validation images, of which these data have none; leave it empty, or give validation a share of the images"
USUAL_BATCH = 64  # images; what counts where the batch size is left open and nothing measures it


@dataclass(frozen=True)
class TrainConfig:
    """What one training does. Null means: picked from model and data when it starts, and written into result.json."""

    model: str = "small_cnn"
    weights: str | None = None
    freeze: str | float | None = None
    unfreeze: int | None = None
    layer_decay: float | None = None
    features: str | None = None
    finetune: int | None = None
    finetune_rate: float | None = None
    image_size: int | None = None
    first_size: int | None = None
    eval_size: int | None = None
    resize: str | None = None
    channels: str = "color"
    normalisation: str | None = None
    tta: str | None = None
    most_images: int | None = None
    folds: int = 0
    fold: int | None = None
    epochs: int = 10
    batch_size: int | None = USUAL_BATCH
    accumulate: int = 1
    learning_rate: float | None = None
    optimizer: str = "adamw"
    weight_decay: float | None = None
    clip_norm: float | None = None
    momentum: float = 0.9
    nesterov: bool = True
    warmup_epochs: float | None = None
    schedule: str = "cosine"
    decay_factor: float | None = None
    decay_epochs: float | None = None
    milestones: list[float] | None = None
    decay_power: float | None = None
    label_smoothing: float = 0.1
    augment: bool | dict[str, Any] = True
    loss: str = "cross_entropy"
    focal_gamma: float = 2.0
    class_weights: str | None = None
    sampling: str | None = None
    dropout: float | None = None
    stochastic_depth: float | None = None
    validate_every: float = 1
    snapshot_every: float = 1
    early_stopping: int | None = None
    min_change: float = 0.0
    ema: float | None = None
    swa_from: int | None = None
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
                wrong[str(name)[:60]] = unknown(str(name)[:60], guess=len(wrong) < MOST_NAMED)
            except ValueError as error:
                wrong[name] = str(error)
        config = cls(**clean)
        for name, text in together(config).items():
            wrong.setdefault(name, text)
        if wrong:
            raise ConfigError(wrong)
        return config

    @classmethod
    def kept(cls, values: Mapping[str, Any]) -> TrainConfig:
        """The configuration of a training that began earlier; raises ValueError or KeyError for what is none.

        Each value is checked by itself alone: what may not be together can have become more since then.
        """
        return cls(**{name: FIELDS[name].check(value) for name, value in values.items()})

    @property
    def head_alone(self) -> bool:
        """Whether nothing but the last layer ever learns."""
        return self.freeze == "backbone" and self.unfreeze is None

    @property
    def batch(self) -> int:
        """Images that go through the network at once; the usual number while that is still to be measured."""
        return self.batch_size or USUAL_BATCH

    @property
    def head_epochs(self) -> int:
        """Epochs before the fine-tuning; all of them where there is none."""
        return self.epochs - (self.finetune or 0)

    @property
    def on_features(self) -> bool:
        """Whether the head learns from features that were computed once, in place of images."""
        return self.features == "once"

    @property
    def pixels_change(self) -> str | None:
        """The first augmentation that was asked for by name and that features of an image and of its mirror cannot show."""
        asked = self.augment if isinstance(self.augment, dict) else {}
        named = (name for name, value in asked.items() if value and name not in ("magnitude", "flip", "crop"))
        return next(named, "crop" if asked.get("crop") not in (None, 0, 1) else None)

    @property
    def evaluated_at(self) -> int | None:
        """Pixels a side of the images that validation, test and predictions look at."""
        return self.eval_size or self.image_size

    def to_mapping(self) -> dict[str, Any]:
        """JSON values, every field."""
        return dataclasses.asdict(self)


def unknown(name: str, *, guess: bool) -> str:
    """What is wrong with a name that no field has, and where it belongs, as far as one can tell."""
    if name in AUGMENT_FIELDS:
        return f'is no field of the configuration but one of augment: augment={{"{name}": …}}'
    near = difflib.get_close_matches(name, FIELDS, n=1) if guess else []
    return f"is no field of the configuration{f'; did you mean {near[0]}?' if near else ''}"


def together(config: TrainConfig) -> dict[str, str]:
    """What is wrong with values that are right one by one: {field: sentence}."""
    wrong: dict[str, str] = {}
    entry = MODELS[config.model]
    if config.freeze and config.weights is None:
        wrong["freeze"] = "needs weights: a frozen backbone that never learnt anything cannot help; choose weights or freeze nothing"
    if config.unfreeze and config.freeze is None:
        wrong["unfreeze"] = "needs something frozen that can thaw: set freeze, or leave this empty"
    if config.layer_decay and config.head_alone and not config.finetune:
        wrong["layer_decay"] = "needs stages that learn: with a frozen backbone only the head does; freeze less, or leave this empty"
    wrong |= features_together(config)
    if (size := config.image_size) is not None and (words := too_small(config.model, size) or in_broken_parts(config.model, size)):
        wrong["image_size"] = words
    if config.weights == "default" and entry.weights_file is None:
        wrong["weights"] = f"{config.model} has no published weights: begin from scratch (null), or from a file"
    if config.layer_decay and config.optimizer == "muon":
        wrong["layer_decay"] = "cannot be with muon, whose steps have a length of their own; choose another optimizer, or leave this empty"
    if config.batch_size == 1 and (not config.head_alone or config.finetune):
        wrong["batch_size"] = "must be at least 2: batch normalisation needs more than one image a step; 1 came"
    if config.warmup_epochs is not None and config.warmup_epochs >= config.head_epochs:
        wrong["warmup_epochs"] = (
            f"must be shorter than the training of {plural(config.head_epochs, 'epoch')}; {config.warmup_epochs:g} came"
        )
    return (
        impossible(config)
        | batch_unmeasured(config)
        | frozen_too_deep(config)
        | twice_balanced(config)
        | without_depth(config)
        | of_averages(config)
        | of_validation(config)
        | features_together(config)
        | of_finetuning(config)
        | of_folds(config.folds, config.fold)
        | evaluation_size(config)
        | size_of_the_first_epoch(config)
        | wrong
    )


def batch_unmeasured(config: TrainConfig) -> dict[str, str]:
    """What is wrong with a batch size that is to be measured."""
    if config.batch_size is None and config.deterministic:
        return {"batch_size": "must be a number where a training is to repeat bit for bit: what is measured may differ the next time"}
    return {}


def frozen_too_deep(config: TrainConfig) -> dict[str, str]:
    """What is wrong with freezing more stages than the network has."""
    try:
        frozen_of(len(STAGES[config.model].backbone), config.freeze)
    except ConfigError as error:
        return error.fields
    return {}


def without_depth(config: TrainConfig) -> dict[str, str]:
    """What is wrong with a stochastic depth that the network cannot have."""
    if config.stochastic_depth and MODELS[config.model].family not in DEPTHS:
        families = ", ".join(DEPTHS)
        return {"stochastic_depth": f"must be empty: {config.model} has no blocks that it leaves out; there are such in {families}"}
    return {}


def of_averages(config: TrainConfig) -> dict[str, str]:
    """What is wrong with averages of the weights."""
    if config.swa_from and config.ema:
        return {"swa_from": "must be empty where the weights are averaged over steps already; choose one of the two"}
    if config.swa_from and config.swa_from >= config.epochs:
        return {"swa_from": f"must lie before the last of {plural(config.epochs, 'epoch')}; {config.swa_from} came"}
    return {}


def of_validation(config: TrainConfig) -> dict[str, str]:
    """What is wrong with how rarely is validated and kept."""
    if config.validate_every > config.epochs:
        return {"validate_every": f"must be at most the training's {plural(config.epochs, 'epoch')}; {config.validate_every:g} came"}
    if config.snapshot_every > config.epochs:
        return {"snapshot_every": f"must be at most the training's {plural(config.epochs, 'epoch')}; {config.snapshot_every:g} came"}
    if config.early_stopping is not None and config.early_stopping < config.validate_every:
        return {
            "early_stopping": f"must be at least {config.validate_every:g}, for only so often is validated; {config.early_stopping} came"
        }
    return {}


def twice_balanced(config: TrainConfig) -> dict[str, str]:
    """What is wrong with how uneven classes are treated."""
    if config.sampling and config.class_weights:
        return {"class_weights": "must be empty where images are sampled, which makes classes even already; choose one of the two"}
    return {}


def features_together(config: TrainConfig) -> dict[str, str]:
    """What cannot be where features are computed once."""
    if not config.on_features:
        return {}
    if not config.head_alone:
        why = "what still learns gives other features after each step; set freeze to backbone, thaw nothing"
        return {"features": f"needs a frozen backbone: {why}"}
    if config.first_size is not None:
        return {"first_size": "cannot be with features that are computed once: they have one size; leave it empty"}
    if (named := config.pixels_change) and not config.finetune:
        return {"augment": f"{named} cannot be with features that are computed once: all that they may show besides is the mirror (flip)"}
    return {}


def of_finetuning(config: TrainConfig) -> dict[str, str]:
    """What cannot be where the whole network learns for the last epochs, after its head alone did."""
    if config.finetune is None:
        return {}
    if not config.head_alone:
        return {"finetune": "follows a training of the head alone: set freeze to backbone and thaw nothing, or leave this empty"}
    if config.finetune >= config.epochs:
        return {"finetune": f"must be fewer than all {config.epochs} epochs: the head learns alone in those before; {config.finetune} came"}
    if config.swa_from:
        return {"swa_from": "cannot be with fine-tuning, which ends on a rate of almost zero; use ema, or leave it empty"}
    return {}
