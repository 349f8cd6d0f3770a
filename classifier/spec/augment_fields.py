"""The fields of the configuration's `augment`, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifier.spec.checks import Check, number, one_of, or_null, said, truth

POLICIES = ("randaugment", "trivialaugment", "augmix")

AUGMENT_FIELDS: dict[str, Check] = {
    "flip": or_null(truth),
    "crop": or_null(number(0, 1, "0.08 to 0.9")),
    "rotate": or_null(number(0, 180, "0 to 15")),
    "color": or_null(number(0, 1, "0 to 0.4")),
    "erase": or_null(number(0, 1, "0 to 0.25")),
    "flip_vertical": or_null(truth),
    "scale": or_null(number(0, 0.9, "0 to 0.3")),
    "blur": or_null(number(0, 10, "0 to 2")),
    "noise": or_null(number(0, 1, "0 to 0.1")),
    "policy": or_null(one_of(*POLICIES)),
    "magnitude": or_null(number(0, 30, "5 to 15")),
    "mixup": or_null(number(0, 10, "0.1 to 0.4")),
    "cutmix": or_null(number(0, 10, "0.5 to 1")),
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
