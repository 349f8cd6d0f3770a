"""The picture of what is frozen: a network's stages from the image to the head, which of them learn, when, and how fast."""

from __future__ import annotations

from typing import NamedTuple

from classifier.spec.config import TrainConfig
from classifier.spec.depth import frozen_of, share_at, thaws_in
from classifier.spec.errors import ConfigError
from classifier.spec.stages import STAGES
from webapp.core.words import percent, plural

THOUSAND, MILLION = 1_000, 1_000_000


class Stage(NamedTuple):
    """One step of the network's depth; `state`: frozen, thaws or learns."""

    name: str
    size: str
    state: str
    words: str
    rate: str


class Picture(NamedTuple):
    """The row of stages, and a sentence that says the same in all."""

    stages: list[Stage]
    summary: str


def picture(config: TrainConfig, classes: int) -> Picture | None:
    """Of the values that stand in the form; None where they freeze more stages than there are."""
    known = STAGES[config.model]
    count = len(known.backbone)
    try:
        frozen = frozen_of(count, config.freeze)
    except ConfigError:
        return None
    sizes = [size for _, size in known.backbone]
    stages = [stage(config, name, size, place, frozen, count) for place, (name, size) in enumerate(known.backbone)]
    head = round(known.head * classes / 1000)
    stages.append(Stage("head", numbers(head), "learns", "learns", rate_words(0, config.layer_decay)))
    return Picture(stages, summary(config, frozen, count, sum(sizes[:frozen]), sum(sizes) + head))


def stage(config: TrainConfig, name: str, size: int, place: int, frozen: int, count: int) -> Stage:
    """The stage at that place of so many, of which the first `frozen` begin frozen."""
    thaws = tuned_from(config) if place < frozen else None
    thaws = thaws or thaws_in(place, frozen, config.unfreeze)
    if thaws is None or thaws > config.epochs:
        return Stage(short(name), numbers(size), "frozen", "frozen", "")
    state, words = ("learns", "learns") if thaws == 1 else ("thaws", f"epoch {thaws} on")
    return Stage(short(name), numbers(size), state, words, rate_words(count - place, config.layer_decay))


def tuned_from(config: TrainConfig) -> int | None:
    """The first epoch of a fine-tuning, in which all of the network learns after its head alone did; None where there is none."""
    tuned = config.head_alone and config.finetune and config.finetune < config.epochs
    return config.head_epochs + 1 if tuned else None


def rate_words(depth: int, layer_decay: float | None) -> str:
    """The share of the rate at that depth; nothing where all learn alike."""
    return "" if layer_decay is None else f"rate × {share_at(depth, layer_decay):.2g}"


def short(name: str) -> str:
    """ "encoder.layers.encoder_layer_3" → "layer 3", "features.denseblock1" → "denseblock1", "features.4" → "features 4"."""
    room, _, last = name.rpartition(".")
    if last.isdecimal():
        return f"{room.rpartition('.')[2]} {last}".strip()
    return last.removeprefix("encoder_").replace("_", " ")


def numbers(size: int) -> str:
    """11_689_512 → "11.7 M"."""
    if size < THOUSAND:
        return str(size)
    scaled, unit = (size / MILLION, "M") if size >= MILLION else (size / THOUSAND, "k")
    return f"{scaled:.3g} {unit}" if scaled < THOUSAND else f"{scaled:.0f} {unit}"


def summary(config: TrainConfig, frozen: int, count: int, held: int, whole: int) -> str:
    """What the row shows, in a sentence or two."""
    if not frozen:
        slower = ", slower the nearer to the image" if config.layer_decay else ""
        return f"All {count} stages and the head learn{slower}: {numbers(whole)} numbers."
    share = percent(held / whole, 0 if held / whole < 0.99 else 1)  # never "100 %" while something learns
    begun = f"All {count} stages" if frozen == count else f"{frozen} of {count} stages"
    of = f"as the weights have them: {numbers(held)} of {numbers(whole)} numbers ({share})."
    if tuned := tuned_from(config):
        return f"{begun} begin {of} From epoch {tuned} on all of the network learns, from the best head so far."
    if config.unfreeze is None:
        return f"{begun} stay {of}"
    first, last = (thaws_in(place, frozen, config.unfreeze) for place in (frozen - 1, 0))
    if first is None or first > config.epochs:
        return f"{begun} stay {of} None thaws within {plural(config.epochs, 'epoch')}."
    until = f", the first in epoch {last}" if last is not None and last <= config.epochs else ""
    return f"{begun} begin {of} They thaw from the last on, beginning in epoch {first}{until}."
