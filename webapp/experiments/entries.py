"""The launch form's fields as a template draws them, from the engine's own table of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from classifier.spec import bundled
from classifier.spec.augment_fields import AUGMENT_FIELDS
from classifier.spec.catalogue import MODELS, ModelEntry
from classifier.spec.checks import MOST_FOLDS
from classifier.spec.fields import FIELDS
from webapp.accounts.models import Team
from webapp.experiments import weights

AUTOMATIC = "automatic"
FIXED_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "folds": (("0", "off"), *((str(number), f"{number} folds") for number in range(2, MOST_FOLDS + 1))),
    "fold": (("", "all of them"), *((str(number), f"fold {number} alone") for number in range(1, MOST_FOLDS + 1))),
    "freeze": (
        ("", "nothing"),
        ("0.25", "the first quarter of its stages"),
        ("0.5", "the first half of its stages"),
        ("0.75", "the first three quarters"),
        ("backbone", "all but the last layer"),
    ),
    "features": (("", "automatic"), ("once", "computed once, without augmentation"), ("each", "anew in each step, with it")),
    "optimizer": (
        ("adamw", "AdamW"),
        ("sgd", "SGD"),
        ("adam", "Adam"),
        ("nadam", "NAdam"),
        ("radam", "RAdam"),
        ("adagrad", "Adagrad"),
        ("adadelta", "Adadelta"),
        ("rmsprop", "RMSprop"),
        ("muon", "Muon with AdamW"),
    ),
    "loss": (("cross_entropy", "cross-entropy"), ("focal", "focal"), ("binary", "binary")),
    "sampling": (("", "as they are"), ("over", "rare classes more often"), ("under", "common classes less often")),
    "schedule": (
        ("cosine", "cosine"),
        ("fixed", "fixed"),
        ("step", "step"),
        ("multi_step", "multi-step"),
        ("exponential", "exponential"),
        ("inverse", "inverse"),
        ("polynomial", "polynomial"),
        ("one_cycle", "one cycle"),
        ("plateau", "on a plateau"),
    ),
    "nesterov": (("true", "yes"), ("false", "no")),
    "class_weights": (("", "none"), ("balanced", "balanced"), ("effective", "by effective number")),
    "resize": (
        ("", "by the data"),
        ("squash", "squash"),
        ("crop", "crop the middle"),
        ("fill", "fill with black"),
        ("half_crop", "half crop, half fill"),
    ),
    "channels": (("color", "colour"), ("grey", "grey")),
    "normalisation": (("", "by the model"), ("imagenet", "ImageNet's"), ("data", "of the training images")),
    "tta": (("", "the image alone"), ("flip", "with its mirror image"), ("ten_crop", "ten crops")),
    "precision": (("auto", "measured"), ("fp32", "fp32"), ("bf16", "bf16")),
    "on_nan": (("stop", "stop"), ("go_back", "go back, half the rate")),
    "deterministic": (("", "no"), ("true", "yes")),
    "augment": (("true", "on"), ("false", "off")),
    "flip": (("", "by the data"), ("true", "left and right"), ("false", "never")),
    "policy": (("", "none"), ("randaugment", "RandAugment"), ("trivialaugment", "TrivialAugment"), ("augmix", "AugMix")),
    "flip_vertical": (("", "never"), ("true", "half of the images")),
}
AUGMENTS = {  # how AUGMENT_FIELDS are called, with unit and usual range
    "flip": ("Flip", "", ""),
    "crop": ("Random crop, least share", "", "0.08 to 0.9"),
    "rotate": ("Rotation, up to", "degrees", "0 to 15"),
    "color": ("Colour change, up to", "", "0 to 0.4"),
    "erase": ("Erased patches, chance", "", "0 to 0.25"),
    "flip_vertical": ("Flip up and down", "", ""),
    "scale": ("Zoom, up to ±", "", "0 to 0.3"),
    "blur": ("Blur, up to", "pixels", "0 to 2"),
    "noise": ("Noise, up to", "", "0 to 0.1"),
    "policy": ("Policy", "", ""),
    "magnitude": ("Magnitude of RandAugment", "of 30", "5 to 15"),
    "mixup": ("MixUp, alpha", "", "0.1 to 0.4"),
    "cutmix": ("CutMix, alpha", "", "0.5 to 1"),
}
WHEN_LEFT_OUT = {
    "accumulate": "1",
    "validate_every": "1",
    "snapshot_every": "1",
    "focal_gamma": "2",
    "min_change": "0",
}  # numbers that a field means when it is empty
UNUSED = {"finetune_rate": "no fine-tuning"}  # what picks nothing and is no part of a schedule
MORE_AUGMENTS = frozenset(AUGMENTS) - {"flip", "crop", "rotate", "color", "erase"}  # off unless asked for; one fold deeper
assert AUGMENTS.keys() == AUGMENT_FIELDS.keys()
NAMES = [name for name in FIELDS if name != "augment"] + ["augment", *AUGMENTS]


class Option(NamedTuple):
    """One line of a list."""

    value: str
    text: str
    data: str = ""  # for launch.js: what the page shows once it is chosen


@dataclass
class Entry:
    """One field: label above, unit and usual range below, the error in their place."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    help: str = ""
    error: str = ""
    placeholder: str = ""
    options: list[Option] = field(default_factory=list)
    groups: list[tuple[str, list[Option]]] = field(default_factory=list)
    numeric: bool = False

    @property
    def explains(self) -> bool:
        """Whether there is more to say than its hint does."""
        return bool(self.help) and self.help != self.hint


def text_of(value: Any) -> str:
    """A configuration's value as its field shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(text_of, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def sentence(words: str) -> str:
    """A check's words as a sentence of its own."""
    return words[:1].upper() + words[1:] + ("" if words.endswith(("?", ".")) else ".")


def entry_for(name: str, value: str, error: str, team: Team) -> Entry:
    """The entry of any field."""
    label, unit, usual, help_text = described(name)
    hint = " · ".join(part for part in (unit, f"usual {usual}" if usual else "") if part)
    entry = Entry(name, label, value, hint or help_text, help_text, sentence(error) if error else "")
    if name in FIXED_CHOICES:
        entry.options = [Option(*pair) for pair in FIXED_CHOICES[name]]
    elif name == "model":
        entry.groups, entry.hint = model_groups(), model_words(MODELS[value]) if value in MODELS else help_text
    elif name == "weights":
        entry.options = weights_options(team)
    elif name == "device":
        entry.options = [Option("auto", "a free GPU, else the processor"), Option("cpu", "the processor")]
    else:
        entry.numeric, entry.placeholder = True, placeholder(name)
    keep_value(entry)
    return entry


def keep_value(entry: Entry) -> None:
    """A chosen value that the list lacks stays to be seen, with its error beside it."""
    known = [option.value for option in entry.options] + [option.value for _, group in entry.groups for option in group]
    if known and entry.value not in known:
        entry.options = [*entry.options, Option(entry.value, entry.value[:80])]


def described(name: str) -> tuple[str, str, str, str]:
    """Label, unit, usual range and help."""
    if name in AUGMENTS:
        return *AUGMENTS[name], ""
    field_ = FIELDS[name]
    return field_.label, field_.unit, field_.usual, field_.help


def placeholder(name: str) -> str:
    """What an empty field means; nothing where it may not be empty."""
    if name in AUGMENTS:
        return "9" if name == "magnitude" else "off" if name in MORE_AUGMENTS else "by the data"
    if name in ("early_stopping", "ema", "swa_from", "clip_norm", "unfreeze", "layer_decay", "finetune"):
        return "off"
    if name in WHEN_LEFT_OUT:
        return WHEN_LEFT_OUT[name]
    if name in ("dropout", "stochastic_depth"):
        return "as published"
    if name in ("eval_size", "first_size"):
        return "the image size"
    if name == "most_images":
        return "all"
    return AUTOMATIC if takes_null(name) else ""


def takes_null(name: str) -> bool:
    """Whether the field may be left empty."""
    try:
        return FIELDS[name].check(None) is None
    except ValueError:
        return False


def weights_options(team: Team) -> list[Option]:
    """Nothing, the published weights, this machine's files and the team's runs."""
    first = [Option("", "none, from scratch"), Option("default", "published (ImageNet)")]
    return first + [Option(choice.value, choice.text, choice.model) for choice in weights.choices(team)]


def model_words(entry: ModelEntry) -> str:
    """ "11.7 M parameters · 1.81 GFLOPs · published top-1 69.8 %"."""
    size = entry.parameters
    parts = [f"{size / 1e6:.1f} M parameters" if size >= 1e6 else f"{size / 1e3:.0f} k parameters"]
    parts += [] if entry.gflops is None else [f"{entry.gflops:.3g} GFLOPs"]
    parts += ["no published weights"] if entry.top1 is None else [f"published top-1 {entry.top1:.1f} %"]
    parts += ["weights come with Synset"] if entry.name == bundled.MODEL and bundled.bundled_file() else []
    return " · ".join(parts)


def model_groups() -> list[tuple[str, list[Option]]]:
    """Every network of the catalogue by family; small_cnn stands first."""
    return [(family, [Option(e.name, e.name, model_words(e)) for e in entries]) for family, entries in by_family(MODELS.values())]


def by_family(entries: Iterable[ModelEntry]) -> Iterable[tuple[str, list[ModelEntry]]]:
    """The entries in runs of one family."""
    for family, group in groupby(entries, key=lambda entry: entry.family):
        yield family, list(group)


def entries(values: Mapping[str, str], errors: Mapping[str, str], picked: Mapping[str, str], team: Team) -> dict[str, Entry]:
    """Every field of the configuration, by name; `picked` are the values that some get when they stay empty."""
    drawn = {name: entry_for(name, values.get(name, ""), errors.get(name, ""), team) for name in NAMES}
    for name, text in picked.items():
        drawn[name].placeholder = f"picked: {text}" if text else UNUSED.get(name, "not used")
    return drawn


def by_entry(fields: Mapping[str, str]) -> dict[str, str]:
    """Errors by the field that shows them: one about a detail of the augmentation begins with the detail's name."""
    shown = dict(fields)
    detail, _, words = shown.get("augment", "").partition(" ")
    if detail in AUGMENT_FIELDS:
        shown[detail] = words
        del shown["augment"]
    return shown
