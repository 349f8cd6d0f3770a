"""What differs in how experiments were made: fields of the configuration, the data, the versions it ran with. What is equal is not told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from classifier.spec.fields import FIELDS
from webapp.evaluations.comparing.costs import told
from webapp.experiments.entries import AUGMENTS
from webapp.experiments.models import Experiment
from webapp.experiments.weights import shown

NOTHING = "–"
VERSIONS = {
    "synset": "Synset",
    "engine": "Engine (hash of its source)",
    "python": "Python",
    "torch": "PyTorch",
    "torchvision": "torchvision",
    "processor": "Processor",
    "device": "Device",
}


class Difference(NamedTuple):
    """One line: a value for each experiment."""

    name: str
    label: str
    values: list[str]
    as_first: list[bool]  # whether it is the first one's


class Differences(NamedTuple):
    """What differs, how many fields are equal, and whether it is compared as it ran or as it was asked for."""

    rows: list[Difference]
    equal: int
    as_ran: bool


def differences(experiments: Sequence[Experiment]) -> Differences:
    """In the order of the configuration's fields; the data first, what it ran with last."""
    as_ran = all(each.resolved for each in experiments)
    configs = [flat((each.resolved if as_ran else None) or each.config) for each in experiments]
    names = ordered(configs)
    differing = [name for name in names if len({said(name, config.get(name)) for config in configs}) > 1]
    rows = [row("dataset", "Data", [f"{each.dataset.name} v{each.version.number}" for each in experiments])]
    rows += [row(name, label_of(name), [said(name, config.get(name)) for config in configs]) for name in differing]
    environments = [told(each, "run.json").get("environment") or {} for each in experiments]
    rows += [row(name, label, [str(each.get(name) or NOTHING) for each in environments]) for name, label in VERSIONS.items()]
    return Differences([each for each in rows if not all(each.as_first)], len(names) - len(differing), as_ran)


def row(name: str, label: str, values: list[str]) -> Difference:
    return Difference(name, label, values, [value == values[0] for value in values])


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Augmentations as fields of their own; what was left as it is has none of them."""
    augment = config.get("augment")
    single = {f"augment.{name}": value for name, value in augment.items()} if isinstance(augment, dict) else {}
    return {name: value for name, value in config.items() if not (name == "augment" and single)} | single


def ordered(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every field that one of them has, as the form has them, then what it does not know."""
    known = [*FIELDS, *(f"augment.{name}" for name in AUGMENTS)]
    there = {name for config in configs for name in config}
    return [name for name in known if name in there] + sorted(there - set(known))


def label_of(name: str) -> str:
    """As the launch form calls it, with its unit."""
    group, _, part = name.partition(".")
    field = FIELDS.get(group)
    label, unit = AUGMENTS[part][:2] if part in AUGMENTS else (field.label, field.unit) if field else (name, "")
    return f"{label}, {unit}" if unit else label


def said(name: str, value: Any) -> str:
    """A value as a page says it; of weights the name alone, without the server's folders."""
    if name == "weights":
        return shown(value)
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
