"""The launch form: texts as they were typed, the configuration they mean, and what is wrong with them by field."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from classifier.spec.checks import MOST_FOLDS
from classifier.spec.config import TrainConfig
from classifier.spec.defaults import PICKED
from classifier.spec.errors import ConfigError
from classifier.spec.fields import FIELDS
from webapp.accounts.actor import Actor
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.ids import is_id
from webapp.core.texts import trouble
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import datasets, offered, versions_of
from webapp.experiments import actions, fold_launch
from webapp.experiments.entries import AUGMENTS, MORE_AUGMENTS, NAMES, Entry, by_entry, entries, sentence, text_of
from webapp.experiments.leaks import gate
from webapp.experiments.models import Experiment
from webapp.experiments.unfit import unfit

LEAKS_SEEN = "leaks_seen"  # the dataset of which the one who launches knows that test images stand in train
WORDS = {  # fields whose value is a word
    *("model", "weights", "features", "optimizer", "class_weights", "device", "precision", "on_nan", "schedule", "loss"),
    *("sampling", "resize", "channels", "normalisation", "tta"),
}
FOLDED = {
    "features",
    "finetune",
    "finetune_rate",
    "unfreeze",
    "layer_decay",
    "first_size",
    "eval_size",
    "resize",
    "channels",
    "normalisation",
    "tta",
    "most_images",
    "folds",
    "fold",
    "class_weights",
    "sampling",
    "loss",
    "focal_gamma",
    "dropout",
    "stochastic_depth",
    "validate_every",
    "snapshot_every",
    "early_stopping",
    "min_change",
    "weight_decay",
    "label_smoothing",
    "warmup_epochs",
    "schedule",
    "decay_factor",
    "decay_epochs",
    "milestones",
    "decay_power",
    "accumulate",
    "clip_norm",
    "momentum",
    "nesterov",
    "ema",
    "swa_from",
    "precision",
    "on_nan",
    "seed",
    "deterministic",
}
ALWAYS = {
    "precision": "auto",
    "on_nan": "stop",
    "schedule": "cosine",
    "accumulate": 1,
    "validate_every": 1,
    "snapshot_every": 1,
    "nesterov": True,
    "loss": "cross_entropy",
    "focal_gamma": 2.0,
    "min_change": 0.0,
    "folds": 0,
    "channels": "color",
}  # of fields that a form may leave out
TRUTHS = {"true": True, "false": False}
MOST_DATASETS = 200
MOST_OLDER = 500  # versions before the newest ones
BY_LINK = {
    "batch_size",
    "accumulate",
    "image_size",
    "on_nan",
    "epochs",
    "learning_rate",
    "weight_decay",
    "class_weights",
    "early_stopping",
    "augment",
    "rotate",
    "color",
    "erase",
}


def number(text: str) -> Any:
    """The number that was typed; anything else stays text, which the field's check then names."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def value_of(name: str, text: str) -> Any:
    """The JSON value that a field's text means; empty is null."""
    text = text.strip()
    if name == "deterministic":
        return text == "true"
    if text == "":
        return ALWAYS.get(name)
    return text if name in WORDS else TRUTHS.get(text, number(text))


def picked_words(value: Any) -> str:
    """What an empty field becomes, as its placeholder says it; nothing where it is not used."""
    if value is None:
        return ""
    return ", ".join(f"{item:.3g}" for item in value) if isinstance(value, list) else f"{value:.3g}"


def augment_of(texts: Mapping[str, str]) -> bool | dict[str, Any]:
    """The augmentation switch with the details that were filled in."""
    if texts.get("augment") == "false":
        return False
    given = {name: value_of(name, texts.get(name, "")) for name in AUGMENTS}
    return {name: value for name, value in given.items() if value is not None} or True


def config_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """The configuration that the form's texts mean."""
    values = {name: value_of(name, texts.get(name, "")) for name in FIELDS if name != "augment"}
    return values | {"augment": augment_of(texts)}


def texts_of(config: Mapping[str, Any]) -> dict[str, str]:
    """The texts that show a configuration."""
    texts = {name: text_of(value) for name, value in config.items() if name != "augment"}
    texts["deterministic"] = "true" if config.get("deterministic") else ""
    augment = config.get("augment", True)
    texts["augment"] = "false" if augment is False else "true"
    details = augment if isinstance(augment, dict) else {}
    return texts | {name: text_of(details.get(name)) for name in AUGMENTS}


class LaunchForm:
    """What one person is about to launch. `texts` are the fields as typed; nothing of them is lost when something is wrong."""

    def __init__(self, actor: Actor, texts: Mapping[str, str]) -> None:
        self.actor, self.texts = actor, {name: str(text)[:5000] for name, text in texts.items()}
        self.errors: dict[str, str] = {}

    @cached_property
    def versions(self) -> dict[str, DatasetVersion]:
        """{dataset id: newest sealed version} of the datasets that are offered; read when it is needed, since each names its classes."""
        return versions_of(datasets(self.actor.team, limit=MOST_DATASETS))

    @classmethod
    def starting(cls, actor: Actor, config: Mapping[str, Any], dataset_id: str, name: str) -> LaunchForm:
        """A form filled from a configuration."""
        whole = TrainConfig().to_mapping() | dict(config)
        return cls(actor, texts_of(whole) | {"dataset": dataset_id, "name": name})

    def changed(self, wanted: Mapping[str, str]) -> LaunchForm:
        """The same form with those fields that a link may fill in; what is wrong with them is named as if it had been typed."""
        changes = {name: text[:100] for name, text in wanted.items() if name in BY_LINK}
        self.texts |= changes
        if changes:
            self.check()
        return self

    @property
    def version(self) -> DatasetVersion | None:
        """The chosen sealed version of the chosen dataset, its newest where none was chosen; None where there is no such."""
        newest, number = self.versions.get(self.texts.get("dataset", "")), self.texts.get("version", "").strip()
        if newest is None or number in ("", str(newest.number)):
            return newest
        return next((version for version in self.older if (version.dataset_id, str(version.number)) == (newest.dataset_id, number)), None)

    @cached_property
    def older(self) -> list[DatasetVersion]:
        """The sealed versions before the newest ones, by dataset, the newest first."""
        several = [version.dataset_id for version in self.versions.values() if version.number > 1]
        rows = DatasetVersion.objects.filter(dataset__in=several, ready=True).select_related("dataset").order_by("dataset", "-number")
        newest = {version.pk for version in self.versions.values()}
        return [version for version in rows[:MOST_OLDER] if version.pk not in newest] if several else []

    @property
    def name(self) -> str:
        """What the experiment is called; model and dataset when nothing was typed."""
        typed = self.texts.get("name", "").strip()
        made = f"{self.texts.get('model', '')[:40]} on {self.version.dataset.name if self.version else 'data'}"
        return typed or made[: fold_launch.longest_name(MOST_FOLDS)]

    def check(self) -> TrainConfig | None:
        """Fills `errors`, and gives the configuration when there are none."""
        self.errors = {name: words for name, text in self.texts.items() if (words := trouble(text))}
        if self.texts.get("dataset", "") in self.versions and not self.version:
            self.errors.setdefault("version", "names no sealed version of this dataset; choose one from the list")
        elif not self.version:
            self.errors.setdefault("dataset", self.why_not())
        try:
            values, _ = actions.checked(self.actor, self.name, config_of(self.texts))
        except ConfigError as error:
            self.errors |= by_entry(error.fields)
            return None
        self.errors |= by_entry(unfit(self.version, values)) if self.version else {}
        return None if self.errors else TrainConfig(**values)

    def why_not(self) -> str:
        """Why the chosen dataset cannot be trained on."""
        id = self.texts.get("dataset", "")
        found = offered(self.actor.team, archived=True).filter(pk=id).first() if is_id(id) else None
        archived = "is archived; take it out of the archive first, or choose another dataset"
        return f"{found.name} {archived}" if found else "choose a dataset whose import is done"

    def understood(self, *names: str) -> dict[str, Any]:
        """The values of those fields that are right by themselves."""
        values = {}
        for name in names:
            with suppress(ValueError):
                values[name] = FIELDS[name].check(value_of(name, self.texts.get(name, "")))
        return values

    @property
    def draft(self) -> TrainConfig:
        """The fields that are right by themselves; the rest as if nobody had touched them."""
        return TrainConfig(**self.understood(*(name for name in FIELDS if name != "augment")))

    def launch(self) -> Experiment | None:
        """The queued experiment, or None with `errors` filled."""
        if self.check() is None or self.version is None:
            return None
        config = config_of(self.texts)
        if (closed := gate(self.version, config["folds"] or 0)).words and self.texts.get(LEAKS_SEEN) != self.texts["dataset"]:
            self.errors["leaks"] = f"{closed.words}, so that its {closed.spoils} will look too good. Take them out, or tick that you know"
            return None
        try:
            key = kept_key(self.texts.get(FIELD, ""), self.version.pk, self.name, config)
            launch = fold_launch.launch if config["folds"] and config["fold"] is None else actions.launch
            return launch(self.actor, self.dataset, self.name, config, self.version, key=key)
        except ConfigError as error:
            self.errors |= by_entry(error.fields)
            return None

    @property
    def dataset(self) -> Dataset:
        """The chosen dataset; only where there is a version."""
        assert self.version is not None
        return self.version.dataset

    @property
    def entries(self) -> dict[str, Entry]:
        """The fields as the template draws them."""
        draft = self.draft
        picked = {name: picked_words(pick(draft)) for name, pick in PICKED.items()}
        picked["learning_rate"] += "" if draft.batch_size else f" at batches of {draft.batch}"
        return entries(self.texts, self.errors, picked, self.actor.team)

    @property
    def more_wrong(self) -> bool:
        """Whether something in the fold is wrong, so that it stands open."""
        return bool(FOLDED & self.errors.keys())

    @property
    def augment_open(self) -> bool:
        """Whether something in the fold of the rarer augmentations is wrong or filled in, so that it stands open."""
        return any(self.errors.get(name) or self.texts.get(name) for name in MORE_AUGMENTS)

    @property
    def other_errors(self) -> dict[str, str]:
        """Errors of the fields outside the configuration, as sentences."""
        return {name: sentence(text) for name, text in self.errors.items() if name not in NAMES}
